from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from eligibility import services
from eligibility.models import Membership
from tests.eligibility.factories import MembershipFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def elsewhere(work) -> str:
    """Run `work` in a transaction of another connection: "done", or "waits" when it is blocked."""

    def run() -> str:
        try:
            with transaction.atomic():
                work()
        except OperationalError:
            return "waits"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(run).result(timeout=30)


def write_to(membership):
    return lambda: Membership.objects.select_for_update(no_key=True, nowait=True).get(
        pk=membership.pk
    )


def test_shared_membership_makes_a_suspension_wait_and_no_other_request():
    membership = MembershipFactory()

    with transaction.atomic():
        services.share_membership(entity_id=membership.entity_id)
        suspension = elsewhere(write_to(membership))
        request = elsewhere(lambda: services.share_membership(entity_id=membership.entity_id))

    assert (suspension, request) == ("waits", "done")


def test_membership_nobody_shares_makes_nobody_wait():
    membership = MembershipFactory()

    with transaction.atomic():
        suspension = elsewhere(write_to(membership))

    assert suspension == "done"

"""Files of grants that several persons send at the same moment."""

import threading

import pytest
from django.db import connection

from eligibility.models import Parameter
from quotas import services
from quotas.rules import GrantLine
from tests.eligibility.factories import (
    CellFactory,
    ProgrammeRoleFactory,
)
from tests.quotas.checks import balances
from tests.quotas.factories import (
    LONG_AGO,
    EnvelopeFactory,
)
from tests.quotas.grant_lines import PERIOD, allowance, ceiling, line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def threshold():
    """A second person from 1,000 km²."""
    names = {"name_fr": "Seuil", "name_en": "Threshold", "valid_from": LONG_AGO, "source": "test"}
    for unit, amount in (("km2", 1000), ("eur", 5000)):
        Parameter.objects.create(
            code=f"second-person-from-{unit}", unit=unit, amount=amount, **names
        )


def at_once(files: list[list[GrantLine]]) -> list[str]:
    """What each of several persons is answered who send their lines at the same moment."""
    people = [ProgrammeRoleFactory(role="secretariat").user for _ in files]
    barrier, answers = threading.Barrier(len(files)), []

    def send(user, lines):
        try:
            barrier.wait()
            services.propose_grants(user=user, lines=lines)
            answers.append("granted")
        except services.QuotaRefused as refused:
            answers.extend(refused.codes)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(people, files, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_two_who_send_the_same_lines_at_once_grant_them_once():
    envelope = allowance()

    answers = at_once([[line(envelope)]] * 4)

    assert answers == [*["file_granted_already"] * 3, "granted"]
    assert balances(envelope) == (10, 0, 0)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_files_sent_at_once_do_not_pass_the_ceiling_together():
    contract = ceiling(amount=100)
    one = EnvelopeFactory(contract=contract, **PERIOD)
    two = EnvelopeFactory(cell=CellFactory(code="two"), contract=contract, **PERIOD)

    answers = at_once([[line(one, 60)], [line(two, 61)]])

    assert answers == ["granted", "supply_ceiling_exceeded"]
    assert sum(balances(each)[0] for each in (one, two)) in (60, 61)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_files_in_opposite_orders_all_end():
    envelopes = [allowance(n) for n in range(3)]
    there = [line(each, number=n) for n, each in enumerate(envelopes, 2)]
    back = [line(each, 20, number=n) for n, each in enumerate(reversed(envelopes), 2)]

    answers = at_once([there, back])

    assert answers == ["granted", "granted"]
    assert [balances(each)[0] for each in envelopes] == [30, 30, 30]

"""Licences renewed together: each once, whatever is sent twice, with how far it is."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from licences import renewals, services
from licences.models import Licence, Renewal, Renewals
from licences.renewals import RENEW_TOPIC, Progress
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import AffiliationFactory, ProgrammeRoleFactory
from tests.licences.factories import issued

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("storage")]

TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=30)


@pytest.fixture
def secretary():
    return ProgrammeRoleFactory(role="secretariat").user


def renew_all(user, decision=None, ends_by=SOON):
    return renewals.renew_all(
        kind="pleiades_institutional", ends_by=ends_by, user=user, decision=decision or uuid4()
    )


def test_those_that_end_by_the_day_are_renewed_each_once(secretary):
    ending = [issued(valid_until=SOON - timedelta(days=n)) for n in range(3)]
    issued(valid_until=SOON + timedelta(days=1))
    issued(valid_from=TODAY - timedelta(days=9), valid_until=TODAY - timedelta(days=1))
    issued()

    decided = renew_all(secretary)
    outbox.drain(HANDLERS)

    assert renewals.progress_of(decided) == Progress(
        total=3, done=3, refused=0, printed=3, given_up=0
    )
    assert renewals.progress_of(decided).is_over
    states = Licence.objects.filter(pk__in=[each.pk for each in ending]).values_list(
        "state", flat=True
    )
    assert list(states) == ["superseded"] * 3


def test_they_are_counted_first(client, secretary):
    for _ in range(2):
        issued(valid_until=SOON)
    client.force_login(secretary)

    page = client.post(
        reverse("licences:renewals_new"),
        posted() | {"count": "1"},
        headers={"accept-language": "en"},
    )

    assert "2 licences of this kind end by" in page.text
    assert not Renewals.objects.exists()


def test_progress_is_told_while_it_goes(secretary):
    for _ in range(2):
        issued(valid_until=SOON)
    decided = renew_all(secretary)
    assert renewals.progress_of(decided) == Progress(
        total=2, done=0, refused=0, printed=0, given_up=0
    )

    renewals.renew_one({"renewal_id": Renewal.objects.first().pk})

    assert renewals.progress_of(decided) == Progress(
        total=2, done=1, refused=0, printed=0, given_up=0
    )
    assert not renewals.progress_of(decided).is_over


def test_what_was_done_is_not_done_again(secretary):
    issued(valid_until=SOON)
    renew_all(secretary)
    payload = {"renewal_id": Renewal.objects.get().pk}

    renewals.renew_one(payload)
    renewals.renew_one(payload)

    assert Licence.objects.count() == 2


def test_killed_between_licence_and_its_note_finds_it_again(secretary, monkeypatch):
    issued(valid_until=SOON)
    renew_all(secretary)
    payload = {"renewal_id": Renewal.objects.get().pk}

    class Killed(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Renewal, "save", die)
        with pytest.raises(Killed):
            renewals.renew_one(payload)
    renewals.renew_one(payload)

    assert Licence.objects.count() == 2
    assert Renewal.objects.get().renewed is not None


def test_licence_revoked_meanwhile_is_told_with_its_reason(secretary):
    licence = issued(valid_until=SOON)
    decided = renew_all(secretary)
    with transaction.atomic():
        services.revoke(request_number=licence.request_number, reason="rescind", decision=uuid4())

    outbox.drain(HANDLERS)

    assert renewals.progress_of(decided) == Progress(
        total=1, done=0, refused=1, printed=0, given_up=0
    )
    assert licence.number in Renewal.objects.get().refusal


def test_one_given_up_ends_the_progress(secretary):
    issued(valid_until=SOON)
    decided = renew_all(secretary)
    OutboxMessage.objects.filter(topic=RENEW_TOPIC).update(state="dead")

    progress = renewals.progress_of(decided)

    assert (progress.given_up, progress.is_over) == (1, True)


def test_decision_sent_twice_is_one(secretary):
    issued(valid_until=SOON)
    decision = uuid4()

    assert renew_all(secretary, decision) == renew_all(secretary, decision)

    assert OutboxMessage.objects.filter(topic=RENEW_TOPIC).count() == 1


def test_nothing_to_renew_is_said(secretary):
    with pytest.raises(renewals.NothingToRenew) as refused:
        renew_all(secretary)

    assert refused.value.codes == ("nothing_to_renew",)
    assert not Renewals.objects.exists()


# --- Pages ----------------------------------------------------------------------------------------


def posted():
    return {
        "decision": str(uuid4()),
        "kind": "pleiades_institutional",
        "ends_by": SOON.isoformat(),
    }


def test_secretariat_renews_and_watches(client, secretary):
    issued(valid_until=SOON)
    client.force_login(secretary)

    page = client.post(reverse("licences:renewals_new"), posted(), follow=True)
    part = client.get(Renewals.objects.get().get_absolute_url(), headers={"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in page.text
    assert "<html" not in part.text
    outbox.drain(HANDLERS)
    over = client.get(Renewals.objects.get().get_absolute_url())
    assert "hx-trigger" not in over.text
    assert (
        Renewals.objects.get().get_absolute_url()
        in client.get(reverse("licences:renewals_new")).text
    )


def test_nothing_to_renew_is_said_on_the_page(client, secretary):
    client.force_login(secretary)

    page = client.post(
        reverse("licences:renewals_new"), posted(), headers={"accept-language": "en"}
    )

    assert "0 to renew" in page.text


def test_nobody_else_renews_or_watches(client, secretary):
    issued(valid_until=SOON)
    decided = renew_all(secretary)
    client.force_login(AffiliationFactory().user)

    for address in (reverse("licences:renewals_new"), decided.get_absolute_url()):
        assert client.get(address).status_code == 404
    assert client.post(reverse("licences:renewals_new"), posted()).status_code == 404

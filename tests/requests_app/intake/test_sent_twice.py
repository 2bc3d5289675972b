"""A form, a copy or a submission sent twice at the same instant, on a real PostgreSQL."""

from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError

from requests_app.intake import services as intake
from requests_app.intake.services import once
from requests_app.models import ImageryRequest, SentForm
from requests_app.states import State
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, balances, demand, held, transitions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

ACCOUNT_LOCK = 'FROM "eligibility_user"'
NOTING = 'INSERT INTO "requests_app_sentform"'


def form_of(programme):
    """What one page sends, twice."""
    user, area = programme.requester, world.area_of(programme.requester)
    draft = partial(
        intake.draft_of,
        user=user,
        entity=programme.entity,
        mandate=None,
        sensor=programme.sensor,
        area=area,
        answers=world.ANSWERS,
    )
    key = uuid4()
    return lambda: intake.send_form(key=key, user=user, draft=draft(), area=area)


def test_second_sending_waits_and_finds_the_draft_of_the_first(committed_programme):
    send = form_of(committed_programme)

    race = second_waits_for_first(send, send, at=ACCOUNT_LOCK)

    race.assert_second_waited()
    assert race.winner.result().pk == race.loser.result().pk
    assert ImageryRequest.objects.count() == 1


def test_without_the_lock_the_second_does_not_wait_for_the_account(
    committed_programme, monkeypatch
):
    """Control: the assertion of the test above is about this lock and about nothing else."""
    send = form_of(committed_programme)
    monkeypatch.setattr(once, "lock_account", lambda user_id: None)

    race = second_waits_for_first(send, send, at=ACCOUNT_LOCK, timeout_s=1)

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()


def test_without_the_lock_the_database_keeps_one_draft(committed_programme, monkeypatch):
    """Second line: form_becomes_one_request."""
    send = form_of(committed_programme)
    monkeypatch.setattr(once, "lock_account", lambda user_id: None)

    race = second_waits_for_first(send, send, at=NOTING)

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError, match="form_becomes_one_request"):
        race.loser.result()
    assert (ImageryRequest.objects.count(), SentForm.objects.count()) == (1, 1)


def test_copy_asked_for_twice_at_once_is_one_draft(committed_programme):
    programme = committed_programme
    source, key = world.submitted(programme), uuid4()
    ask = partial(intake.copy_once, key=key, request_id=source.pk, user=programme.requester)

    race = second_waits_for_first(ask, ask, at=ACCOUNT_LOCK)

    race.assert_second_waited()
    assert race.winner.result().pk == race.loser.result().pk
    assert ImageryRequest.objects.count() == 2


def test_request_submitted_twice_at_once_is_submitted_once(committed_programme):
    """The envelopes are open: an earlier request drew on them."""
    programme = committed_programme
    intake.cancel(request_id=world.submitted(programme).pk, user=programme.requester)
    request = world.draft(programme)
    submit = partial(intake.submit, request_id=request.pk, user=programme.requester)

    race = second_waits_for_first(submit, submit, at="eligibility_entity")

    race.assert_second_waited()
    assert race.winner.result().state == State.SUBMITTED
    with pytest.raises(TransitionRefused) as refused:
        race.loser.result()
    assert refused.value.codes == ("already_decided",)
    assert transitions(request) == ["submit"]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert list(demand(request.number).values()) == [ASKED_KM2]

"""Two sessions on one file or one envelope, on a real PostgreSQL."""

from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, models, transaction

from eligibility.services import suspend_membership
from licences.models import Licence
from orbitrage.shared.days import instant_in_words
from quotas.models import Envelope
from quotas.services import Cause, QuotaRefused, expire, ledger
from requests_app import transitions
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.periodic import advance_calendar
from requests_app.review import services as review
from requests_app.states import State
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.books import balances, held, last_record

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'
ENVELOPE_LOCK = "FROM quotas_envelope"
POSTING = "INSERT INTO quotas_ledgerentry"


def approve(request, user):
    return lambda: arbitration.approve(request_id=request.pk, user=user)


def refuse(request, user):
    return lambda: arbitration.refuse(
        request_id=request.pk, user=user, reason="competition", text="Others first."
    )


def read_without_lock(request_id):
    return ImageryRequest.objects.get(pk=request_id)


def second_arbitrator(programme):
    return CellMemberFactory(cell=programme.cell, role="arbitrator").user


def told_who_and_when(request):
    """The sentence that the loser must read, from the record of the winner."""
    record = last_record(request)
    at = instant_in_words(record.at)
    return record.author.full_name, at


# -- one file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("decide", [approve, refuse])
def test_second_arbitrator_waits_and_is_told_who_decided_and_when(committed_programme, decide):
    programme = committed_programme
    request = world.in_arbitration(programme)

    race = second_waits_for_first(
        approve(request, programme.arbitrator),
        decide(request, second_arbitrator(programme)),
        at=REQUEST_LOCK,
    )

    race.assert_second_waited()
    assert race.winner.result().state == State.APPROVED
    with pytest.raises(TransitionRefused) as refusal:
        race.loser.result()
    name, at = told_who_and_when(request)
    assert refusal.value.codes == ("already_decided",)
    assert (name in str(refusal.value), at in str(refusal.value)) == (True, True)
    assert request.records.filter(source="in_arbitration").count() == 1
    assert Licence.objects.count() == 1


def test_without_the_lock_the_second_does_not_wait_for_the_file(committed_programme, monkeypatch):
    """Control: the assertion of the test above is about this lock and about nothing else."""
    programme = committed_programme
    request = world.in_arbitration(programme)
    monkeypatch.setattr(transitions, "lock_request", read_without_lock)

    race = second_waits_for_first(
        approve(request, programme.arbitrator),
        approve(request, second_arbitrator(programme)),
        at=REQUEST_LOCK,
        timeout_s=1,
    )

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()


def test_without_the_lock_a_second_approval_gives_no_second_licence(
    committed_programme, monkeypatch
):
    """Second line: one_licence_in_force_per_request."""
    programme = committed_programme
    request = world.in_arbitration(programme)
    monkeypatch.setattr(transitions, "lock_request", read_without_lock)

    race = second_waits_for_first(
        approve(request, programme.arbitrator),
        approve(request, second_arbitrator(programme)),
        at=ENVELOPE_LOCK,
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError, match="one_licence_in_force_per_request"):
        race.loser.result()
    assert Licence.objects.count() == 1


def test_without_lock_nor_that_check_the_database_refuses(committed_programme, monkeypatch):
    """Third line, and the last: state_needs_record, the state being no longer that of the record."""
    programme = committed_programme
    request = world.in_arbitration(programme)
    monkeypatch.setattr(transitions, "lock_request", read_without_lock)
    monkeypatch.setattr(ImageryRequest, "_do_update", models.Model._do_update)

    race = second_waits_for_first(
        approve(request, programme.arbitrator),
        refuse(request, second_arbitrator(programme)),
        at=ENVELOPE_LOCK,
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError) as stopped:
        race.loser.result()
    assert stopped.value.__cause__.diag.constraint_name == "state_needs_record"
    assert ImageryRequest.objects.get(pk=request.pk).state == State.APPROVED
    assert Licence.objects.get().state == "issued"


def test_second_reviewer_waits_and_is_told_who_took_the_file(committed_programme):
    programme = committed_programme
    request = world.submitted(programme)
    second = CellMemberFactory(cell=programme.cell, role="reviewer").user

    race = second_waits_for_first(
        lambda: review.take(request_id=request.pk, user=programme.reviewer),
        lambda: review.take(request_id=request.pk, user=second),
        at=REQUEST_LOCK,
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused, match=programme.reviewer.full_name):
        race.loser.result()
    assert ImageryRequest.objects.get(pk=request.pk).reviewer == programme.reviewer


def test_offer_withdrawn_while_it_is_accepted_is_withdrawn(committed_programme):
    programme = committed_programme
    request = world.offered(programme)

    race = second_waits_for_first(
        lambda: arbitration.withdraw_offer(
            request_id=request.pk, user=programme.chair, reason="An error."
        ),
        lambda: offers.accept_offer(request_id=request.pk, user=programme.requester),
        at=REQUEST_LOCK,
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused, match=programme.cell.name_fr):
        race.loser.result()
    assert Licence.objects.count() == 0


def test_suspension_waits_for_the_submission_that_saw_the_membership(committed_programme):
    programme = committed_programme
    request = world.draft(programme)
    membership = programme.entity.memberships.get()

    race = second_waits_for_first(
        lambda: intake.submit(request_id=request.pk, user=programme.requester),
        lambda: suspend_membership(
            membership_id=membership.pk, reason="fee unpaid", by_user_id=programme.secretariat.pk
        ),
        at="eligibility_membership",
    )

    race.assert_second_waited()
    assert race.winner.result().state == State.SUBMITTED
    race.loser.result()


# -- one envelope ----------------------------------------------------------------------------------


def leave(km2, **whose):
    """One envelope that has ``km2`` left."""
    envelope = Envelope.objects.get(**whose)
    cause = Cause(decision=uuid4(), reason="test")
    with transaction.atomic():
        expire(envelope_id=envelope.pk, amount=envelope.left - Decimal(km2), cause=cause)
    return Envelope.objects.filter(pk=envelope.pk)


def two_files(programme):
    """Two files of 57.470255 km² each, apart from one another, and 100 km² for both."""
    first = world.in_arbitration(programme)
    second = world.in_arbitration(programme, aoi=world.square(west=3))
    envelope = leave(100, scope="programme", demands__request_number=first.number)
    return first, second, envelope


def approve_both(programme, *, at, timeout_s=10.0):
    first, second, envelope = two_files(programme)
    race = second_waits_for_first(
        approve(first, programme.arbitrator),
        approve(second, programme.arbitrator),
        at=at,
        timeout_s=timeout_s,
    )
    return race, first, second, envelope


def test_second_file_waits_for_the_envelope_and_is_refused_with_figures(committed_programme):
    race, first, second, envelope = approve_both(committed_programme, at=ENVELOPE_LOCK)

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(QuotaRefused, match=r"57,47 km².* 42,53 km²"):
        race.loser.result()
    area = first.area_km2
    assert balances(first.number) == held(entity=area, programme=area)
    assert balances(second.number) == held(entity=second.area_km2)
    assert envelope.get().left == Decimal("42.529745")
    assert ImageryRequest.objects.get(pk=second.pk).state == State.IN_ARBITRATION
    assert Licence.objects.count() == 1


def envelopes_without_lock(envelope_ids):
    rows = Envelope.objects.filter(pk__in=set(envelope_ids)).order_by("pk")
    return {envelope.pk: envelope for envelope in rows}


def test_without_the_lock_the_second_file_checks_figures_no_longer_true(
    committed_programme, monkeypatch
):
    """Control: the assertion of the test above is about this lock and about nothing else."""
    monkeypatch.setattr(ledger, "lock_envelopes", envelopes_without_lock)

    race, *_ = approve_both(committed_programme, at=ENVELOPE_LOCK, timeout_s=1)

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()


def test_without_the_lock_the_envelope_is_still_not_overdrawn(committed_programme, monkeypatch):
    monkeypatch.setattr(ledger, "lock_envelopes", envelopes_without_lock)

    race, _first, second, envelope = approve_both(committed_programme, at=POSTING)

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError, match="envelope_not_overdrawn"):
        race.loser.result()
    assert balances(second.number) == held(entity=second.area_km2)
    assert envelope.get().left == Decimal("42.529745")


def test_second_submission_of_an_entity_waits_for_the_first(committed_programme):
    """First come, first served: 500 km² a quarter, of which 100 are left for two requests."""
    programme = committed_programme
    intake.cancel(request_id=world.submitted(programme).pk, user=programme.requester)
    allowance = leave(100, scope="entity")
    first, second = world.draft(programme), world.draft(programme, aoi=world.square(west=3))

    race = second_waits_for_first(
        lambda: intake.submit(request_id=first.pk, user=programme.requester),
        lambda: intake.submit(request_id=second.pk, user=programme.requester),
        at="eligibility_entity",
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused, match=r"57,47 km².* 42,53 km²"):
        race.loser.result()
    assert allowance.get().left == Decimal("42.529745")
    assert ImageryRequest.objects.get(pk=second.pk).state == State.DRAFT


def test_second_answer_of_an_entity_waits_for_the_first(committed_programme):
    """Two files that touch share a cap: each reads what the other holds."""
    programme = committed_programme
    first, second = (after.asked(programme) for _ in range(2))

    race = second_waits_for_first(
        *(
            partial(intake.answer, request_id=file.pk, user=programme.requester, text="As before.")
            for file in (first, second)
        ),
        at="eligibility_entity",
    )

    race.assert_second_waited()
    race.winner.result()
    race.loser.result()


# -- the calendar ----------------------------------------------------------------------------------


def offer_due_in(programme, days):
    request = world.offered(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(days))
    return request


def reminders_of(request):
    return request.records.filter(transition="remind").count()


@pytest.mark.parametrize("days", [7, -5], ids=["as announced", "both late after an outage"])
def test_second_run_of_the_calendar_waits_and_sends_no_second_reminder(committed_programme, days):
    request = offer_due_in(committed_programme, days)

    race = second_waits_for_first(advance_calendar, advance_calendar, at=REQUEST_LOCK)

    race.assert_second_waited()
    assert race.winner.result()["reminded"] == 1
    assert race.loser.result()["reminded"] == 0
    assert reminders_of(request) == 1


def test_without_the_lock_the_second_run_reminds_too(committed_programme, monkeypatch):
    request = offer_due_in(committed_programme, -5)
    monkeypatch.setattr(transitions, "lock_request", read_without_lock)

    race = second_waits_for_first(
        advance_calendar, advance_calendar, at='UPDATE "requests_app_imageryrequest"'
    )

    race.assert_second_waited()
    assert (race.winner.result()["reminded"], race.loser.result()["reminded"]) == (1, 1)
    assert reminders_of(request) == 2


# -- the state guard, between transactions ---------------------------------------------------------


def test_record_of_an_earlier_transaction_does_not_help(committed_programme):
    programme = committed_programme
    request = world.submitted(programme)
    intake.recall(request_id=request.pk, user=programme.requester)
    assert request.records.filter(source="draft", target="submitted").exists()

    with pytest.raises(IntegrityError) as stopped:
        ImageryRequest.objects.filter(pk=request.pk).update(state="submitted", cell=programme.cell)

    assert stopped.value.__cause__.diag.constraint_name == "state_needs_record"
    assert ImageryRequest.objects.get(pk=request.pk).state == State.DRAFT

"""What an arbitrator decides, with the accounts after each decision."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from eligibility.models import Sensor
from licences.models import Licence
from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope
from quotas.selectors import charged_km2
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.workflow import RefusalReason, State
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
    transitions,
)

pytestmark = pytest.mark.django_db


def leave_on_the_programme_envelope(km2, request):
    """Take back what the cell's envelope has beyond ``km2``."""
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=request.records.latest("pk").decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - Decimal(km2), cause=cause)


# -- approve ---------------------------------------------------------------------------------------


def test_approve_holds_the_programme_envelope_too(programme):
    request = world.in_arbitration(programme)

    approved = arbitration.approve(request_id=request.pk, user=programme.arbitrator, note="Yes.")

    assert approved.state == State.APPROVED
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)
    assert postings(request.number, "approve") == [("hold", "programme km2", ASKED_KM2)]
    assert charged_km2(request.number) == ASKED_KM2
    assert demand(request.number) == {}


def test_approve_freezes_what_is_granted(programme):
    request = world.approved(programme)

    assert request.granted_aoi.equals(request.aoi)
    assert (request.granted_area_km2, request.priced_eur) == (ASKED_KM2, 0)
    assert request.due_on is None
    assert last_record(request).changes == {
        "counted_km2": str(ASKED_KM2),
        "free_km2": str(ASKED_KM2),
        "priced_km2": "0",
        "total_eur": "0.00",
    }


def test_approve_gives_the_licence_of_the_decision(programme):
    request = world.approved(programme)

    licence = Licence.objects.get()
    assert (licence.request_number, licence.number) == (request.number, request.licence_number)
    assert (licence.decision, licence.area_km2) == (last_record(request).decision, ASKED_KM2)
    message = OutboxMessage.objects.get(topic="licences.render")
    assert (message.payload, message.stream) == ({"licence_id": licence.pk}, request.number)


def test_approve_of_a_part_to_pay_is_refused(programme):
    request = world.in_arbitration(programme, aoi=world.square(size_deg=0.12))

    with refused("priced_part") as caught:
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert "29,27 km²" in str(caught.value)
    assert "100 €" in str(caught.value)


def test_approve_beyond_the_envelope_is_refused_with_what_is_left(programme):
    request = world.in_arbitration(programme)
    leave_on_the_programme_envelope(40, request)

    with refused("quota_exhausted") as caught:
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert "40 km²" in str(caught.value)


def test_approve_with_the_nationality_open_is_refused(programme):
    sensor = Sensor.objects.filter(pk=programme.sensor.pk)
    sensor.update(needs_nationality_review=False)
    request = world.in_review(programme)
    review.recommend(request_id=request.pk, user=programme.reviewer, opinion="Useful.")
    sensor.update(needs_nationality_review=True)

    with refused("nationality_review_open"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


def test_file_in_review_is_not_approved(programme):
    request = world.in_review(programme)

    with refused("already_decided"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


@pytest.mark.parametrize("role", ["requester", "reviewer", "chair", "secretariat", "stranger"])
def test_others_do_not_approve(programme, role):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.people[role])


def test_whoever_gave_an_opinion_does_not_decide_after_putting_the_file_back(programme):
    """Recommended by one, sent back, put back, taken and recommended by another."""
    request = world.in_arbitration(programme)
    CellMemberFactory(cell=programme.cell, user=programme.reviewer, role="arbitrator")
    second = CellMemberFactory(cell=programme.cell, role="reviewer").user
    arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="Again.")
    review.release_file(request_id=request.pk, user=programme.reviewer)
    review.take(request_id=request.pk, user=second)
    review.recommend(
        request_id=request.pk, user=second, opinion="Useful.", nationality_reviewed=True
    )

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.reviewer)


def test_reviewer_of_the_file_does_not_approve_it_as_arbitrator(programme):
    request = world.in_arbitration(programme)
    CellMemberFactory(cell=programme.cell, user=programme.reviewer, role="arbitrator")

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.reviewer)


def test_arbitrator_of_the_same_entity_does_not_approve(programme):
    request = world.in_arbitration(programme)
    AffiliationFactory(user=programme.arbitrator, entity=programme.entity)

    with forbidden():
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


# -- refuse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", RefusalReason.values)
def test_refuse_releases_with_each_reason(programme, reason):
    request = world.in_arbitration(programme)

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason=reason, text="Appeal by May."
    )

    assert (over.state, over.due_on) == (State.REFUSED, None)
    assert balances(request.number) == {}
    assert demand(request.number) == {}
    assert postings(request.number, "refuse") == [("release", "entity km2", -ASKED_KM2)]
    record = last_record(over)
    assert (record.reason, record.note.content) == (reason, "Appeal by May.")


def test_refuse_without_a_text_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("text_missing"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="competition", text=" "
        )


def test_refuse_for_an_unknown_reason_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("reason_unknown"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="bad_mood", text="No."
        )


def test_file_in_review_is_refused_as_inadmissible_on_proposal(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    over = arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="See why."
    )

    assert over.state == State.REFUSED
    assert balances(request.number) == {}


def test_file_in_review_is_not_refused_without_a_proposal(programme):
    request = world.in_review(programme)

    with refused("inadmissible_not_proposed"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="inadmissible", text="No."
        )


def test_file_in_review_is_not_refused_for_another_reason(programme):
    request = world.in_review(programme)
    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Commercial use."
    )

    with refused("inadmissible_not_proposed"):
        arbitration.refuse(
            request_id=request.pk, user=programme.arbitrator, reason="competition", text="No."
        )


@pytest.mark.parametrize("role", ["reviewer", "chair", "secretariat"])
def test_others_do_not_refuse(programme, role):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.refuse(
            request_id=request.pk, user=programme.people[role], reason="other", text="No."
        )


# -- return to review ------------------------------------------------------------------------------


def test_return_to_review_keeps_the_reviewer_and_the_hold(programme):
    request = world.in_arbitration(programme)

    returned = arbitration.return_to_review(
        request_id=request.pk, user=programme.arbitrator, note="Check the use."
    )

    assert (returned.state, returned.reviewer) == (State.IN_REVIEW, programme.reviewer)
    assert last_record(returned).note.content == "Check the use."
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}


def test_return_to_review_without_a_note_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("note_missing"):
        arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="")


def test_others_do_not_return_to_review(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.return_to_review(request_id=request.pk, user=programme.chair, note="Why?")


# -- rescind ---------------------------------------------------------------------------------------


def rescind(programme, request, *, second="arbitrator", reason="An error."):
    return arbitration.rescind(
        request_id=request.pk,
        user=programme.chair,
        confirmed_by=programme.people[second],
        reason=reason,
    )


@pytest.mark.parametrize("second", ["arbitrator", "secretariat"])
def test_rescind_releases_the_decision_and_keeps_the_allowance(programme, second):
    request = world.approved(programme)

    back = rescind(programme, request, second=second)

    assert (back.state, back.granted_aoi, back.granted_area_km2) == (
        State.IN_ARBITRATION,
        None,
        None,
    )
    assert postings(request.number, "rescind") == [("release", "programme km2", -ASKED_KM2)]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert last_record(back).changes == {"confirmed_by": programme.people[second].pk}


def test_rescind_revokes_the_licence_and_a_new_approval_gives_another_number(programme):
    request = world.approved(programme)
    first = request.licence_number

    rescind(programme, request)
    again = arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    licences = dict(Licence.objects.values_list("number", "state"))
    assert licences == {first: "revoked", again.licence_number: "issued"}
    assert balances(request.number) == held(entity=ASKED_KM2, programme=ASKED_KM2)


def test_rescind_of_a_paid_offer_returns_the_budget(programme):
    request = world.priced_offer(programme)
    arbitration_state = world.accepted_price(programme, request)
    assert arbitration_state.state == State.APPROVED

    back = rescind(programme, request)

    assert (back.priced_eur, back.quotation_number, back.purchase_reference) == (0, "", "")
    assert postings(request.number, "rescind") == [
        ("release", "budget eur", Decimal(-100)),
        ("expire", "budget eur", Decimal(-100)),
        ("release", "budget km2", Decimal("-29.265754")),
        ("expire", "budget km2", Decimal("-29.265754")),
        ("release", "programme km2", Decimal(-100)),
    ]
    assert balances(request.number) == held(entity=Decimal(100))


def test_rescind_without_a_reason_is_refused(programme):
    request = world.approved(programme)

    with refused("reason_missing"):
        rescind(programme, request, reason=" ")


@pytest.mark.parametrize("second", ["chair", "reviewer", "requester", "supply_officer", "observer"])
def test_rescind_takes_a_second_person_who_decides(programme, second):
    request = world.approved(programme)

    with forbidden():
        rescind(programme, request, second=second)


def test_only_the_chair_rescinds(programme):
    request = world.approved(programme)

    with forbidden():
        arbitration.rescind(
            request_id=request.pk,
            user=programme.arbitrator,
            confirmed_by=programme.secretariat,
            reason="An error.",
        )


def test_ordered_request_is_not_rescinded(programme):
    request = world.ordered(programme)

    with refused("already_decided"):
        rescind(programme, request)


# -- defer and resume ------------------------------------------------------------------------------


def defer(programme, request, *, days=100, reason="Next quarter."):
    return arbitration.defer(
        request_id=request.pk,
        user=programme.arbitrator,
        until=world.in_days(days),
        reason=reason,
    )


def periods(number):
    """Start of the period of the envelopes on which a request shows its demand."""
    found = Envelope.objects.filter(demands__request_number=number)
    return list(found.values_list("period_starts_on", flat=True))


def test_defer_releases_the_allowance_and_moves_the_demand(programme):
    request = world.in_arbitration(programme)
    (this_quarter,) = periods(request.number)

    put_off = defer(programme, request)

    assert (put_off.state, put_off.due_on) == (State.DEFERRED, world.in_days(100))
    assert postings(request.number, "defer") == [("release", "entity km2", -ASKED_KM2)]
    assert balances(request.number) == {}
    assert demand(request.number) == {"programme": ASKED_KM2}
    (later,) = periods(request.number)
    assert this_quarter < later <= world.in_days(100)


def test_defer_without_a_reason_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("reason_missing"):
        defer(programme, request, reason="")


@pytest.mark.parametrize("days", [0, -1])
def test_defer_to_a_past_day_is_refused(programme, days):
    request = world.in_arbitration(programme)

    with refused("date_in_the_past"):
        defer(programme, request, days=days)


def test_others_do_not_defer(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.defer(
            request_id=request.pk, user=programme.chair, until=world.in_days(9), reason="Later."
        )


def date_has_come(request):
    ImageryRequest.objects.filter(pk=request.pk).update(
        due_on=timezone.localdate(), charged_on=timezone.localdate()
    )


@pytest.mark.parametrize("by", ["calendar", "arbitrator"])
def test_resume_holds_the_allowance_of_the_current_period(programme, by):
    request = world.in_arbitration(programme)
    before = periods(request.number)
    defer(programme, request)
    if by == "calendar":
        date_has_come(request)

    user = programme.arbitrator if by == "arbitrator" else None
    resumed = arbitration.resume(request_id=request.pk, user=user)

    assert (resumed.state, resumed.due_on) == (State.IN_ARBITRATION, None)
    assert resumed.charged_on == timezone.localdate()
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert periods(request.number) == before
    assert postings(request.number, "resume") == [("hold", "entity km2", ASKED_KM2)]


def test_resume_holds_what_the_allowance_still_bears(programme):
    """500 km² a quarter: four others of 100 and one of 82.529745 leave 17.470255."""
    request = world.in_arbitration(programme)
    defer(programme, request)
    for west in (3, 4, 5, 6):
        world.submitted(programme, aoi=world.square(west=west, size_deg=0.12))
    allowance = Envelope.objects.get(scope="entity", held=400)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=allowance.pk, amount=Decimal("82.529745"), cause=cause)

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert balances(request.number) == held(entity=Decimal("17.470255"))
    # The rest, 40 km², is priced: an offer settles it. 100 km² are billed at least, at 1 €.
    assert resumed.funding_plan["total_eur"] == "100.00"
    with refused("priced_part"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


def test_resume_after_the_window_asks_the_requester(programme):
    request = world.in_arbitration(programme, **world.tasking())
    defer(programme, request)
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=world.in_days(-20), window_ends_on=world.in_days(-10)
    )

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert (resumed.state, resumed.due_on) == (
        State.INFORMATION_REQUESTED,
        timezone.localdate() + timedelta(days=30),
    )
    assert last_record(resumed).target == "information_requested"


def test_resume_of_an_archive_request_looks_at_no_window(programme):
    """The dates of an archive search are in the past: no window is over."""
    dates = {"window_starts_on": world.in_days(-900), "window_ends_on": world.in_days(-700)}
    request = world.in_arbitration(programme, **dates)
    defer(programme, request)

    resumed = arbitration.resume(request_id=request.pk, user=programme.arbitrator)

    assert resumed.state == State.IN_ARBITRATION


def test_calendar_does_not_resume_before_the_date(programme):
    request = world.in_arbitration(programme)
    defer(programme, request)

    with refused("not_due"):
        arbitration.resume(request_id=request.pk, user=None)


def test_others_do_not_resume(programme):
    request = world.in_arbitration(programme)
    defer(programme, request)

    with forbidden():
        arbitration.resume(request_id=request.pk, user=programme.requester)


def test_whole_way_is_recorded(programme):
    request = world.in_arbitration(programme)
    arbitration.return_to_review(request_id=request.pk, user=programme.arbitrator, note="Why?")
    review.recommend(
        request_id=request.pk,
        user=programme.reviewer,
        opinion="Because.",
        nationality_reviewed=True,
    )
    defer(programme, request)
    arbitration.resume(request_id=request.pk, user=programme.arbitrator)
    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert transitions(request) == [
        "submit", "take", "recommend", "return_to_review", "recommend", "defer", "resume",
        "approve",
    ]  # fmt: skip
    assert charged_km2(request.number) == ASKED_KM2

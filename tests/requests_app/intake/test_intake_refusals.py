"""Why a request is not taken, and that nothing is written then."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone

from eligibility.models import EligibilityRule, Membership, RoutingRule
from requests_app.intake import services as intake
from requests_app.intake.selectors.preview import preview
from requests_app.intake.services import submission
from requests_app.models import ImageryRequest
from tests.eligibility.factories import (
    AffiliationFactory,
    MandateFactory,
    ParameterFactory,
    TermsFactory,
    UserFactory,
)
from tests.requests_app import after, world
from tests.requests_app.books import forbidden, refused

pytestmark = pytest.mark.django_db


def submit(request, user):
    return intake.submit(request_id=request.pk, user=user)


def yesterday():
    return timezone.localdate() - timedelta(days=1)


def test_membership_over_is_refused(programme):
    request = world.draft(programme)
    Membership.objects.update(ends_on=yesterday())

    with refused("membership_expired"):
        submit(request, programme.requester)


def test_membership_suspended_is_refused(programme):
    request = world.draft(programme)
    Membership.objects.update(suspended_on=yesterday(), suspension_reason="fee unpaid")

    with refused("membership_suspended"):
        submit(request, programme.requester)


def test_sensor_outside_the_membership_is_refused(programme):
    request = world.draft(programme)
    Membership.objects.get().sensors.clear()

    with refused("sensor_outside_membership"):
        submit(request, programme.requester)


def test_new_terms_not_accepted_are_refused(programme):
    request = world.draft(programme)
    TermsFactory(kind="charter", valid_from=timezone.localdate())

    with refused("terms_not_accepted"):
        submit(request, programme.requester)


def test_category_without_right_is_refused(programme):
    request = world.draft(programme)
    EligibilityRule.objects.filter(code="scientific-public-pleiades-archive").update(answer="no")

    with refused("not_eligible"):
        submit(request, programme.requester)


def test_mandate_over_is_refused(programme):
    request = world.draft(programme)
    mandate = MandateFactory(
        principal=programme.entity, sensors=[programme.sensor], ends_on=yesterday()
    )
    AffiliationFactory(user=programme.requester, entity=mandate.contractor)
    ImageryRequest.objects.filter(pk=request.pk).update(mandate=mandate)

    with refused("mandate_expired"):
        submit(request, programme.requester)


def test_tasking_without_a_window_is_refused(programme):
    request = world.draft(programme, request_kind="tasking", agrees_to_enlargement=True)

    with refused("window_missing"):
        submit(request, programme.requester)


def test_tasking_in_the_past_is_refused(programme):
    past = {"window_starts_on": world.in_days(-30), "window_ends_on": world.in_days(0)}
    request = world.draft(programme, **world.tasking() | past)

    with refused("window_in_the_past"):
        submit(request, programme.requester)


def test_tasking_on_a_single_day_is_refused(programme):
    one_day = {"window_starts_on": world.in_days(20), "window_ends_on": world.in_days(20)}
    request = world.draft(programme, **world.tasking() | one_day)

    with refused("single_day_window"):
        submit(request, programme.requester)


def test_area_below_the_operators_minimum_is_refused_with_the_figures(programme):
    request = world.draft(programme, aoi=world.square(size_deg=0.05))

    with refused("below_minimum_order") as caught:
        submit(request, programme.requester)

    assert "22,45 km²" in str(caught.value)
    assert "25 km²" in str(caught.value)


def test_area_narrower_than_the_operator_takes_is_refused_with_the_figures():
    """4 km from west to east, 45 from south to north: more than 100 km², but not 5 km wide."""
    programme = world.programme(sensor="spot67", cell="spot-science")
    narrow = MultiPolygon(Polygon.from_bbox((1.3, 43.5, 1.35, 43.9)), srid=4326)
    request = world.draft(programme, aoi=narrow)

    with refused("below_minimum_order") as caught:
        submit(request, programme.requester)

    assert request.area_km2 > programme.sensor.archive_minimum_area_km2
    assert "179,12 km²" in str(caught.value)
    assert "226,19 km²" in str(caught.value)


def test_agreement_to_enlarge_makes_a_small_area_acceptable(programme):
    request = world.draft(programme, aoi=world.square(size_deg=0.05), agrees_to_enlargement=True)

    assert submit(request, programme.requester).state == "submitted"


def test_sensor_that_no_cell_takes_is_refused(programme):
    request = world.draft(programme)
    RoutingRule.objects.all().delete()

    with refused("no_cell"):
        submit(request, programme.requester)


def test_entity_with_too_many_requests_holding_quota_is_refused(programme):
    ParameterFactory(
        code="requests-holding-quota", amount=1, valid_from=timezone.localdate(), unit="requests"
    )
    request = world.draft(programme)
    world.submitted(programme, aoi=world.square(west=3.0))

    with refused("too_many_requests_holding_quota"):
        submit(request, programme.requester)


def test_every_reason_is_said_at_once(programme):
    request = world.draft(programme, request_kind="tasking")
    Membership.objects.update(ends_on=yesterday())
    RoutingRule.objects.all().delete()

    with refused("membership_expired", "window_missing", "below_minimum_order", "no_cell"):
        submit(request, programme.requester)


def test_request_changed_while_it_was_checked_is_refused(programme):
    request = world.draft(programme)
    seen = preview(request, user=programme.requester, on=timezone.localdate())
    ImageryRequest.objects.filter(pk=request.pk).update(title="Changed in another window")

    with refused("changed_meanwhile"):
        submission._submit(
            request_id=request.pk, user=programme.requester, draft=request, seen=seen
        )


def test_membership_suspended_while_it_was_checked_is_refused(programme):
    request = world.draft(programme)
    seen = preview(request, user=programme.requester, on=timezone.localdate())
    Membership.objects.update(ends_on=yesterday())

    with refused("membership_expired"):
        submission._submit(
            request_id=request.pk, user=programme.requester, draft=request, seen=seen
        )


def test_area_moved_while_it_was_checked_is_refused(programme):
    request = world.draft(programme)
    seen = preview(request, user=programme.requester, on=timezone.localdate())
    ImageryRequest.objects.filter(pk=request.pk).update(aoi=world.square(west=3.0))

    with refused("changed_meanwhile"):
        submission._submit(
            request_id=request.pk, user=programme.requester, draft=request, seen=seen
        )


def test_submitted_request_is_not_submitted_again(programme):
    request = world.submitted(programme)

    with refused("already_decided") as caught:
        submit(request, programme.requester)

    assert programme.requester.full_name in str(caught.value)


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "stranger", "secretariat"])
def test_others_do_not_submit(programme, role):
    request = world.draft(programme)

    with forbidden():
        submit(request, programme.people[role])


def test_stranger_creates_no_draft_for_the_entity(programme):
    draft = intake.draft_of(
        user=programme.stranger,
        entity=programme.entity,
        mandate=None,
        sensor=programme.sensor,
        area=world.area_of(programme.stranger),
        answers=world.ANSWERS,
    )

    with forbidden():
        intake.create_draft(draft=draft, user=programme.stranger)


def test_request_with_the_cell_is_not_changed(programme):
    request = world.submitted(programme)

    with refused("not_editable"):
        intake.update_draft(
            request_id=request.pk,
            user=programme.requester,
            sensor=programme.sensor,
            answers=world.ANSWERS,
        )


def test_stranger_changes_no_draft(programme):
    request = world.draft(programme)

    with forbidden():
        intake.update_draft(
            request_id=request.pk,
            user=programme.stranger,
            sensor=programme.sensor,
            answers=world.ANSWERS,
        )


def test_taken_request_is_not_recalled(programme):
    request = world.in_review(programme)

    with refused("already_decided") as caught:
        intake.recall(request_id=request.pk, user=programme.requester)

    assert programme.cell.name_fr in str(caught.value)


def test_colleague_does_not_recall(programme):
    request = world.submitted(programme)

    with forbidden():
        intake.recall(request_id=request.pk, user=programme.colleague)


def test_empty_answer_is_refused(programme):
    request = after.asked(programme)

    with refused("answer_missing"):
        intake.answer(request_id=request.pk, user=programme.requester, text=" ")


def test_answer_after_the_membership_is_refused(programme):
    request = after.asked(programme)
    Membership.objects.update(ends_on=yesterday())

    with refused("membership_expired"):
        intake.answer(request_id=request.pk, user=programme.requester, text="2020.")


def test_answer_to_no_question_is_refused(programme):
    request = world.in_review(programme)

    with refused("already_decided"):
        intake.answer(request_id=request.pk, user=programme.requester, text="2020.")


def test_stranger_does_not_answer(programme):
    request = after.asked(programme)

    with forbidden():
        intake.answer(request_id=request.pk, user=programme.stranger, text="2020.")


@pytest.mark.parametrize("role", ["chair", "secretariat"])
def test_programme_cancels_only_with_a_reason(programme, role):
    request = world.submitted(programme)

    with refused("reason_missing"):
        intake.cancel(request_id=request.pk, user=programme.people[role], reason=" ")


def test_ordered_request_is_not_cancelled(programme):
    request = world.ordered(programme)

    with refused("already_decided") as caught:
        intake.cancel(request_id=request.pk, user=programme.requester)

    assert programme.cell.name_fr in str(caught.value)


@pytest.mark.parametrize("role", ["colleague", "reviewer", "arbitrator", "observer"])
def test_others_do_not_cancel(programme, role):
    request = world.submitted(programme)

    with forbidden():
        intake.cancel(request_id=request.pk, user=programme.people[role], reason="No.")


@pytest.mark.parametrize(("days", "reminders"), [(0, 2), (-1, 1), (-1, 0)])
def test_nothing_lapses_before_the_date_and_two_reminders(programme, days, reminders):
    request = world.draft(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(
        due_on=world.in_days(days), reminders_sent=reminders
    )

    with refused("not_due"):
        intake.lapse(request_id=request.pk)


def test_request_without_a_date_does_not_lapse(programme):
    request = world.submitted(programme)

    with refused("already_decided"):
        intake.lapse(request_id=request.pk)


def test_copy_is_for_the_entity(programme):
    request = world.submitted(programme)

    with forbidden():
        intake.copy(request_id=request.pk, user=UserFactory())

"""A series: every date counts from the first check on."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalogue.models import Item
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.selectors.preview import preview
from requests_app.intake.services import offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.selectors import plan_of
from tests.requests_app import world
from tests.requests_app.books import NOTHING, SMALLER_KM2, balances, demand, held, refused
from tests.requests_app.supply.series import SMALL, THREE_KM2, TWO_KM2, series

pytestmark = pytest.mark.django_db


# -- what is asked ---------------------------------------------------------------------------------


def test_every_date_counts_when_it_is_submitted(programme):
    request = world.submitted(programme, **series(programme))

    assert balances(request.number) == held(entity=THREE_KM2)
    assert demand(request.number) == {"programme": THREE_KM2}
    assert plan_of(request).images_km2 == (SMALLER_KM2,) * 3


def test_dates_beyond_the_cap_are_priced_with_the_minimum_of_each(programme):
    """3 × 57.470255 = 172.410765 km²; 72.410765 beyond the cap of 100 are of two dates at least."""
    request = world.submitted(programme, **series(programme, aoi=world.square()))

    plan = plan_of(request)
    assert (plan.free_km2, plan.priced_km2) == (Decimal(100), Decimal("72.410765"))
    assert (plan.billed_km2, plan.total_eur) == (Decimal(200), Decimal("200.00"))


def test_priced_series_is_not_approved_but_offered(programme):
    request = world.in_arbitration(programme, **series(programme, aoi=world.square()))

    with refused("priced_part"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)


def test_available_images_take_nothing_off_a_series(programme):
    world.closed(programme, agrees_to_enlargement=True, **SMALL)
    draft = world.draft(programme, **series(programme) | {"request_kind": "tasking"})
    Item.objects.update(acquired_at=timezone.now() + timedelta(days=20))

    seen = preview(draft, user=programme.requester, on=timezone.localdate())

    assert seen.coverage.covered_km2 == SMALLER_KM2
    assert (seen.plan.covered_km2, seen.plan.area_km2) == (NOTHING, THREE_KM2)
    assert [note.code for note in seen.plan.notes] == ["series_not_reduced"]


def test_area_free_of_charge_is_that_of_one_date(programme):
    draft = world.draft(programme, **series(programme))

    seen = preview(draft, user=programme.requester, on=timezone.localdate())

    assert seen.explanation.union_km2 == SMALLER_KM2
    assert seen.explanation.largest_free_km2 == Decimal("33.333333")


def test_fewer_dates_answered_take_less(programme):
    request = world.in_review(programme, **series(programme))
    review.request_information(request_id=request.pk, user=programme.reviewer, question="Why 3?")
    answers = {name: getattr(request, name) for name in world.ANSWERS}

    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=request.sensor,
        answers=answers | {"acquisition_dates": 2, "interval_days": 20},
        area=None,
    )
    intake.answer(request_id=request.pk, user=programme.requester, text="Two are enough.")

    assert balances(request.number) == held(entity=TWO_KM2)
    assert demand(request.number) == {"programme": TWO_KM2}


def test_smaller_offer_counts_for_each_date(programme):
    request = world.offered(programme, **series(programme, aoi=world.square()))

    offers.accept_offer(request_id=request.pk, user=programme.requester)

    assert balances(request.number) == held(entity=THREE_KM2, programme=THREE_KM2)


def test_rescinded_series_holds_every_date_of_the_submission(programme):
    request = world.approved(programme, **series(programme))

    world.rescind(programme, request.pk)

    assert balances(request.number) == held(entity=THREE_KM2)
    assert demand(request.number) == {"programme": THREE_KM2}


# -- what must never be false ----------------------------------------------------------------------


@pytest.mark.parametrize("images", [[], ["22.454826"], None], ids=str)
def test_series_is_not_granted_with_a_plan_of_fewer_images(programme, images):
    request = world.approved(programme, **series(programme))
    plan = {**request.funding_plan, "images_km2": images}
    if images is None:
        del plan["images_km2"]

    with (
        pytest.raises(IntegrityError, match="request_series_counted_for_each_date"),
        transaction.atomic(),
    ):
        ImageryRequest.objects.filter(pk=request.pk).update(funding_plan=plan)

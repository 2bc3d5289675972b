"""Making an offer: a smaller area, or a part to pay; and withdrawing it. The answers are in
test_offer_answers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from licences.models import Licence
from quotas.models import Envelope, Quotation
from quotas.selectors import charged_eur, charged_km2
from quotas.services import Cause, expire
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.selectors import offered_area
from requests_app.arbitration.services import offering
from requests_app.conversion import AS_ASKED
from requests_app.models import ImageryRequest, Offer
from requests_app.states import State
from tests.eligibility.factories import EntityFactory, MandateFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    FREE_KM2,
    LARGE_KM2,
    PAID_KM2,
    PRICE_EUR,
    PRICED_BALANCES,
    PROGRAMME_EUR,
    SMALLER_KM2,
    balances,
    demand,
    forbidden,
    held,
    last_record,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


def test_smaller_offer_holds_the_programme_and_leaves_the_allowance_held(programme):
    request = world.offered(programme)

    assert (request.state, request.granted_area_km2) == (State.OFFERED, SMALLER_KM2)
    assert balances(request.number) == held(entity=ASKED_KM2, programme=SMALLER_KM2)
    assert postings(request.number, "offer") == [("hold", "programme km2", SMALLER_KM2)]
    assert charged_km2(request.number) == SMALLER_KM2
    assert demand(request.number) == {}


def test_smaller_offer_is_kept_with_its_date(programme):
    request = world.offered(programme)

    valid_until = timezone.localdate() + timedelta(days=30)
    offer = Offer.objects.get()
    assert (offer.decision, offer.state) == (last_record(request).decision, "open")
    assert offer.aoi.equals(world.square(size_deg=0.05))
    assert (offer.area_km2, offer.priced_eur, offer.quotation_number) == (SMALLER_KM2, 0, "")
    assert (offer.valid_until, request.due_on) == (valid_until, valid_until)
    assert Licence.objects.count() == 0


def test_order_area_follows_the_offer(programme):
    request = world.offered(programme)

    # 22.45 km² are below the operator's 25 km²: the order is grown around the offered area.
    assert 25 <= request.operator_area_km2 < Decimal("25.5")
    assert request.operator_aoi.contains(world.square(size_deg=0.05))


def test_priced_offer_has_a_quotation_and_a_budget(programme):
    request = world.priced_offer(programme)

    quotation = Quotation.objects.get()
    assert (request.quotation_number, request.priced_eur) == (quotation.number, PRICE_EUR)
    assert (quotation.total_eur, quotation.request_number) == (PRICE_EUR, request.number)
    assert (quotation.decision, quotation.valid_until) == (
        last_record(request).decision,
        request.due_on,
    )
    assert balances(request.number) == PRICED_BALANCES
    assert (charged_km2(request.number), charged_eur(request.number)) == (LARGE_KM2, PRICE_EUR)
    assert postings(request.number, "offer") == [
        ("grant", "budget eur", PRICE_EUR),
        ("hold", "budget eur", PRICE_EUR),
        ("grant", "budget km2", PAID_KM2),
        ("hold", "budget km2", PAID_KM2),
        ("hold", "programme eur", PROGRAMME_EUR),
        ("hold", "programme km2", FREE_KM2),
    ]


def test_what_the_cell_lacks_may_be_priced(programme):
    request = world.in_arbitration(programme)
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 40, cause=cause)

    offered = arbitration.offer(
        request_id=request.pk, user=programme.arbitrator, is_shortfall_priced=True
    )

    assert offered.priced_eur == PRICE_EUR
    assert balances(request.number) == {
        "entity km2": (ASKED_KM2, 0),
        "programme km2": (Decimal(40), 0),
        "budget km2": (Decimal("17.470255"), 0),
        "budget eur": (PRICE_EUR, 0),
        "programme eur": (PROGRAMME_EUR, 0),
    }


def test_institution_pays_the_public_service_price(institution):
    request = world.priced_offer(institution)

    # 29.265754 km² at 4.06 €, half-up: no minimum is billed.
    assert request.priced_eur == Decimal("118.82")
    assert Quotation.objects.get().total_eur == Decimal("118.82")


def test_offer_outside_the_area_is_refused_with_the_figure(programme):
    request = world.in_arbitration(programme)
    shifted = world.square(west=1.34)

    with refused("offer_outside_area") as caught:
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(shifted.wkb)
        )

    assert "28,74 km²" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda found: {"aoi": world.square(west=1.31)},
        lambda found: {"maximum_cloud_percent": 11},
        lambda found: {"requester": found.colleague},
        lambda found: {"entity": EntityFactory(category=found.entity.category)},
        lambda found: {"mandate": MandateFactory(principal=found.entity)},
    ],
    ids=["area", "answer", "requester", "entity", "mandate"],
)
def test_offer_on_a_request_changed_meanwhile_is_refused(programme, change):
    request = world.in_arbitration(programme)
    measured = ImageryRequest.objects.get(pk=request.pk)
    area = offered_area(measured, bytes(world.square(size_deg=0.04).wkb))
    ImageryRequest.objects.filter(pk=request.pk).update(**change(programme))

    with refused("changed_meanwhile"):
        offering._offer(
            request_id=request.pk,
            user=programme.arbitrator,
            measured=measured,
            terms=offering.Terms(AS_ASKED, None, area, is_shortfall_priced=False),
            note="",
        )


def test_stranger_learns_nothing_from_an_unusable_polygon(programme):
    request = world.in_arbitration(programme)

    with forbidden():
        arbitration.offer(request_id=request.pk, user=programme.requester, polygon_wkb=b"no")


def test_offer_of_the_same_for_nothing_is_refused(programme):
    request = world.in_arbitration(programme)

    with refused("offer_changes_nothing"):
        arbitration.offer(request_id=request.pk, user=programme.arbitrator)


def test_offer_beyond_the_envelope_is_refused(programme):
    request = world.in_arbitration(programme)
    envelope = Envelope.objects.get(scope="programme", demands__request_number=request.number)
    cause = Cause(decision=last_record(request).decision, reason="test")
    expire(envelope_id=envelope.pk, amount=envelope.left - 10, cause=cause)
    smaller = world.square(size_deg=0.05)

    with refused("quota_exhausted"):
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(smaller.wkb)
        )


def test_offer_on_an_offer_is_refused(programme):
    request = world.offered(programme)
    smaller = world.square(size_deg=0.06)

    with refused("already_decided"):
        arbitration.offer(
            request_id=request.pk, user=programme.arbitrator, polygon_wkb=bytes(smaller.wkb)
        )


@pytest.mark.parametrize("role", ["reviewer", "chair", "requester"])
def test_others_make_no_offer(programme, role):
    request = world.in_arbitration(programme)
    smaller = world.square(size_deg=0.05)

    with forbidden():
        arbitration.offer(
            request_id=request.pk, user=programme.people[role], polygon_wkb=bytes(smaller.wkb)
        )


def test_offer_after_the_window_is_refused(programme):
    request = world.in_arbitration(programme, **world.tasking())
    world.let_window_pass(request)

    with refused("window_over"):
        arbitration.offer(
            request_id=request.pk,
            user=programme.arbitrator,
            polygon_wkb=bytes(world.square(size_deg=0.05).wkb),
        )


# -- withdrawing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["arbitrator", "chair"])
def test_withdrawn_offer_goes_back_to_arbitration(programme, role):
    request = world.offered(programme)

    withdrawn = arbitration.withdraw_offer(
        request_id=request.pk, user=programme.people[role], reason="A better image."
    )

    assert (withdrawn.state, withdrawn.has_replied) == (State.IN_ARBITRATION, False)
    assert postings(request.number, "withdraw_offer") == [
        ("release", "programme km2", -SMALLER_KM2)
    ]
    assert balances(request.number) == held(entity=ASKED_KM2)
    assert demand(request.number) == {"programme": ASKED_KM2}
    assert Offer.objects.get().state == "withdrawn"


def test_another_offer_may_follow_a_withdrawn_one(programme):
    request = world.priced_offer(programme)
    arbitration.withdraw_offer(request_id=request.pk, user=programme.chair, reason="An error.")

    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    assert balances(request.number) == PRICED_BALANCES
    assert list(Offer.objects.values_list("state", flat=True)) == ["withdrawn", "open"]
    assert Quotation.objects.open().count() == 1


def test_offer_is_not_withdrawn_without_a_reason(programme):
    request = world.offered(programme)

    with refused("reason_missing"):
        arbitration.withdraw_offer(request_id=request.pk, user=programme.chair, reason="")


def test_requester_does_not_withdraw(programme):
    request = world.offered(programme)

    with forbidden():
        arbitration.withdraw_offer(request_id=request.pk, user=programme.requester, reason="Mine.")

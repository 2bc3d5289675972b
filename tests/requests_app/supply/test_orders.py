"""Ordering consumes what was held."""

from decimal import Decimal

import pytest

from eligibility.models import Membership
from eligibility.services import suspend_membership
from orbitrage.shared.models import OutboxMessage
from quotas.models import SupplyContract
from quotas.selectors import charged_km2
from requests_app.arbitration.services.rescission import propose_rescission, reject_rescission
from requests_app.models import Acquisition, AcquisitionShare, ImageryRequest
from requests_app.states import State
from requests_app.supply import services as supply
from requests_app.supply.selectors import supply_contract_of
from tests.eligibility.factories import AffiliationFactory, MandateFactory
from tests.quotas.factories import EnvelopeFactory, SupplyContractFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    PROGRAMME_EUR,
    WHOLE,
    balances,
    forbidden,
    postings,
    refused,
)

pytestmark = pytest.mark.django_db


# -- order -----------------------------------------------------------------------------------------


def test_order_consumes_what_was_held(programme):
    request = world.ordered(programme)

    assert request.state == State.ORDERED
    assert balances(request.number) == WHOLE
    assert postings(request.number, "order") == [
        ("consume", "entity km2", ASKED_KM2),
        ("consume", "programme km2", ASKED_KM2),
    ]
    assert charged_km2(request.number) == ASKED_KM2


def test_order_makes_one_acquisition_with_one_share(programme):
    request = world.ordered(programme)

    acquisition = Acquisition.objects.get()
    assert acquisition.area.equals(request.operator_aoi)
    assert (acquisition.area_km2, acquisition.state) == (ASKED_KM2, "planned")
    assert (acquisition.supply_contract, acquisition.ordered_by) == (
        "EXAMPLE-PLEIADES",
        programme.supply_officer,
    )
    share = AcquisitionShare.objects.get()
    assert (share.acquisition, share.request) == (acquisition, request)
    assert (share.granted_km2, share.delivered_km2) == (ASKED_KM2, 0)


def test_contract_of_the_km2_is_cited_before_that_of_the_attempts():
    attempts = EnvelopeFactory(unit="attempts", contract=SupplyContractFactory(reference="A"))
    km2 = EnvelopeFactory(unit="km2", contract=SupplyContractFactory(reference="K"))

    cited = [supply_contract_of(ids) for ids in ([km2.pk, attempts.pk], [attempts.pk], [])]

    assert cited == ["K", "A", ""]


def test_order_leaves_through_the_outbox(programme):
    request = world.ordered(programme)

    acquisition = Acquisition.objects.get()
    message = OutboxMessage.objects.get(topic="requests.place_order")
    assert (message.key, message.stream) == (f"order:{acquisition.pk}", request.number)
    assert message.payload == {"acquisition_id": acquisition.pk}


def test_tasking_waits_until_the_end_of_its_window(programme):
    request = world.ordered(programme, **world.tasking())

    assert request.due_on == request.window_ends_on == world.in_days(100)


def test_archive_order_ends_by_its_delay_and_not_by_the_dates_of_its_search(programme):
    """The dates of an archive search are past: they do not end the order."""
    dates = {"window_starts_on": world.in_days(-900), "window_ends_on": world.in_days(-700)}

    request = world.ordered(programme, **dates)

    assert request.due_on == world.in_days(60)


def test_order_of_an_accepted_price_consumes_the_budget(programme):
    request = world.priced_offer(programme)
    world.accepted_price(programme, request)

    supply.order(request_id=request.pk, user=programme.supply_officer)

    assert balances(request.number) == {
        "entity km2": (0, Decimal(100)),
        "programme km2": (0, Decimal(100)),
        "budget km2": (0, Decimal("29.265754")),
        "budget eur": (0, Decimal("100.00")),
        "programme eur": (0, PROGRAMME_EUR),
    }
    assert charged_km2(request.number) == LARGE_KM2


def test_order_after_the_membership_is_refused(programme):
    request = world.approved(programme)
    Membership.objects.update(ends_on=world.in_days(-1))

    with refused("membership_expired"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_under_a_suspended_membership_is_refused(programme):
    request = world.approved(programme)
    suspend_membership(
        membership_id=programme.entity.memberships.get().pk,
        reason="fee unpaid",
        by_user_id=programme.secretariat.pk,
    )

    with refused("membership_suspended"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_after_the_mandate_is_refused(programme):
    request = world.approved(programme)
    mandate = MandateFactory(
        principal=programme.entity, sensors=[programme.sensor], ends_on=world.in_days(-1)
    )
    AffiliationFactory(user=programme.requester, entity=mandate.contractor)
    ImageryRequest.objects.filter(pk=request.pk).update(mandate=mandate)

    with refused("mandate_expired"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_for_somebody_who_left_is_refused(programme):
    request = world.approved(programme)
    programme.requester.affiliations.update(until=world.in_days(0))

    with refused("requester_left"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_order_waits_while_it_is_proposed_to_rescind_the_decision(programme):
    request = world.approved(programme)
    propose_rescission(request_id=request.pk, user=programme.chair, reason="An error.")

    with refused("rescission_proposed"):
        supply.order(request_id=request.pk, user=programme.supply_officer)

    reject_rescission(request_id=request.pk, user=programme.arbitrator, reason="It is right.")
    assert supply.order(request_id=request.pk, user=programme.supply_officer).state == "ordered"


def test_order_after_the_supply_contract_is_refused(programme):
    request = world.approved(programme)
    SupplyContract.objects.filter(reference="EXAMPLE-PLEIADES").update(ends_on=world.in_days(-1))

    with refused("supply_contract_not_in_force"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


def test_offer_not_accepted_is_not_ordered(programme):
    request = world.offered(programme)

    with refused("already_decided"):
        supply.order(request_id=request.pk, user=programme.supply_officer)


@pytest.mark.parametrize("role", ["requester", "reviewer", "arbitrator", "chair", "secretariat"])
def test_others_do_not_order(programme, role):
    request = world.approved(programme)

    with forbidden():
        supply.order(request_id=request.pk, user=programme.people[role])


def test_order_after_the_window_is_refused(programme):
    request = world.approved(programme, **world.tasking())
    world.let_window_pass(request)

    with refused("window_over"):
        supply.order(request_id=request.pk, user=programme.supply_officer)

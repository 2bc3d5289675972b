"""What the page of a request offers, and what it does not because it would be refused."""

import pytest

from requests_app.handling import services as handling
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.periodic import review_standings
from requests_app.supply import services as supply
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def offered(programme, client):
    """Names of the moves that the page offers to somebody of a role."""

    def moves(request, role):
        client.force_login(
            programme.people[role], backend="django.contrib.auth.backends.ModelBackend"
        )
        context = client.get(request.get_absolute_url()).context
        return {move.name for move in (*context["moves"], *context["moves_aside"])}

    return moves


OFFERED = [
    (world.draft, "requester", {"submit", "cancel", "add_co_requester"}),
    (world.submitted, "requester", {"recall", "cancel", "add_co_requester"}),
    (world.submitted, "reviewer", {"take"}),
    (world.submitted, "chair", {"cancel", "assign", "reroute", "transfer_request", "expedite"}),
    (world.submitted, "secretariat", {"cancel", "reroute", "transfer_request", "expedite"}),
    (world.submitted, "entity_contact", {"cancel", "transfer_request"}),
    (
        world.in_review,
        "reviewer",
        {
            "recommend", "request_information", "release_file", "propose_inadmissible",
            "close_nationality_review",
        },
    ),
    (
        after.proposed,
        "reviewer",
        {"recommend", "request_information", "release_file", "close_nationality_review"},
    ),
    (world.in_review, "arbitrator", set()),
    (after.proposed, "arbitrator", {"refuse"}),
    (
        world.in_arbitration,
        "arbitrator",
        {"approve", "offer", "refuse", "return_to_review", "defer"},
    ),
    (world.in_arbitration, "reviewer", set()),
    (world.approved, "chair", {"cancel", "transfer_request", "propose_rescission"}),
    (world.approved, "supply_officer", {"order"}),
    (
        after.rescission_proposed,
        "chair",
        {"cancel", "transfer_request", "reject_rescission"},
    ),
    (after.rescission_proposed, "arbitrator", {"rescind", "reject_rescission"}),
    (after.rescission_proposed, "supply_officer", set()),
    (
        world.ordered,
        "supply_officer",
        {"register_delivery", "stop_order", "fail", "propose_amendment"},
    ),
    (
        after.amendment_proposed,
        "supply_officer",
        {"register_delivery", "stop_order", "fail"},
    ),
    (after.amendment_proposed, "requester", {"amend_order", "decline_amendment", "add_co_requester"}),
    (after.closing_asked, "requester", {"choose_on_shortfall", "add_co_requester"}),
    (
        after.closing_asked,
        "supply_officer",
        {"register_delivery", "stop_order", "propose_amendment"},
    ),
    (
        after.closing_told,
        "supply_officer",
        {
            "register_delivery", "stop_order", "propose_amendment", "extend_window",
            "close_window",
        },
    ),
    (
        after.window_extended,
        "supply_officer",
        {"register_delivery", "stop_order", "propose_amendment"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reach", "role", "expected"),
    OFFERED,
    ids=[f"{reach.__name__} {role}" for reach, role, _ in OFFERED],
)
def test_page_offers(programme, offered, reach, role, expected):
    request = reach(programme)

    assert offered(request, role) == expected


def test_file_given_to_another_reviewer_is_not_offered_to_take(programme, offered):
    request = world.submitted(programme)
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user
    assert "take" in offered(request, "reviewer")

    handling.assign(request_id=request.pk, user=programme.chair, reviewer_id=other.pk)

    assert "take" not in offered(request, "reviewer")


def test_expedited_file_is_not_offered_to_be_expedited(programme, offered):
    request = after.expedited(programme)

    assert "expedite" not in offered(request, "chair")


def test_open_review_of_nationality_leaves_its_closing(programme, offered):
    request = world.in_arbitration(programme)
    ImageryRequest.objects.filter(pk=request.pk).update(nationality_reviewed=False)

    assert offered(request, "reviewer") == {"close_nationality_review"}
    assert offered(request, "arbitrator") == {"refuse", "return_to_review", "defer"}


@pytest.mark.parametrize(
    ("reach", "role", "move"),
    [(world.offered, "requester", "accept_offer"), (world.approved, "supply_officer", "order")],
)
def test_open_review_of_nationality_comes_before_what_it_stops(
    programme, offered, reach, role, move
):
    request = reach(programme)
    assert move in offered(request, role)

    ImageryRequest.objects.filter(pk=request.pk).update(nationality_reviewed=False)

    assert move not in offered(request, role)
    assert "close_nationality_review" in offered(request, "reviewer")


def test_co_requester_is_removed_where_there_is_one(programme, offered):
    request = after.joined(programme)

    assert "remove_co_requester" in offered(request, "requester")


BLOCKED = [
    (after.asked, "requester", "answer"),
    (world.in_arbitration, "arbitrator", "approve"),
    (world.in_arbitration, "arbitrator", "offer"),
    (world.offered, "requester", "accept_offer"),
    (world.approved, "supply_officer", "order"),
]


@pytest.mark.parametrize(
    ("reach", "role", "move"), BLOCKED, ids=[f"{move}" for _reach, _role, move in BLOCKED]
)
def test_blocked_file_offers_nothing_that_goes_on(programme, offered, read, reach, role, move):
    request = reach(programme)
    assert move in offered(request, role)

    programme.entity.memberships.update(suspended_on=world.in_days(0), suspension_reason="Fee.")
    review_standings()

    assert move not in offered(request, role)
    text = read(programme.people[role], request.get_absolute_url())
    assert "This request is blocked: nothing goes on in the name of its entity." in text
    assert "has been suspended since" in text


OF_THE_WINDOW = [row for row in BLOCKED if row[2] not in ("answer", "offer")]


@pytest.mark.parametrize(
    ("reach", "role", "move"), OF_THE_WINDOW, ids=[move for _reach, _role, move in OF_THE_WINDOW]
)
def test_window_that_is_over_offers_nothing_to_acquire_in_it(
    programme, offered, read, reach, role, move
):
    request = reach(programme, **world.tasking())
    assert move in offered(request, role)

    world.let_window_pass(request)

    assert move not in offered(request, role)
    text = read(programme.people[role], request.get_absolute_url())
    assert "nothing can be acquired in it any more" in text


def test_window_that_is_over_leaves_the_offer_of_other_images(programme, offered):
    request = world.in_arbitration(programme, **world.tasking())
    world.let_window_pass(request)

    assert offered(request, "arbitrator") == {"offer", "refuse", "return_to_review", "defer"}


def test_block_that_is_mended_holds_nothing_back_until_the_night(programme, offered, read):
    request = after.blocked(programme)
    assert "blocked" in read(programme.requester, request.get_absolute_url())

    programme.entity.memberships.update(suspended_on=None, suspension_reason="")

    text = read(programme.requester, request.get_absolute_url())
    assert "This request is blocked" not in text


def disputed_with_a_refund_of_money(programme):
    """129.27 km² ordered, 29.27 of them for 100 €; 34.48 km² came."""
    request = world.priced_offer(programme, **world.tasking_window())
    world.accepted_price(programme, request)
    supply.order(request_id=request.pk, user=programme.supply_officer)
    supply.register_delivery(
        request_id=request.pk,
        user=programme.supply_officer,
        products=[world.product(world.strip(width_deg=0.048), identifier="DS_PHR1A_2")],
        complete=True,
    )
    return deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_new_acquisition_of_a_paid_part_that_was_refunded_is_not_offered(programme, offered):
    apart, part = world.square(west=3), world.square(west=3, size_deg=0.05)
    free = world.delivered(programme, aoi=apart, footprint=part, **world.tasking())
    deliveries.dispute(request_id=free.pk, user=programme.requester, reason="Clouds.")
    paid = disputed_with_a_refund_of_money(programme)

    assert "retask" in offered(free, "arbitrator")
    assert "retask" not in offered(paid, "arbitrator")

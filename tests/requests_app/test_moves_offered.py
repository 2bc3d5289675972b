"""What the page of a request offers, and what it does not because it would be refused."""

from decimal import Decimal

import pytest
from django.urls import reverse

from eligibility.models import Cell
from requests_app.aoi import operator_area
from requests_app.arbitration import services as arbitration
from requests_app.handling import services as handling
from requests_app.intake.services import offers
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


def address(request, transition):
    return reverse("requests:move", args=[request.number, transition])


# -- in each state, to each ------------------------------------------------------------------------

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


@pytest.mark.parametrize(
    ("reach", "role", "move"), BLOCKED[1:], ids=[f"{move}" for _reach, _role, move in BLOCKED[1:]]
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
    return offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def test_new_acquisition_of_a_paid_part_that_was_refunded_is_not_offered(programme, offered):
    apart, part = world.square(west=3), world.square(west=3, size_deg=0.05)
    free = world.delivered(programme, aoi=apart, footprint=part, **world.tasking())
    offers.dispute(request_id=free.pk, user=programme.requester, reason="Clouds.")
    paid = disputed_with_a_refund_of_money(programme)

    assert "retask" in offered(free, "arbitrator")
    assert "retask" not in offered(paid, "arbitrator")


# -- the forms -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wanted", "has_window"), [({}, False), (world.tasking(), True)])
def test_form_of_a_new_acquisition_asks_an_archive_for_no_window(
    programme, client, wanted, has_window
):
    request = world.delivered(programme, **wanted)
    offers.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    client.force_login(programme.arbitrator)

    form = client.get(address(request, "retask")).context["form"]

    assert ("window_ends_on" in form.fields) is has_window


def test_archive_is_ordered_again_from_its_form(programme, client):
    request = after.disputed(programme)
    client.force_login(programme.arbitrator)

    response = client.post(address(request, "retask"), {"reason": "Clouds."})

    assert response.status_code == 302
    assert ImageryRequest.objects.get(pk=request.pk).state == "ordered"


def reasons(client, request):
    form = client.get(address(request, "refuse")).context["form"]
    return [value for value, _label in form.fields["reason"].choices]


def test_no_reason_of_a_refusal_is_chosen_by_default_but_the_one_of_a_file_in_review(
    programme, client
):
    client.force_login(programme.arbitrator)

    assert reasons(client, after.proposed(programme)) == ["inadmissible"]
    undecided = world.in_arbitration(programme, aoi=world.square(west=3))
    assert reasons(client, undecided) == [
        "", "not_eligible", "inadmissible", "already_available", "quota_exhausted", "competition",
        "not_feasible", "emergency_out_of_scope", "licence_incompatible", "invalid_geometry",
        "cloud_cover", "other",
    ]  # fmt: skip


def test_reviewers_to_choose_from_are_those_of_the_cell_without_the_holder(programme, client):
    other = CellMemberFactory(cell=programme.cell, role="reviewer").user
    request = world.in_review(programme)
    client.force_login(programme.chair)

    form = client.get(address(request, "assign")).context["form"]

    nobody, *reviewers = form.fields["reviewer_id"].choices
    assert (nobody[0], reviewers) == ("", [(other.pk, other.full_name)])


def test_whoever_may_take_over_are_the_entitys_people(programme, client):
    request = world.submitted(programme)
    client.force_login(programme.entity_contact)

    form = client.get(address(request, "transfer_request")).context["form"]

    names = [name for _pk, name in form.fields["to_id"].choices]
    assert names == ["---------", "Colleague", "Entity Contact", "Legal Representative"]


def test_chair_who_moves_a_file_away_lands_on_the_queue(programme, client):
    request = world.submitted(programme)
    cell_id = Cell.objects.get(code="institutional").pk
    client.force_login(programme.chair)

    response = client.post(
        address(request, "reroute"), {"cell_id": cell_id, "reason": "Its mission."}
    )

    assert response.url == reverse("queue:list")
    assert client.get(request.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("move", "role", "field"),
    [
        ("assign", "chair", "reviewer_id"),
        ("reroute", "chair", "cell_id"),
        ("transfer_request", "entity_contact", "to_id"),
    ],
)
@pytest.mark.parametrize("typed", ["", "0", "x"])
def test_nobody_is_chosen_by_default_nor_from_outside_the_list(
    programme, client, move, role, field, typed
):
    request = world.submitted(programme)
    client.force_login(programme.people[role])

    response = client.post(address(request, move), {field: typed, "reason": "Why not."})

    assert set(response.context["form"].errors) == {field}
    assert request.records.count() == 1


def test_reason_of_a_proposal_is_read_before_it_is_confirmed(programme, read):
    request = after.rescission_proposed(programme)

    text = read(programme.arbitrator, address(request, "rescind"))

    told = text.index(f"Proposed by {programme.chair.full_name}")
    assert told < text.index("An error.") < text.index("Back to the request")


def test_change_of_the_order_is_read_before_it_is_agreed_to(programme, read):
    request = after.amendment_proposed(programme)

    text = read(programme.requester, address(request, "amend_order"))

    assert "15 % of clouds." in text
    assert "Confirmed by the operator under OP-17" in text


def test_co_requesters_are_named_on_the_page(programme, read):
    request = after.joined(programme)

    assert "Co-requesters Colleague" in read(programme.reviewer, request.get_absolute_url())


def test_refused_request_says_how_and_until_when_to_appeal(programme, read):
    request = after.refused(programme)

    text = read(programme.requester, request.get_absolute_url())

    assert "This refusal may be appealed against until" in text
    assert f"write to {programme.cell.email} with the number {request.number}" in text


def test_appeal_is_not_shown_after_its_day(programme, read, monkeypatch):
    request = world.in_arbitration(programme)
    monkeypatch.setattr(arbitration, "days_from_today", lambda _code: world.in_days(-1))
    arbitration.refuse(
        request_id=request.pk, user=programme.arbitrator, reason="other", text="Ask again."
    )

    text = read(programme.requester, request.get_absolute_url())

    assert "appealed" not in text


# -- a copy ----------------------------------------------------------------------------------------


def test_copy_of_what_was_granted_in_part_asks_for_the_whole(programme, client):
    smaller = world.square(size_deg=0.04)
    granted = world.offered(programme, polygon=smaller)
    offers.accept_offer(request_id=granted.pk, user=programme.requester)
    client.force_login(programme.requester)

    client.post(reverse("requests:copy", args=[granted.number]))

    copied = ImageryRequest.objects.latest("pk")
    assert (copied.area_km2, copied.operator_area_km2) == (granted.area_km2, granted.area_km2)


def test_copy_whose_order_is_too_large_is_refused_with_its_figures(programme, client, monkeypatch):
    """The operator takes less than when the first was asked for."""
    request = world.submitted(programme)
    monkeypatch.setattr(operator_area, "AREA_MAXIMUM_KM2", Decimal(10))
    client.force_login(programme.requester)

    response = client.post(reverse("requests:copy", args=[request.number]), follow=True)

    assert ImageryRequest.objects.count() == 1
    assert response.redirect_chain == [(request.get_absolute_url(), 302)]
    assert [message.level_tag for message in response.context["messages"]] == ["error"]

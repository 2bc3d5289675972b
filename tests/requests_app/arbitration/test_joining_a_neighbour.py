"""A small area asks to join a pending request nearby: the cell names it, or asks to enlarge."""

import pytest
import shapely
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from eligibility.models import Cell
from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.neighbours import candidates_for
from tests.requests_app import world
from tests.requests_app.area_posts import answers
from tests.requests_app.books import refused
from tests.requests_app.near import box, joining, small

pytestmark = pytest.mark.django_db


@pytest.fixture
def neighbour(programme) -> ImageryRequest:
    return world.submitted(programme, aoi=box(1.45, 43.5, 1.53, 43.58))


def shown(client, user, request, move="") -> str:
    client.force_login(user)
    address = reverse("requests:move", args=[request.number, move]) if move else None
    page = client.get(address or request.get_absolute_url(), headers={"accept-language": "en"})
    return " ".join(page.text.split())


# --- Asking ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("neighbour")
def test_to_ask_for_it_is_to_agree_below_the_operator_s_minimum(programme):
    request = world.draft(programme, aoi=world.square(size_deg=0.05), asks_to_join=True)

    submitted = intake.submit(request_id=request.pk, user=programme.requester)

    assert (submitted.state, submitted.waits_for_a_neighbour) == ("submitted", True)
    assert submitted.area_km2 < submitted.operator_area_km2


def test_nobody_joins_where_nobody_asks(programme):
    request = world.draft(programme, aoi=world.square(size_deg=0.05), asks_to_join=True)

    with refused("nothing_to_join"):
        intake.submit(request_id=request.pk, user=programme.requester)

    assert ImageryRequest.objects.get(pk=request.pk).state == "draft"


def test_whom_one_may_not_see_may_be_joined_too(programme, elsewhere):
    elsewhere(box(1.45, 43.5, 1.53, 43.58))
    request = world.draft(programme, aoi=world.square(size_deg=0.05), asks_to_join=True)

    assert intake.submit(request_id=request.pk, user=programme.requester).state == "submitted"


@pytest.mark.usefixtures("neighbour")
def test_form_takes_the_answer_and_the_file_says_it(client, programme):
    client.force_login(programme.requester)
    draft = small(programme)
    typed = answers(programme, asks_to_join="on")

    client.post(reverse("requests:edit", args=[draft.number]), typed)

    draft.refresh_from_db()
    assert draft.asks_to_join
    page = shown(client, programme.requester, draft)
    assert "it asks to join a pending request nearby" in page
    assert 'data-code="below_minimum_order"' not in page


# --- The cell -------------------------------------------------------------------------------------


def test_cell_reads_whom_it_might_join_and_nobody_else_does(client, programme, neighbour):
    request = joining(programme)

    inside = shown(client, programme.arbitrator, request)
    outside = shown(client, programme.requester, request)

    assert f"{neighbour.number}</a> {neighbour.title}, 8 km away" in inside
    assert ('id="candidates"' in inside, 'id="candidates"' in outside) == (True, False)


def test_cell_reads_that_there_is_none_and_within_what_distance(client, programme, neighbour):
    request = joining(programme)
    another = Cell.objects.exclude(pk=programme.cell.pk).first()
    ImageryRequest.objects.filter(pk=neighbour.pk).update(cell=another)

    page = shown(client, programme.arbitrator, request)

    assert "None of the cell is pending within 20 km." in page


def test_only_files_of_the_same_cell_are_ordered_together(programme, neighbour):
    request = joining(programme)
    assert [each.number for each in candidates_for(request)] == [neighbour.number]

    ImageryRequest.objects.filter(pk=neighbour.pk).update(
        cell=Cell.objects.exclude(pk=programme.cell.pk).first()
    )

    assert candidates_for(request) == ()


def test_approval_names_the_file_it_is_ordered_with(client, programme, neighbour):
    request = joining(programme)
    assert f'<option value="{neighbour.number}">' in shown(
        client, programme.arbitrator, request, "approve"
    )

    client.post(
        reverse("requests:move", args=[request.number, "approve"]),
        {"ordered_with": neighbour.number},
    )

    request.refresh_from_db()
    assert (request.state, request.ordered_with) == ("approved", neighbour.number)
    assert (request.operator_area_km2, request.order_is_enlarged) == (request.area_km2, False)
    assert request.granted_area_km2 == request.area_km2


def test_story_names_it_to_the_cell_and_says_so_to_who_asks(client, programme, neighbour):
    request = joining(programme)
    arbitration.approve(
        request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )
    ImageryRequest.objects.filter(pk=neighbour.pk).update(requester=programme.colleague)

    inside = shown(client, programme.arbitrator, request)
    outside = shown(client, programme.requester, request)

    assert f"to be ordered together with {neighbour.number}" in inside
    assert "to be ordered together with one nearby" in outside
    assert neighbour.number not in outside


def test_area_that_joins_another_order_keeps_to_the_operator_s_number_of_vertices(
    programme, neighbour
):
    aoi = to_geos_multipolygon(shapely.Point(1.35, 43.53).buffer(0.02, quad_segs=400))
    request = joining(programme, aoi=aoi)

    approved = arbitration.approve(
        request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )

    counts = (approved.aoi.num_points, approved.operator_aoi.num_points)
    assert (counts[0] > 999, counts[1] <= 999) == (True, True)
    assert approved.area_km2 <= approved.operator_area_km2 < 25
    assert not approved.order_is_enlarged


def test_request_that_another_is_ordered_with_joins_nobody(programme, neighbour):
    first, second = joining(programme), joining(programme, west=1.36)
    assert [each.number for each in candidates_for(second)] == [first.number, neighbour.number]
    arbitration.approve(request_id=first.pk, user=programme.arbitrator, ordered_with=second.number)

    for each in (first, neighbour):
        with override("en"), refused("is_joined") as caught:
            arbitration.approve(
                request_id=second.pk, user=programme.arbitrator, ordered_with=each.number
            )

    assert candidates_for(second) == ()
    (refusal,) = caught.value.refusals
    assert refusal.message == (
        f"{first.number} is to be ordered together with this request, which can therefore join no"
        " other."
    )


def test_nobody_joins_a_request_that_joins_another(programme, neighbour):
    first, second = joining(programme), joining(programme, west=1.36)
    arbitration.approve(
        request_id=first.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )

    with refused("cannot_be_joined"):
        arbitration.approve(
            request_id=second.pk, user=programme.arbitrator, ordered_with=first.number
        )

    assert [each.number for each in candidates_for(second)] == [neighbour.number]


def test_approval_without_a_name_is_refused(programme, neighbour):
    request = joining(programme)

    with refused("join_not_settled"):
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    request.refresh_from_db()
    assert (request.state, request.ordered_with) == ("in_arbitration", "")


def test_what_is_not_nearby_is_not_ordered_together(programme, neighbour):
    request = joining(programme)
    far = world.submitted(programme, aoi=box(3, 45, 3.08, 45.08))

    with refused("cannot_be_joined"):
        arbitration.approve(
            request_id=request.pk, user=programme.arbitrator, ordered_with=far.number
        )


def test_who_did_not_ask_to_join_is_joined_to_nobody(programme, neighbour):
    request = world.in_arbitration(programme)

    with refused("cannot_be_joined"):
        arbitration.approve(
            request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
        )


def test_who_agrees_to_both_is_approved_without_a_name(programme, neighbour):
    request = joining(programme, agrees_to_enlargement=True)

    approved = arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert (approved.state, approved.order_is_enlarged) == ("approved", True)


def test_offer_of_the_same_area_asks_to_enlarge_and_its_acceptance_agrees(programme, neighbour):
    request = joining(programme)
    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    accepted = intake.offers.accept_offer(request_id=request.pk, user=programme.requester)

    accepted.refresh_from_db()
    assert (accepted.state, accepted.agrees_to_enlargement) == ("approved", True)
    (revision,) = accepted.revisions.all()
    assert revision.content.content == {"agrees_to_enlargement": [False, True]}


def test_rescinded_approval_joins_nobody_any_more(programme, neighbour):
    request = joining(programme)
    arbitration.approve(
        request_id=request.pk, user=programme.arbitrator, ordered_with=neighbour.number
    )
    rescission.propose_rescission(
        request_id=request.pk, user=programme.people["secretariat"], reason="An error."
    )
    rescission.rescind(request_id=request.pk, user=programme.people["chair"])

    request.refresh_from_db()
    assert (request.ordered_with, request.order_is_enlarged) == ("", True)
    assert request.waits_for_a_neighbour


def test_nothing_is_ordered_with_what_it_did_not_ask_for(programme):
    request = world.draft(programme)

    with pytest.raises(IntegrityError, match="joins_as_asked"), transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(ordered_with="R2026-000001")


def test_nothing_is_ordered_with_itself(programme):
    request = world.draft(programme)

    with pytest.raises(IntegrityError, match="joins_another"), transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(
            asks_to_join=True, ordered_with=request.number
        )

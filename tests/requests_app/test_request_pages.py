"""What the pages of a request say before somebody decides, and to whom."""

import json
from decimal import Decimal

import pytest
import shapely
from django.urls import reverse
from django.utils.translation import override

from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.features import areas_of, request_features
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from tests.eligibility.factories import AffiliationFactory
from tests.requests_app import world
from tests.requests_app.books import again
from tests.requests_app.move_pages import address

pytestmark = pytest.mark.django_db


def said(area_km2: Decimal) -> str:
    return f"{area_km2:.2f} km²"


# --- The areas of a request -----------------------------------------------------------------------


def small_offer(programme):
    """A tasking of 57 km² of which 14 are offered: the operator takes 100."""
    smaller = world.square(size_deg=0.04)
    return world.offered(programme, polygon=smaller, **world.tasking())


def test_area_asked_for_is_drawn_alone_before_a_decision(programme):
    assert [area.role for area in areas_of(world.submitted(programme))] == ["aoi"]


def test_offer_is_drawn_with_what_goes_to_the_operator(programme):
    request = again(small_offer(programme))

    areas = {area.role: area.area_km2 for area in areas_of(request)}

    assert areas == {
        "aoi": request.area_km2,
        "offer": request.granted_area_km2,
        "operator": request.operator_area_km2,
    }


def test_change_of_an_enlarged_offer_is_told_against_what_is_offered(programme):
    request = again(small_offer(programme))

    with override("en"):
        sent = areas_of(request)[-1]

    more = said(request.operator_area_km2 - request.granted_area_km2)
    assert sent.change == f"{more} more, with {sent.geometry.num_points - 1} corners instead of 4."


def test_corners_are_counted_only_where_their_number_changes(programme):
    disc = shapely.Point(1.4, 43.6).buffer(0.056)
    request = again(world.draft(programme, aoi=to_geos_multipolygon(disc), **world.tasking()))

    with override("en"):
        asked, sent = areas_of(request)

    more = said(request.operator_area_km2 - request.area_km2)
    assert sent.geometry.num_points == asked.geometry.num_points
    assert sent.change == f"{more} more."


def test_outline_simplified_for_the_operator_is_shown_with_its_change(programme, read):
    disc = shapely.Point(1.4, 43.6).buffer(0.3, quad_segs=500)
    request = world.draft(programme, aoi=to_geos_multipolygon(disc))

    page = read(programme.requester, request.get_absolute_url())

    sent = areas_of(request)[-1]
    assert sent.geometry.num_points <= 999
    more = said(request.operator_area_km2 - request.area_km2)
    told = f"{more} more, with {sent.geometry.num_points - 1} corners instead of 2,000."
    assert told in page
    assert "outline simplified for the operator" in page


def test_granted_area_is_drawn_once_the_offer_is_accepted(programme):
    offered = small_offer(programme)
    request = again(intake.offers.accept_offer(request_id=offered.pk, user=programme.requester))

    roles = [feature["properties"]["role"] for feature in request_features(request)["features"]]

    assert roles == ["aoi", "granted", "operator"]


def test_nothing_is_granted_on_a_cancelled_request(programme, read):
    approved = world.approved(programme)
    before = read(programme.requester, approved.get_absolute_url())
    intake.cancel(request_id=approved.pk, user=programme.requester)

    after = read(programme.requester, approved.get_absolute_url())

    assert "Granted" in before
    assert "Granted" not in after
    assert "granted" not in after
    assert [area.role for area in areas_of(again(approved))] == ["aoi"]


def test_what_is_offered_is_not_called_granted(programme, read):
    request = world.offered(programme)

    text = read(programme.requester, request.get_absolute_url())

    assert f"{said(request.area_km2)} asked for · {said(request.granted_area_km2)} offered" in text
    assert "Granted" not in text


def test_supply_officer_takes_the_polygon_to_order(programme, client):
    request = again(world.approved(programme))
    client.force_login(programme.supply_officer)

    response = client.get(reverse("requests:order_area", args=[request.number]))

    (feature,) = response.json()["features"]
    assert response["Content-Disposition"] == f'attachment; filename="{request.number}.geojson"'
    assert response["Content-Type"] == "application/geo+json"
    assert feature["geometry"] == json.loads(request.operator_aoi.geojson)
    assert feature["properties"]["area_km2"] == str(request.operator_area_km2)


# --- The offer ------------------------------------------------------------------------------------


def test_whoever_accepts_a_price_reads_it_before_the_button(programme, read):
    request = again(world.priced_offer(programme))

    text = read(programme.entity_contact, address(request, "accept_offer"))

    area = said(request.area_km2)
    first = text.index(f"You accept {area} of the {area} asked for, at €100.00.")
    assert first < text.index("Area offered") < text.index("Total") < text.index("Purchase ref")


def test_free_offer_says_that_nothing_is_to_pay(programme, read):
    request = world.offered(programme, polygon=world.square(size_deg=0.06))

    text = read(programme.requester, address(request, "accept_offer"))

    areas = f"{said(request.granted_area_km2)} of the {said(request.area_km2)} asked for"
    assert f"You accept {areas}, with nothing to pay." in text
    assert "the operator takes" not in text


def test_enlarged_order_is_told_on_acceptance(programme, read):
    request = small_offer(programme)

    text = read(programme.requester, address(request, "accept_offer"))

    granted, taken = said(request.granted_area_km2), said(request.operator_area_km2)
    assert f"{granted} are granted and the operator takes {taken}: the order is enlarged" in text
    assert f"only {granted} count on your quota" in text


@pytest.mark.parametrize("role", ["requester", "colleague"])
def test_who_alone_may_accept_a_price_is_named(programme, read, role):
    request = world.priced_offer(programme)

    text = read(programme.people[role], request.get_absolute_url())

    assert "€100.00 to pay: only the contact of the entity (Entity Contact) can accept" in text


@pytest.mark.parametrize("role", ["entity_contact", "arbitrator"])
def test_contact_is_not_named_to_who_accepts_or_has_no_part(programme, read, role):
    request = world.priced_offer(programme)

    text = read(programme.people[role], request.get_absolute_url())

    assert "can accept this offer" not in text


def test_requester_of_a_free_offer_waits_for_nobody(programme, read):
    request = world.offered(programme)

    assert "can accept this offer" not in read(programme.requester, request.get_absolute_url())


# --- The question ---------------------------------------------------------------------------------


def questioned(programme):
    request = world.in_review(programme)
    return review.request_information(
        request_id=request.pk, user=programme.reviewer, question="Which season?"
    )


def test_question_stands_where_it_is_answered(programme, read):
    request = questioned(programme)

    detail = read(programme.requester, request.get_absolute_url())
    answer = read(programme.requester, address(request, "answer"))

    assert detail.index("Which season?") < detail.index("Area asked for")
    assert answer.index("Which season?") < answer.index("Your answer")


def test_answered_question_is_in_the_story_alone(programme, read):
    request = questioned(programme)
    asked = read(programme.requester, request.get_absolute_url())
    intake.answer(request_id=request.pk, user=programme.requester, text="Summer.")

    answered = read(programme.requester, request.get_absolute_url())

    assert asked.count("Which season?") == 2
    assert answered.count("Which season?") == 1


# --- How it is paid for ---------------------------------------------------------------------------


def test_minimum_and_limit_are_told_under_the_table(programme, read):
    request = world.draft(programme, aoi=world.square(size_deg=0.12))

    text = read(programme.requester, request.get_absolute_url())

    paid = said(request.area_km2 - 100)
    assert f"This tariff bills 100.00 km² at least for each request: the {paid} are billed" in text
    assert "Free for one request: 100.00 km², shared with the other requests" in text
    assert f"With an area {paid} smaller, there would be nothing to pay." in text
    assert "They have taken" not in text


def test_requests_that_share_the_free_limit_are_named(programme, read):
    other = world.submitted(programme)
    request = world.draft(programme, aoi=world.square(size_deg=0.12))

    text = read(programme.requester, request.get_absolute_url())

    assert f"They have taken {said(other.area_km2)} of it ( {other.number} )." in text


def test_free_request_needs_no_explanation(programme, read):
    text = read(programme.requester, world.draft(programme).get_absolute_url())

    assert "Free quota" in text
    assert "Free for one request" not in text
    assert "at least for each request" not in text


def test_offer_is_the_main_move_where_a_part_is_to_be_paid(programme, client):
    client.force_login(programme.arbitrator)
    free = world.in_arbitration(programme)
    priced = world.in_arbitration(programme, aoi=world.square(west=2.0, size_deg=0.12))

    first = {
        request.number: client.get(request.get_absolute_url()).context["moves"][0].name
        for request in (free, priced)
    }

    assert first == {free.number: "approve", priced.number: "offer"}


def test_approval_of_a_price_leads_to_the_offer(programme, client):
    client.force_login(programme.arbitrator)
    request = world.in_arbitration(programme, aoi=world.square(size_deg=0.12))

    response = client.get(address(request, "approve"))

    assert f'href="{address(request, "offer")}"' in response.text
    assert 'name="note"' not in response.text


def test_closing_a_window_is_offered_once_it_is_over(programme, client):
    client.force_login(programme.supply_officer)
    request = world.partly_delivered(programme)

    def is_offered() -> bool:
        page = client.get(request.get_absolute_url())
        return "close_window" in [move.name for move in page.context["moves"]]

    before = is_offered()
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(-1))
    assert (before, is_offered()) == (False, True)


# --- What was typed, shown back -------------------------------------------------------------------


def test_facts_show_the_incidence_the_shortfall_and_the_mission(programme, read):
    typed = world.tasking() | {
        "maximum_incidence_deg": 17, "on_shortfall": "extend", "public_service_mission": "Flood plan",
    }  # fmt: skip
    request = world.submitted(programme, **typed)

    text = read(programme.reviewer, request.get_absolute_url())

    assert "Incidence angle, at most 17°" in text
    assert "Extend the window if the operator can" in text
    assert "Public-service mission or research programme Flood plan" in text


def test_other_polygon_of_the_operator_is_explained(programme, read):
    request = world.submitted(programme, **world.tasking())

    text = read(programme.requester, request.get_absolute_url())

    assert "enlarged to the least that the operator takes; the difference does not count" in text


def test_open_review_of_nationality_is_an_error_of_its_box(programme, client):
    client.force_login(programme.reviewer)
    request = world.in_review(programme)

    response = client.post(address(request, "recommend"), {"opinion": "Complete."})

    assert set(response.context["form"].errors) == {"nationality_reviewed"}
    assert response.context["form"].fields["nationality_reviewed"].required
    assert again(request).state == "in_review"


def test_whoever_rescinds_takes_the_grant_back(programme):
    approved = again(world.approved(programme))
    world.rescind(programme, approved.pk)

    assert approved.is_granted
    assert not again(approved).is_granted


def test_who_joins_is_no_colleague_yet(programme, read):
    AffiliationFactory(user=programme.stranger, entity=programme.entity, since=None)

    assert "its contact has been told" in read(programme.stranger, "/")


# --- A draft --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "offered"), [({}, True), ({"request_kind": "tasking"}, False)])
def test_submission_is_offered_once_nothing_stands_against_it(programme, client, kind, offered):
    draft = world.draft(programme, **kind)
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")

    response = client.get(draft.get_absolute_url())

    assert response.context["preview"].is_accepted is offered
    assert (f'href="{address(draft, "submit")}"' in response.text) is offered
    assert f'href="{reverse("requests:edit", args=[draft.number])}"' in response.text

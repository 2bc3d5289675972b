"""What can be done with a request, and what is refused."""

from decimal import Decimal

import pytest

from eligibility.models import Sensor
from orbitrage.shared.models import OutboxMessage
from requests_app.states import State
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, new_request, program_of

pytestmark = pytest.mark.django_db


def test_request_is_submitted(programme, requester, area):
    number = requester.post("/requests", new_request(programme, area)).json()["number"]

    response = requester.post(f"/requests/{number}/do/submit")

    told = response.json()
    assert (response.status_code, told["state"], told["cell"]) == (
        200, "submitted", "pleiades-science",
    )  # fmt: skip
    assert [move["name"] for move in told["moves"]] == [
        "recall", "add_co_requester", "cancel",
    ]  # fmt: skip
    assert OutboxMessage.objects.filter(topic="requests.notice").count() == 1


def test_refused_submission_gives_every_reason_and_writes_nothing(programme, requester):
    draft = world.draft(programme, **world.tasking_window())

    response = requester.post(f"/requests/{draft.number}/do/submit")

    told = response.json()
    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert told == {
        "type": "urn:orbitrage:problem:below_minimum_order",
        "title": "Conflict",
        "status": 409,
        "detail": told["refusals"][0]["message"],
        "instance": f"/api/v1/requests/{draft.number}/do/submit",
        "code": "below_minimum_order",
        "refusals": [{"code": "below_minimum_order", "message": told["detail"]}],
    }
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_second_submission_is_refused(programme, requester):
    request = world.submitted(programme)

    response = requester.post(f"/requests/{request.number}/do/submit")

    assert (response.status_code, codes(response)) == (409, ["already_decided"])


def test_move_that_asks_for_a_text_is_refused_without(programme):
    request = world.in_review(programme)

    response = program_of(programme.reviewer).post(
        f"/requests/{request.number}/do/request_information", {}
    )

    assert (response.status_code, fields(response)) == (422, {"question": "missing"})


def test_unknown_move_is_not_there(programme, requester):
    draft = world.draft(programme)

    for name in ("lapse", "import_request", "delete"):
        response = requester.post(f"/requests/{draft.number}/do/{name}")
        assert (response.status_code, codes(response)) == (404, ["not_found"])


def test_whole_file_is_moved_by_programs(programme, requester, area):
    """Every office by its own token: the way of the walkthrough."""
    number = requester.post("/requests", new_request(programme, area)).json()["number"]
    steps = [
        (programme.requester, "submit", None),
        (programme.reviewer, "take", None),
        (programme.reviewer, "request_information", {"question": "Which season?"}),
        (programme.requester, "answer", {"text": "Summer."}),
        (programme.reviewer, "recommend", {"opinion": "Good.", "nationality_reviewed": True}),
        (programme.arbitrator, "offer", {"polygon": world.square(size_deg=0.05).geojson}),
        (programme.requester, "accept_offer", None),
        (programme.supply_officer, "order", None),
    ]

    states = [
        program_of(person).post(f"/requests/{number}/do/{name}", body).json().get("state")
        for person, name, body in steps
    ]

    assert states == [
        "submitted", "in_review", "information_requested", "in_review", "in_arbitration",
        "offered", "approved", "ordered",
    ]  # fmt: skip
    story = requester.get(f"/requests/{number}/story").json()
    assert [step["by"] for step in story["steps"]][:2] == ["Requester", programme.cell.name]


def test_offer_is_told_with_its_price_and_who_accepts(programme, requester):
    request = world.priced_offer(programme)

    told = requester.get(f"/requests/{request.number}").json()

    assert (told["offer"]["asked_km2"], told["offer"]["contacts"]) == (
        str(request.area_km2), ["Entity Contact"],
    )  # fmt: skip
    assert Decimal(told["offer"]["price_eur"]) == request.priced_eur > 0


def test_open_data_are_answered_with_links(programme, requester):
    draft = world.draft(programme)
    requester.patch(f"/requests/{draft.number}", {"sensor": "sentinel2"})

    told = requester.post(f"/requests/{draft.number}/do/submit").json()

    links = Sensor.objects.get(code="sentinel2").open_data_links
    assert told["state"] == "closed"
    assert [link["url"] for link in told["open_data_links"]] == [link["url"] for link in links]


def test_offer_that_converts_is_made_and_read(programme, requester):
    request = world.in_arbitration(programme, **world.tasking())
    arbitrator = program_of(programme.arbitrator)
    asked = arbitrator.get(f"/requests/{request.number}/moves/offer").json()["fields"]

    response = arbitrator.post(f"/requests/{request.number}/do/offer", {"request_kind": "archive"})

    told = requester.get(f"/requests/{request.number}").json()
    assert [field["name"] for field in asked][1:5] == [
        "sensor_id", "request_kind", "acquisition_mode", "processing_level",
    ]  # fmt: skip
    assert response.status_code == 200
    assert [change["after"] for change in told["offer"]["changes"]] == ["Archive image", "—", "—"]


def test_dispute_names_its_images_and_offers_them(programme, requester):
    request = world.delivered(programme)
    asked = requester.get(f"/requests/{request.number}/moves/dispute").json()["fields"]

    refused = requester.post(f"/requests/{request.number}/do/dispute", {"reason": "Clouds."})
    made = requester.post(
        f"/requests/{request.number}/do/dispute",
        {"reason": "Clouds.", "products": ["DS_PHR1A_1"]},
    )

    assert [choice["value"] for choice in asked[0]["choices"]] == ["DS_PHR1A_1"]
    assert fields(refused) == {"products": "required"}
    assert (made.status_code, made.json()["state"]) == (200, "disputed")

"""What is told before submitting, over JSON: all that the panel beside the form says."""

from decimal import Decimal

import pytest

from licences.selectors import key_for
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.review import services as review
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import EntityFactory
from tests.places.factories import PlaceFactory
from tests.requests_app import after, world
from tests.requests_app.api.calling import codes, new_request, program_of
from tests.requests_app.books import ASKED_KM2
from tests.rights.fingerprint import changed_tables, fingerprint

pytestmark = pytest.mark.django_db


def test_preview_says_what_submitting_would_and_writes_nothing(programme, requester, area):
    requester.get("/me")
    before = fingerprint()

    response = requester.post("/previews", new_request(programme, area))

    told = response.json()
    assert response.status_code == 200
    assert (told["is_accepted"], told["refusals"], told["cell"]) == (True, [], "pleiades-science")
    assert Decimal(told["remaining_km2"]) == area.area_km2
    assert changed_tables(before) == []


def test_preview_of_a_draft_gives_every_reason(programme, requester):
    draft = world.draft(programme, **world.tasking_window())
    before = fingerprint()

    told = requester.get(f"/requests/{draft.number}/preview").json()

    assert (told["is_accepted"], [each["code"] for each in told["refusals"]]) == (
        False,
        ["below_minimum_order"],
    )
    assert changed_tables(before) in ([], ["eligibility_apitoken"])


def test_preview_of_a_submitted_request_is_refused(programme, requester):
    request = world.submitted(programme)

    response = requester.get(f"/requests/{request.number}/preview")

    assert (response.status_code, codes(response)) == (409, ["already_decided"])


def test_preview_and_request_say_how_many_images_count(programme, requester):
    dates = {"acquisition_dates": 3, "interval_days": 20}
    draft = world.draft(programme, **world.tasking(), **dates)

    seen = requester.get(f"/requests/{draft.number}/preview").json()
    told = requester.get(f"/requests/{draft.number}").json()

    each, all_of_them = str(ASKED_KM2), str(3 * ASKED_KM2)
    assert (seen["images"], seen["images_km2"]) == (3, [each] * 3)
    assert seen["counted_km2"] == all_of_them
    assert (told["images"], told["area_km2"], told["counted_km2"]) == (3, each, None)


@pytest.mark.parametrize(
    ("role", "remaining_km2"),
    [("requester", "22.988103"), ("colleague", "22.988103"), ("reviewer", "57.470255")],
)
def test_preview_of_a_question_is_by_the_rights_of_its_reader(programme, role, remaining_km2):
    entity_alone = key_for(f"entity:{programme.entity.pk}", programme.sensor.code)
    strip = world.strip(width_deg=0.048)
    ItemFactory(sensor=programme.sensor, footprint=strip, audience=[entity_alone])
    request = after.asked(programme)

    told = program_of(programme.people[role]).get(f"/requests/{request.number}/preview").json()

    assert told["remaining_km2"] == remaining_km2


def preview_of(program, request) -> dict:
    response = program.get(f"/requests/{request.number}/preview")
    assert response.status_code == 200, response.json()
    return response.json()


def asked_back(programme) -> ImageryRequest:
    return review.request_information(
        request_id=world.in_review(programme).pk, user=programme.reviewer, question="When?"
    )


def test_preview_tells_the_answer_with_its_rule(programme, requester):
    told = preview_of(requester, world.draft(programme))

    assert told["eligibility"]["answer"] == "yes"
    assert told["eligibility"]["rule"] == told["eligibility_rule"] != ""
    assert (told["not_allowed"], told["not_ready"], told["advice"]) == ([], [], [])


def test_preview_tells_what_is_there_and_what_remains(programme, requester, covered):
    told = preview_of(requester, world.draft(programme))

    assert [(one["identifier"], one["covered_percent"]) for one in told["available"]] == [
        (covered.identifier, "60.00")
    ]
    assert (told["available_count"], told["may_take_remaining"]) == (1, True)
    assert told["remaining"]["type"] == "MultiPolygon"
    assert Decimal(told["covered_km2"]) + Decimal(told["remaining_km2"]) == pytest.approx(
        world.draft(programme).area_km2
    )


def test_nothing_remains_to_be_taken_of_what_is_not_there(programme, requester):
    told = preview_of(requester, world.draft(programme))

    assert (told["available"], told["remaining"], told["may_take_remaining"]) == ([], None, False)


def test_preview_tells_the_cost_the_pressure_and_the_delay(programme, requester):
    other = world.submitted(programme, aoi=world.square(west=-5))
    draft = world.draft(programme)

    told = preview_of(requester, draft)

    (line,) = told["cost"].pop("lines")
    assert (line["area_km2"], line["amount_eur"]) == (str(draft.area_km2), "0.00")
    assert told["cost"] == {
        "to_pay_eur": "0.00",
        "free_km2": str(draft.area_km2),
        "priced_km2": "0",
        "unfunded_km2": "0",
    }
    assert told["pressure"]["asked_km2"] == str(other.area_km2)
    assert told["delay"] == {
        "files": 0,
        "median_days": None,
        "most_days": None,
        "set_itself_days": programme.cell.decision_delay_days,
    }


def test_orders_of_a_tasking_are_told_by_the_places_of_their_region(programme, requester):
    PlaceFactory(kind="region", name="Occitanie", geometry=world.square(size_deg=2))
    draft = world.draft(programme, agrees_to_enlargement=True, **world.tasking_window())

    told = preview_of(requester, draft)["orders_before"]

    assert (told["where"], told["orders"]) == ("Occitanie (40° N to 45° N, 0° to 5° E)", 0)
    assert told["season"]


def test_neighbours_that_one_may_see_are_named_and_others_are_not(programme, requester):
    seen = world.submitted(programme)
    hidden = world.submitted(programme, aoi=world.square(west=1.4), title="Secret works")
    ImageryRequest.objects.filter(pk=hidden.pk).update(
        requester=programme.stranger, entity=EntityFactory()
    )
    draft = world.draft(programme, aoi=world.square(size_deg=0.05))

    told = preview_of(requester, draft)

    assert told["neighbours"] == {
        "items": [{"number": seen.number, "title": seen.title, "distance_km": 0}],
        "others_nearby": True,
    }
    assert [each["code"] for each in told["not_ready"]] == ["below_minimum_order"]


def test_what_the_requester_may_see_is_told_to_nobody_else(programme, requester, covered):
    request = asked_back(programme)

    mine = preview_of(requester, request)
    told = preview_of(program_of(programme.reviewer), request)

    assert (len(mine["available"]), mine["may_take_remaining"]) == (1, True)
    assert (told["available"], told["available_count"]) == ([], 0)
    assert (told["remaining"], told["may_take_remaining"], told["neighbours"]) == (
        None,
        False,
        None,
    )
    assert told["covered_km2"] == mine["covered_km2"]


# --- The click ------------------------------------------------------------------------------------


def test_what_remains_becomes_an_area(programme, requester, area, covered):
    response = requester.post("/areas/remaining", new_request(programme, area))

    kept = UploadedArea.objects.latest("pk")
    assert (response.status_code, response.json()["id"]) == (201, kept.pk)
    assert response.json()["bbox"] == pytest.approx([1.348, 43.5, 1.38, 43.58])


def test_a_draft_is_changed_to_what_remains_of_it(programme, requester, covered):
    draft = world.draft(programme)

    made = requester.post(f"/requests/{draft.number}/remaining").json()
    changed = requester.patch(f"/requests/{draft.number}", {"area_id": made["id"]})

    assert (changed.status_code, changed.json()["area_km2"]) == (200, made["area_km2"])
    assert Decimal(preview_of(requester, draft)["covered_km2"]) == 0


def test_nothing_is_taken_of_what_is_not_there(programme, requester):
    response = requester.post(f"/requests/{world.draft(programme).number}/remaining")

    assert (response.status_code, codes(response)) == (422, ["nothing_available"])
    assert not UploadedArea.objects.filter(file_name__startswith="rest").exists()


def test_what_remains_is_taken_by_who_may_change_the_request(programme, covered):
    request = asked_back(programme)

    reviewer = program_of(programme.reviewer).post(f"/requests/{request.number}/remaining")
    contact = program_of(programme.entity_contact).post(f"/requests/{request.number}/remaining")

    assert (reviewer.status_code, codes(reviewer)) == (403, ["not_allowed"])
    assert contact.status_code == 201


def test_nothing_is_taken_of_what_its_cell_has(programme, requester, covered):
    request = world.submitted(programme)

    response = requester.post(f"/requests/{request.number}/remaining")

    assert (response.status_code, codes(response)) == (409, ["already_decided"])

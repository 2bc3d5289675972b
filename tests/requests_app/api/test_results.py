"""Images, licences and statements of what was asked."""

import pytest

from eligibility.models import Sensor
from licences.models import Licence
from licences.rendering import render
from tests.requests_app import after, world
from tests.requests_app.api.calling import codes, fields
from tests.requests_app.books import ASKED_KM2

pytestmark = pytest.mark.django_db


def test_delivered_images_are_listed(programme, requester):
    request = world.delivered(programme)

    told = requester.get(f"/requests/{request.number}/items").json()["items"]

    assert [(item["identifier"], item["is_open_to_me"]) for item in told] == [("DS_PHR1A_1", True)]


@pytest.mark.parametrize(
    ("reach", "counted_km2"),
    [(world.submitted, None), (world.approved, str(ASKED_KM2)), (after.refused, None)],
)
def test_only_what_is_granted_or_offered_is_counted(programme, requester, reach, counted_km2):
    request = reach(programme)

    told = requester.get(f"/requests/{request.number}").json()

    assert told["counted_km2"] == counted_km2


def test_areas_are_geojson(programme, requester):
    request = world.approved(programme)

    told = requester.get(f"/requests/{request.number}/areas.geojson").json()

    assert [each["properties"]["role"] for each in told["features"]] == ["aoi", "granted"]


def test_licence_is_listed_and_its_document_downloaded(programme, requester):
    request = world.approved(programme)
    (before,) = requester.get("/licences", {"request": request.number}).json()["items"]
    render(Licence.objects.get().pk)

    (told,) = requester.get("/licences", {"request": request.number}).json()["items"]
    document = requester.client.get(told["files"][0]["href"], headers=requester.headers)

    assert (before["files"], [file["language"] for file in told["files"]]) == ([], ["fr", "en"])
    assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")
    assert len(document.content) == told["files"][0]["size_bytes"]
    assert requester.get(f"/licences/{told['number']}").json() == told


def test_revoked_licence_is_not_given_out(programme, requester):
    request = world.approved(programme)
    requester.post(f"/requests/{request.number}/do/cancel", {"reason": "Not needed."})
    (licence,) = requester.get("/licences", {"request": request.number}).json()["items"]

    response = requester.get(f"/licences/{licence['number']}/fr.pdf")

    assert (licence["state"], licence["files"]) == ("revoked", [])
    assert (response.status_code, codes(response)) == (410, ["licence_withdrawn"])


def test_statement_of_the_entity_is_that_of_the_page(programme, requester):
    world.approved(programme)
    (owner,) = requester.get("/quotas").json()["items"]

    told = requester.client.get(owner["href"], headers=requester.headers).json()

    assert (owner["kind"], owner["id"]) == ("entity", programme.entity.pk)
    assert (told["format"], told["owner"]) == (
        "orbitrage-owner-statement/1", str(programme.entity),
    )  # fmt: skip


def test_statement_of_reversed_days_is_refused(programme, requester):
    response = requester.get(
        f"/quotas/entities/{programme.entity.pk}",
        {"starts_on": "2026-05-02", "ends_on": "2026-05-01"},
    )

    assert (response.status_code, fields(response)) == (422, {"ends_on": "dates_reversed"})


def test_sensors_say_from_which_area_on_they_are_ordered(requester):
    told = {each["code"]: each for each in requester.get("/sensors").json()["items"]}

    pleiades = Sensor.objects.get(code="pleiades")
    assert told["pleiades"]["kinds"]["tasking"]["minimum_area_km2"] == str(
        pleiades.tasking_minimum_area_km2
    )
    assert list(told["sentinel2"]["kinds"]) == ["open"]

"""Sentinel: closed at once with notice and links, nothing charged, no membership asked."""

import dataclasses

import pytest
from django.urls import reverse
from django.utils.html import escape

from eligibility.models import Membership, Sensor
from licences.models import Licence
from quotas.models import Demand, LedgerEntry
from requests_app.intake import services as intake
from requests_app.models import DRAFT_FIELDS, ImageryRequest, UploadedArea
from requests_app.selectors import open_data_links
from requests_app.states import State
from tests.eligibility.factories import UserFactory
from tests.places.factories import PlaceFactory
from tests.requests_app import world
from tests.requests_app.books import (
    ASKED_KM2,
    balances,
    forbidden,
    last_record,
    refused,
    transitions,
)
from tests.requests_app.supply.series import SMALL, series

pytestmark = pytest.mark.django_db


@pytest.fixture
def sentinel(programme):
    programme.sensor = Sensor.objects.get(code="sentinel2")
    return programme


def test_open_data_is_closed_at_once_and_charges_nothing(sentinel):
    entries = LedgerEntry.objects.count()
    request = world.draft(sentinel)

    closed = intake.submit(request_id=request.pk, user=sentinel.requester)

    assert (closed.state, closed.request_kind, closed.cell) == (State.CLOSED, "open", None)
    assert transitions(closed) == ["submit_open_data"]
    assert last_record(closed).changes == {"area_km2": str(ASKED_KM2), "charged_km2": "0"}
    assert (balances(request.number), Demand.objects.count()) == ({}, 0)
    assert LedgerEntry.objects.count() == entries


def test_open_data_has_its_notice(sentinel):
    request = world.submitted(sentinel)

    licence = Licence.objects.get()
    assert (licence.number, licence.kind) == (request.licence_number, "sentinel_notice")
    assert (licence.cell, licence.area_km2) == (None, ASKED_KM2)
    assert licence.record["order_area_km2"] is None


def test_open_data_has_its_links(sentinel):
    request = world.submitted(sentinel)

    links = open_data_links(request)

    assert [link.url for link in links] == [row["url"] for row in sentinel.sensor.open_data_links]
    assert [link.label for link in links] == [
        row["label_fr"] for row in sentinel.sensor.open_data_links
    ]


def test_draft_of_before_its_sensor_became_open_data_is_given_them(sentinel):
    """A series of new acquisitions, for an order larger than its area."""
    sensor = Sensor.objects.get(code="pleiades")
    tasking = dataclasses.replace(sentinel, sensor=sensor)
    request = world.draft(tasking, **series(tasking), radiometry="display", bit_depth=8)
    before = (request.request_kind, request.acquisition_dates, request.order_is_enlarged)
    columns = ("policy", "attribution_pattern", "open_data_links")
    Sensor.objects.filter(pk=sensor.pk).update(
        **{name: getattr(sentinel.sensor, name) for name in columns}
    )

    closed = intake.submit(request_id=request.pk, user=sentinel.requester)

    stored = ImageryRequest.objects.get(pk=closed.pk)
    fresh = world.draft(sentinel, **SMALL)
    same = [name for name in DRAFT_FIELDS if name not in ("window_starts_on", "window_ends_on")]
    assert before == ("tasking", 3, True)
    (revision,) = stored.revisions.all()
    assert revision.content.content["request_kind"] == ["tasking", "open"]
    assert (stored.state, stored.operator_area_km2) == (State.CLOSED, stored.area_km2)
    assert [getattr(stored, name) for name in same] == [getattr(fresh, name) for name in same]


def test_open_data_asks_for_no_membership(sentinel):
    Membership.objects.update(ends_on=world.in_days(-1))
    request = world.draft(sentinel)

    assert intake.submit(request_id=request.pk, user=sentinel.requester).state == "closed"


def test_stranger_does_not_submit_open_data_for_another(sentinel):
    request = world.draft(sentinel)

    with forbidden():
        intake.submit(request_id=request.pk, user=sentinel.stranger)


def test_open_data_is_submitted_once(sentinel):
    request = world.submitted(sentinel)

    with refused("already_decided"):
        intake.submit(request_id=request.pk, user=sentinel.requester)


def test_managed_images_are_not_given_as_open_data(programme):
    request = world.draft(programme)

    with refused("not_open_data"):
        intake.submit_open_data(request_id=request.pk, user=programme.requester)


def test_open_data_no_longer_offered_are_refused(sentinel):
    request = world.draft(sentinel)
    Sensor.objects.filter(pk=sentinel.sensor.pk).update(is_offered=False)

    with refused("sensor_not_offered"):
        intake.submit(request_id=request.pk, user=sentinel.requester)


def test_managed_images_have_no_links(programme):
    assert open_data_links(world.submitted(programme)) == []


# --- Of nobody ------------------------------------------------------------------------------------


def test_anybody_signed_in_reads_where_open_data_are(client, programme):
    client.force_login(UserFactory())
    sensors = Sensor.objects.filter(policy="open", is_offered=True)

    page = client.get(reverse("requests:open_data")).text

    wanted = {link["url"] for sensor in sensors for link in sensor.open_data_links}
    assert wanted
    assert {url for url in wanted if f'href="{escape(url)}"' in page} == wanted


def test_box_around_places_is_told_to_look_in(client, programme):
    client.force_login(UserFactory())
    place = PlaceFactory(name="Lunel", code="34145")

    response = client.get(reverse("requests:open_data"), {"area_place": place.pk})

    assert response.context["box"] == ["1.3000", "43.5000", "1.3800", "43.5800"]
    assert response.context["place"] == "Lunel (34145)"


def test_who_asks_for_nobody_is_led_there_from_the_form(client, programme):
    client.force_login(UserFactory())

    page = client.get(reverse("requests:new")).text

    assert reverse("requests:open_data") in page


def test_nothing_is_recorded_of_who_looks(client, programme):
    client.force_login(UserFactory())
    place = PlaceFactory()

    client.get(reverse("requests:open_data"), {"area_place": place.pk})

    assert (ImageryRequest.objects.count(), UploadedArea.objects.count()) == (0, 0)

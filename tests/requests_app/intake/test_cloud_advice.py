"""The advice on clouds: one row for one place, by its region or else by its latitude."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from requests_app.intake.selectors.form import cloud_advice
from requests_app.intake.selectors.panel import panel_of
from requests_app.models import CloudAdvice
from tests.requests_app import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]


def advised(longitude_deg: float, latitude_deg: float) -> str:
    """For an area whose middle is there."""
    half = 0.0625
    aoi = world.square(west=longitude_deg - half, south=latitude_deg - half, size_deg=2 * half)
    row = cloud_advice(aoi, timezone.localdate())
    return row.code if row else ""


@pytest.mark.parametrize(
    ("latitude_deg", "code"),
    [
        (0, "equatorial"),
        (11.9375, "equatorial"),
        (12, "dry"),
        (-12, "dry"),
        (44.9375, "dry"),
        (45, "temperate"),
        (-45, "temperate"),
        (89.9375, "temperate"),
    ],
)
def test_bound_belongs_to_the_band_that_begins_there(latitude_deg, code):
    assert advised(1, latitude_deg) == code


def test_pole_belongs_to_the_last_band():
    rows = CloudAdvice.objects.filter(latitude_from_deg__lte=90, latitude_to_deg__gte=90)

    assert list(rows.filter(west_deg=None).values_list("code", flat=True)) == ["temperate"]


@pytest.mark.parametrize(
    ("longitude_deg", "latitude_deg", "code", "percent"),
    [
        (-61.5, 16.2, "antilles", 30),
        (-61, 14.6, "antilles", 30),
        (-53, 4, "guyane", 30),
        (55.5, -21.1, "mascareignes", 30),
        (45.2, -12.8, "mayotte", 30),
        (165.5, -21.5, "nouvelle-caledonie", 15),
        (-149.5, -17.6, "polynesie", 30),
        (-176.2, -13.3, "wallis-et-futuna", 30),
    ],
)
def test_overseas_regions_come_before_their_latitude(longitude_deg, latitude_deg, code, percent):
    row = CloudAdvice.objects.get(code=code)

    assert advised(longitude_deg, latitude_deg) == code
    assert row.cloud_percent == percent


def test_desert_of_the_same_latitude_keeps_its_own():
    assert advised(5, 16.2) == "dry"


def test_area_across_the_180th_meridian_has_the_advice_of_where_it_lies():
    aoi = world.square(west=179.9, south=-13.4, size_deg=0.1)
    aoi.extend(world.square(west=-180, south=-13.4, size_deg=0.1))

    assert cloud_advice(aoi, timezone.localdate()).code == "dry"


def test_page_and_panel_give_the_same_advice_at_a_bound(programme):
    aoi = world.square(west=1, south=44.9375, size_deg=0.125)
    draft = world.draft(programme, aoi=aoi, **world.tasking() | {"maximum_cloud_percent": 10})

    told = panel_of(draft, user=programme.requester, on=timezone.localdate())

    assert [each.code for each in told.advice] == ["cloud_below_advice"]
    assert "15 %" in told.advice[0].message


def test_box_is_whole():
    row = CloudAdvice.objects.get(code="dry")

    with pytest.raises(IntegrityError, match="box_is_whole"), transaction.atomic():
        CloudAdvice.objects.filter(pk=row.pk).update(west_deg=3)

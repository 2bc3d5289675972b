"""Few answers, and the rest from a preset."""

from datetime import date

import pytest

from eligibility.models import Sensor
from requests_app.intake.rules.presets import (
    ChosenForYou,
    choices_of,
    kind_of_days,
    preset_of,
    tasking_starts_on,
    title_of,
)
from requests_app.models import OrderPreset

pytestmark = pytest.mark.usefixtures("in_english")

TODAY = date(2026, 11, 21)
RELIEF = OrderPreset(
    code="relief",
    name_en="Measure relief",
    name_fr="Mesurer le relief",
    sensor=Sensor(pk=7, name="Pléiades"),
    acquisition_mode="stereo",
    spectral_mode="panchromatic",
    processing_level="primary",
    maximum_incidence_deg=25,
)
SAID_OF_RELIEF = {
    "sensor": 7,
    "acquisition_mode": "stereo",
    "spectral_mode": "panchromatic",
    "processing_level": "primary",
    "maximum_incidence_deg": 25,
}


def rest(**changes):
    usual = {
        "sensor": Sensor(name="Pléiades", policy="managed"),
        "request_kind": "tasking",
        "acquisition_mode": "stereo",
        "spectral_mode": "panchromatic",
        "processing_level": "primary",
        "maximum_incidence_deg": 25,
    }
    return ChosenForYou(**(usual | changes)).in_one_sentence


def test_preset_says_the_sensor_and_how_it_is_to_look():
    assert choices_of(RELIEF) == SAID_OF_RELIEF


def test_preset_is_known_again_from_what_was_typed():
    typed = {name: str(value) for name, value in SAID_OF_RELIEF.items()}

    assert preset_of(typed, [OrderPreset(sensor_id=8), RELIEF]) is RELIEF
    assert preset_of(typed | {"maximum_incidence_deg": "24"}, [RELIEF]) is None


@pytest.mark.parametrize(
    ("ends_on", "kind"),
    [
        (date(2026, 11, 22), "tasking"),
        (date(2026, 11, 21), "archive"),
        (date(2020, 1, 1), "archive"),
        (None, "archive"),
    ],
)
def test_days_say_whether_an_image_exists_or_is_to_be_taken(ends_on, kind):
    assert kind_of_days(ends_on, asked_on=TODAY) == kind


@pytest.mark.parametrize(
    ("starts_on", "first"),
    [(None, TODAY), (date(2026, 1, 1), TODAY), (date(2027, 3, 1), date(2027, 3, 1))],
)
def test_nothing_is_acquired_before_today(starts_on, first):
    assert tasking_starts_on(starts_on, asked_on=TODAY) == first


def test_title_names_the_place_and_the_use():
    assert title_of(RELIEF, "Plougastel.geojson") == "Plougastel, Measure relief"
    assert title_of(RELIEF, "") == "Measure relief"


def test_long_name_of_a_place_leaves_a_title_that_fits():
    assert len(title_of(RELIEF, "P" * 200)) == 120


def test_the_rest_is_said_in_one_sentence():
    assert rest() == (
        "Pléiades, new acquisition, stereo; panchromatic, sensor geometry; seen at 25° at most;"
        " what does not come is given back to your quota."
    )


def test_archive_gives_nothing_back():
    assert rest(request_kind="archive", acquisition_mode="mono", processing_level="ortho") == (
        "Pléiades, archive image, mono; panchromatic, orthorectified; seen at 25° at most."
    )


def test_open_data_are_said_to_be_open():
    assert rest(sensor=Sensor(name="Sentinel-2", policy="open")) == (
        "Sentinel-2 is open data: nothing is ordered, you are told where to get it."
    )

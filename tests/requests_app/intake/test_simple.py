"""Few answers, and the rest from a preset."""

from datetime import date

import pytest

from eligibility.models import Sensor
from requests_app.intake.services import DRAFT_FIELDS
from requests_app.intake.simple import SimpleAnswers
from requests_app.models import OrderPreset

TODAY = date(2026, 11, 21)


def answers(**changes):
    relief = OrderPreset(
        name_en="Measure relief",
        name_fr="Mesurer le relief",
        sensor=Sensor(name="Pléiades"),
        acquisition_mode="stereo",
        spectral_mode="panchromatic",
        processing_level="primary",
        maximum_incidence_deg=25,
    )
    usual = {
        "preset": relief,
        "place": "Plougastel",
        "purpose": "Landslides of the coast.",
        "starts_on": date(2027, 3, 1),
        "ends_on": date(2027, 6, 30),
        "maximum_cloud_percent": 10,
        "asked_on": TODAY,
    }
    return SimpleAnswers(**(usual | changes))


def test_preset_and_answers_fill_every_field_of_a_draft():
    draft = answers().as_draft()

    assert set(draft) == set(DRAFT_FIELDS)
    assert draft == {
        "title": "Plougastel, Measure relief",
        "purpose": "Landslides of the coast.",
        "public_service_mission": "",
        "request_kind": "tasking",
        "acquisition_mode": "stereo",
        "window_starts_on": date(2027, 3, 1),
        "window_ends_on": date(2027, 6, 30),
        "maximum_cloud_percent": 10,
        "maximum_incidence_deg": 25,
        "spectral_mode": "panchromatic",
        "processing_level": "primary",
        "on_shortfall": "release",
        "uses_prefunded": False,
        "agrees_to_enlargement": False,
    }


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
    assert answers(starts_on=None, ends_on=ends_on).request_kind == kind


@pytest.mark.parametrize("starts_on", [None, date(2026, 1, 1)])
def test_nothing_is_acquired_before_today(starts_on):
    assert answers(starts_on=starts_on).as_draft()["window_starts_on"] == TODAY


def test_archive_is_searched_between_the_days_that_were_named():
    draft = answers(starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31)).as_draft()

    assert (draft["window_starts_on"], draft["window_ends_on"]) == (
        date(2020, 1, 1),
        date(2020, 12, 31),
    )


def test_long_name_of_a_place_leaves_a_title_that_fits():
    assert len(answers(place="P" * 200).as_draft()["title"]) == 120


def test_the_rest_is_said_in_one_sentence():
    assert answers().in_one_sentence() == (
        "Pléiades, new acquisition, stereo; panchromatic, sensor geometry; seen at 25° at most;"
        " what does not come is given back to your quota."
    )

"""Answers that the others make idle."""

import pytest
from django.db import IntegrityError, transaction

from requests_app.models import ImageryRequest
from requests_app.rules.relevance import OF_AN_ORDER, idle_answers
from tests.requests_app import world

pytestmark = pytest.mark.usefixtures("in_english")

WHOLE = {
    "request_kind": "tasking",
    "acquisition_mode": "stereo",
    "radiometry": "display",
    "acquisition_dates": 2,
}
ONE_DATE = {"acquisition_dates": 1, "interval_days": None, "on_shortfall": "release"}
NO_RATIO = {"base_to_height_minimum": None, "base_to_height_maximum": None}


@pytest.mark.parametrize(
    ("answers", "idle"),
    [
        ({}, {"archive_scenes": [], "processing_level": "primary"}),
        ({"acquisition_mode": "mono"}, {"archive_scenes": []} | NO_RATIO),
        ({"request_kind": "archive"}, ONE_DATE | {"processing_level": "primary"}),
        (
            {"radiometry": "reflectance"},
            {"archive_scenes": [], "processing_level": "primary", "bit_depth": 12},
        ),
        (
            {"acquisition_dates": 1},
            {"archive_scenes": [], "processing_level": "primary", "interval_days": None},
        ),
    ],
)
def test_only_what_the_others_leave_open_is_looked_at(answers, idle):
    assert idle_answers(WHOLE | answers) == idle


def test_nothing_of_an_order_is_looked_at_for_open_data():
    idle = idle_answers(WHOLE | {"request_kind": "open"})

    assert set(idle) == {*OF_AN_ORDER, *ONE_DATE, *NO_RATIO}


@pytest.mark.django_db
def test_draft_takes_no_idle_answer(programme):
    draft = world.draft(
        programme, archive_scenes=["A"], base_to_height_minimum=1, interval_days=3, bit_depth=8
    )

    draft.refresh_from_db()
    assert (draft.archive_scenes, draft.base_to_height_minimum) == (["A"], None)
    assert (draft.interval_days, draft.bit_depth) == (None, 12)


# --- What the database refuses --------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        (
            {"request_kind": "tasking", "archive_scenes": ["A"]},
            "request_scenes_are_of_archive",
        ),
        (
            {"acquisition_dates": 2, "interval_days": 3},
            "request_series_is_tasking_with_interval",
        ),
        (
            {"request_kind": "tasking", "acquisition_dates": 2},
            "request_series_is_tasking_with_interval",
        ),
        ({"acquisition_dates": 0}, "request_series_is_tasking_with_interval"),
        ({"base_to_height_minimum": 1}, "request_base_to_height_of_stereo"),
        (
            {
                "acquisition_mode": "stereo",
                "processing_level": "primary",
                "base_to_height_minimum": 1,
                "base_to_height_maximum": "0.5",
            },
            "request_base_to_height_ordered",
        ),
        ({"bit_depth": 8}, "request_reflectance_in_12_bits"),
        ({"radiometry": "display", "bit_depth": 9}, "request_reflectance_in_12_bits"),
    ],
)
def test_order_that_cannot_be_made_is_refused_by_the_database(programme, changes, constraint):
    draft = world.draft(programme)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ImageryRequest.objects.filter(pk=draft.pk).update(**changes)

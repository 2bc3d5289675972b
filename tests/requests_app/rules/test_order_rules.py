from datetime import date
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from requests_app.rules.order import (
    OrderChoices,
    order_refusals,
)

pytestmark = pytest.mark.usefixtures("in_english")


def refusals(**choices):
    usual = {
        "request_kind": "tasking",
        "acquisition_mode": "mono",
        "processing_level": "ortho",
        "radiometry": "display",
        "bit_depth": 8,
        "window_starts_on": date(2027, 3, 1),
        "window_ends_on": date(2027, 5, 30),
    }
    return order_refusals(OrderChoices(**(usual | choices)))


def test_usual_order_is_not_refused():
    assert refusals() == []


@pytest.mark.parametrize("mode", ["stereo", "tri_stereo"])
def test_stereo_is_in_sensor_geometry(mode):
    assert refusals(acquisition_mode=mode, processing_level="primary") == []
    assert refusals(acquisition_mode=mode) == [
        Refusal(
            "stereo_not_ortho",
            "A stereo pair is delivered in sensor geometry: an orthorectified one has no relief.",
        )
    ]


def test_reflectance_is_in_12_bits():
    assert refusals(radiometry="reflectance", bit_depth=12) == []
    assert refusals(radiometry="reflectance") == [
        Refusal("reflectance_in_12_bits", "Reflectance is delivered in 12 bits; 8 were chosen.")
    ]


def test_base_over_height_is_of_stereo():
    stereo = {"acquisition_mode": "stereo", "processing_level": "primary"}

    assert (
        refusals(
            **stereo, base_to_height_minimum=Decimal("0.2"), base_to_height_maximum=Decimal("0.2")
        )
        == []
    )
    assert refusals(base_to_height_maximum=Decimal("0.4")) == [
        Refusal("ratio_without_stereo", "Base over height is asked for of stereo images only.")
    ]
    assert refusals(
        **stereo, base_to_height_minimum=Decimal("0.4"), base_to_height_maximum=Decimal("0.3")
    ) == [
        Refusal(
            "ratio_reversed",
            "Base over height is at least 0.4 and at most 0.3: nothing lies between.",
        )
    ]


def test_several_dates_are_of_a_new_acquisition():
    assert refusals(request_kind="archive", acquisition_dates=3, interval_days=20) == [
        Refusal(
            "series_of_archive",
            "3 dates were asked for: only a new acquisition is made several times.",
        )
    ]


def test_several_dates_have_an_interval():
    assert refusals(acquisition_dates=3) == [
        Refusal(
            "interval_missing", "3 dates were asked for: say how many days apart they are to be."
        )
    ]


def test_several_dates_fit_their_window():
    assert refusals(acquisition_dates=4, interval_days=30) == []
    assert refusals(acquisition_dates=4, interval_days=31) == [
        Refusal(
            "series_beyond_window",
            "4 dates at least 31 days apart take 93 days; the window has 90.",
        )
    ]


def test_everything_is_said_at_once():
    found = refusals(acquisition_mode="stereo", radiometry="reflectance", acquisition_dates=2)

    assert [refusal.code for refusal in found] == [
        "stereo_not_ortho",
        "reflectance_in_12_bits",
        "interval_missing",
    ]

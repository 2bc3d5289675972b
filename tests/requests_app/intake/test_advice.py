"""What had better be known before a request is submitted: comparisons of values."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from orbitrage.shared.errors import Refusal
from requests_app.intake.rules import advice
from requests_app.intake.rules.submission import something_remains

pytestmark = pytest.mark.usefixtures("in_english")


def code(found):
    return found and found.code


@pytest.mark.parametrize(("asked", "expected"), [(14, "cloud_below_advice"), (15, None)])
def test_fewer_clouds_than_advised(asked, expected):
    found = advice.clouds_below_advice(climate="temperate", asked_percent=asked, advised_percent=15)

    assert code(found) == expected


def test_advice_on_clouds_has_its_figures_in_it():
    with override("en"):
        found = advice.clouds_below_advice(climate="dry", asked_percent=5, advised_percent=15)

    assert found == Refusal(
        "cloud_below_advice",
        "You accept 5 % of clouds; for this place (dry) 15 % are advised: with less, the window may"
        " pass without an image.",
    )


@pytest.mark.parametrize(
    ("vertices", "maximum", "expected"),
    [(1000, 999, "too_many_vertices"), (999, 999, None), (1000, None, None)],
)
def test_outline_of_too_many_vertices_is_simplified(vertices, maximum, expected):
    with override("en"):
        found = advice.outline_simplified(
            vertices=vertices,
            maximum=maximum,
            area_km2=Decimal(200),
            operator_area_km2=Decimal("200.51"),
        )

    assert code(found) == expected
    assert found is None or "0.51 km² (0.26 %)" in found.message


@pytest.mark.parametrize(
    ("shown", "is_allowed", "expected"),
    [(0, False, "images_not_shown"), (1, False, None), (0, True, None)],
)
def test_nothing_shown_to_who_may_not_ask_does_not_mean_nothing(shown, is_allowed, expected):
    found = advice.images_closed_to(
        entity="Here", sensor="Pléiades", shown=shown, is_allowed=is_allowed
    )

    assert code(found) == expected


@pytest.mark.parametrize(("is_swapped", "expected"), [(True, "axes_look_swapped"), (False, None)])
def test_axes_that_look_swapped(is_swapped, expected):
    assert code(advice.axes_look_swapped(is_swapped=is_swapped)) == expected


@pytest.mark.parametrize(
    ("days_ahead", "most_days", "expected"),
    [(8, 9, "window_before_decision"), (9, 9, None), (0, None, None)],
)
def test_window_that_begins_before_the_usual_decision(days_ahead, most_days, expected):
    found = advice.window_before_decision(days_ahead=days_ahead, most_days=most_days)

    assert code(found) == expected


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [("0", "nothing_remains"), ("57", "nothing_available"), ("20", None)],
)
def test_an_area_is_cut_down_only_where_a_part_of_it_remains(remaining, expected):
    found = something_remains(remaining_km2=Decimal(remaining), area_km2=Decimal(57))

    assert code(found) == expected

"""The pure rules: values in, a refusal or nothing out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from requests_app.arbitration import rules
from requests_app.intake.rules.submission import Enlargement, enlargement_refusal
from requests_app.reasons import RefusalReason
from requests_app.rules.window import Window, window_refusals

TODAY = date(2026, 5, 4)


def codes(refusals):
    return [refusal.code for refusal in refusals if refusal is not None]


@pytest.mark.parametrize(
    ("kind", "starts_on", "ends_on", "expected"),
    [
        ("archive", None, None, []),
        ("archive", date(2020, 1, 1), date(2020, 12, 31), []),
        ("archive", date(2020, 1, 1), date(2020, 1, 1), []),
        ("archive", date(2020, 2, 1), date(2020, 1, 1), ["window_reversed"]),
        ("tasking", date(2026, 5, 4), date(2026, 5, 5), []),
        ("tasking", None, None, ["window_missing"]),
        ("tasking", date(2026, 6, 1), None, ["window_missing"]),
        ("tasking", None, date(2026, 6, 1), ["window_missing"]),
        ("tasking", date(2026, 5, 1), date(2026, 5, 4), ["window_in_the_past"]),
        ("tasking", date(2026, 6, 1), date(2026, 6, 1), ["single_day_window"]),
        ("tasking", date(2026, 7, 1), date(2026, 6, 1), ["window_reversed"]),
        (
            "tasking",
            date(2026, 5, 4),
            date(2026, 5, 4),
            ["window_in_the_past", "single_day_window"],
        ),
    ],
)
def test_window(kind, starts_on, ends_on, expected):
    assert codes(window_refusals(Window(kind, starts_on, ends_on, TODAY))) == expected


@pytest.mark.parametrize(
    ("is_enlarged", "agreed", "expected"),
    [
        (True, False, ["below_minimum_order"]),
        (True, True, []),
        (False, False, []),
    ],
)
def test_order_larger_than_the_area_needs_an_agreement(is_enlarged, agreed, expected):
    enlargement = Enlargement(
        area_km2=Decimal("24.999999"),
        operator_area_km2=Decimal("25.1"),
        is_enlarged=is_enlarged,
        agrees=agreed,
    )

    assert codes([enlargement_refusal(enlargement)]) == expected


def test_figures_of_a_refusal_are_rounded_half_up():
    refusal = rules.approval_has_nothing_to_pay(
        priced_km2=Decimal("29.265754"), total_eur=Decimal("118.82")
    )

    assert ("29,27 km²" in refusal.message, "118,82 €" in refusal.message) == (True, True)


@pytest.mark.parametrize(
    ("outside_km2", "expected"), [("0", []), ("0.0001", []), ("0.000101", ["offer_outside_area"])]
)
def test_offer_inside(outside_km2, expected):
    assert codes([rules.offer_is_inside(outside_km2=Decimal(outside_km2))]) == expected


@pytest.mark.parametrize(
    ("is_same", "priced_km2", "expected"),
    [(True, 0, ["offer_changes_nothing"]), (True, 1, []), (False, 0, []), (False, 1, [])],
)
def test_offer_changes_something(is_same, priced_km2, expected):
    refusal = rules.offer_differs(
        is_same_area=is_same, is_converted=False, priced_km2=Decimal(priced_km2)
    )

    assert codes([refusal]) == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (date(2026, 5, 5), []),
        (TODAY, ["date_in_the_past"]),
        (date(2026, 5, 3), ["date_in_the_past"]),
    ],
)
def test_deferral(until, expected):
    assert codes([rules.deferral_is_ahead(until=until, today=TODAY)]) == expected


def test_deferral_is_bounded_and_says_the_last_day():
    latest = TODAY + timedelta(days=366)

    assert rules.deferral_is_near(until=latest, latest=latest) is None
    refusal = rules.deferral_is_near(until=latest + timedelta(days=1), latest=latest)
    assert refusal is not None
    assert refusal.code == "deferral_too_far"


@pytest.mark.parametrize(
    ("state", "reason", "proposed", "expected"),
    [
        ("in_arbitration", "competition", False, []),
        ("in_review", "inadmissible", True, []),
        ("in_review", "inadmissible", False, ["inadmissible_not_proposed"]),
        ("in_review", "competition", True, ["inadmissible_not_proposed"]),
    ],
)
def test_refusal_from_review(state, reason, proposed, expected):
    refusal = rules.inadmissible_was_proposed(state=state, reason=reason, proposed=proposed)

    assert codes([refusal]) == expected


def test_reasons_are_those_of_the_specification():
    assert tuple(RefusalReason.values) == (
        "not_eligible", "inadmissible", "already_available", "quota_exhausted", "competition",
        "not_feasible", "emergency_out_of_scope", "licence_incompatible", "invalid_geometry",
        "cloud_cover", "other",
    )  # fmt: skip

"""How far an envelope is used, and when it would run out: the arithmetic written out."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas.rules import Outlook, Thresholds, UseFacts, UseLevel, forecast, use_level

AT_80_AND_95 = Thresholds(warning_percent=Decimal(80), alert_percent=Decimal(95))
START, END = dt.date(2026, 1, 1), dt.date(2026, 3, 31)


def day(number: int) -> dt.date:
    """The first day of the period is no. 1."""
    return START + dt.timedelta(days=number - 1)


def look(on, used, granted=100):
    facts = UseFacts(
        starts_on=START,
        ends_on=END,
        on=day(on),
        granted=Decimal(granted),
        used=[(day(each), Decimal(amount)) for each, amount in used],
        minimum_elapsed_days=14,
        minimum_days_of_use=3,
    )
    return forecast(facts)


# --- Levels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("used", "level"),
    [
        ("0", None),
        ("79.999999", None),
        ("80", UseLevel.WARNING),
        ("94.999999", UseLevel.WARNING),
        ("95", UseLevel.ALERT),
        ("100", UseLevel.ALERT),
    ],
)
def test_level_is_reached_exactly(used, level):
    assert use_level(used=Decimal(used), granted=Decimal(100), thresholds=AT_80_AND_95) == level


def test_envelope_without_grant_has_no_level():
    assert use_level(used=Decimal(0), granted=Decimal(0), thresholds=AT_80_AND_95) is None


def test_threshold_that_policy_does_not_name_is_not_told():
    only_alert = Thresholds(warning_percent=None, alert_percent=Decimal(95))

    assert use_level(used=Decimal(90), granted=Decimal(100), thresholds=only_alert) is None


# --- Forecast -------------------------------------------------------------------------------------


def test_forecast_names_the_day():
    # 60 in 30 days is 2 a day; 40 left last 20 days: day 30 + 20 = day 50, 19 February.
    found = look(on=30, used=[(1, 0), (5, 20), (12, 40), (20, 60)])

    assert found.outlook == Outlook.RUNS_OUT
    assert (found.grown, found.left, found.rate_per_day) == (60, 40, 2)
    assert (found.days_left, found.runs_out_on) == (20, dt.date(2026, 2, 19))


def test_part_of_a_day_counts_as_a_day():
    # 60 in 20 days is 3 a day; 40 / 3 = 13.33 days: the 14th.
    found = look(on=20, used=[(1, 0), (5, 20), (12, 40), (20, 60)])

    assert (found.days_left, found.runs_out_on) == (14, day(34))


def test_forecast_after_the_end_names_no_day():
    # 30 in 30 days is 1 a day; 70 left last 70 days, and 60 are left of the 90.
    found = look(on=30, used=[(1, 0), (5, 10), (12, 20), (20, 30)])

    assert (found.outlook, found.days_left) == (Outlook.NOT_BEFORE_THE_END, 70)
    assert found.runs_out_on is None


def test_last_day_of_the_period_is_still_named():
    # 30 in 30 days is 1 a day; 60 left last 60 days, and 60 are left of the 90: the 90th.
    found = look(on=30, used=[(1, 0), (5, 10), (12, 20), (20, 30)], granted=90)

    assert (found.outlook, found.runs_out_on) == (Outlook.RUNS_OUT, END)


def test_what_the_period_began_with_is_no_use_of_it():
    # 50 were used before; 20 more in 20 days is 1 a day; 30 left last 30 days.
    found = look(on=20, used=[(1, 50), (5, 60), (12, 65), (20, 70)])

    assert (found.grown, found.rate_per_day, found.days_left) == (20, 1, 30)


def test_refund_makes_the_rate_fall():
    # 60 held, 30 of them given back: 30 in 30 days is 1 a day, not 2.
    found = look(on=30, used=[(1, 0), (5, 20), (12, 40), (20, 60), (25, 30)])

    assert (found.rate_per_day, found.left, found.days_left) == (1, 70, 70)


def test_use_that_fell_below_its_beginning_runs_out_never():
    found = look(on=30, used=[(1, 50), (5, 60), (12, 70), (20, 80), (25, 10)])

    assert (found.outlook, found.grown, found.days_left) == (Outlook.NO_GROWTH, -40, None)


def test_no_use_runs_out_never():
    assert look(on=30, used=[(1, 0)]).outlook == Outlook.NO_GROWTH


def test_nothing_granted_and_nothing_used_is_not_used_up():
    assert look(on=30, used=[(1, 0)], granted=0).outlook == Outlook.NO_GROWTH


@pytest.mark.parametrize("on", [1, 30, 90])
def test_used_up_is_said_on_any_day(on):
    found = look(on=on, used=[(1, 0), (1, 100)])

    assert (found.outlook, found.left, found.runs_out_on) == (Outlook.USED_UP, 0, None)


def test_first_day_is_too_early():
    found = look(on=1, used=[(1, 0), (1, 60)])

    assert (found.outlook, found.elapsed_days) == (Outlook.TOO_EARLY, 1)


@pytest.mark.parametrize(("on", "outlook"), [(13, Outlook.TOO_EARLY), (14, Outlook.RUNS_OUT)])
def test_forecast_waits_for_some_days(on, outlook):
    assert look(on=on, used=[(1, 0), (2, 20), (3, 40), (4, 60)]).outlook == outlook


def test_one_large_hold_is_no_rate():
    found = look(on=30, used=[(1, 0), (5, 60), (9, 50), (12, 60)])

    assert (found.outlook, found.days_of_use) == (Outlook.TOO_EARLY, 2)

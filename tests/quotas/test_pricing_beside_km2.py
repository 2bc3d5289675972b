"""Packages, tasking attempts and co-funding in the funding plan; expectations worked out by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas.pricing import (
    EnvelopeFacts,
    PackageFacts,
    Share,
    TariffFacts,
    funding_plan,
    shrink,
)
from tests.quotas.pricing_cases import ISIS, inputs, split

D = Decimal


def package(left, rate="0.50", envelope_id=5, **tariff) -> PackageFacts:
    envelope = EnvelopeFacts(
        envelope_id=envelope_id,
        scope="prefunded",
        unit="eur",
        allotment="first_come",
        left=D(left),
    )
    facts = TariffFacts(code="package", rate_eur_per_km2=D(rate), **tariff)
    return PackageFacts(envelope=envelope, tariff=facts)


def test_package_is_drawn_on_in_euros_and_nothing_is_left_to_pay():
    plan = funding_plan(inputs(160, packages=(package(20_000),)))

    assert split(plan) == [("free", 100), ("package", 60)]
    assert plan.amounts() == {1: 100, 2: 100, 5: D("30.00")}  # 60 × 0.50
    assert (plan.total_eur, plan.is_priced, plan.counted_km2) == (0, False, 100)


def test_package_that_does_not_pay_for_the_least_billed_is_left_alone():
    """25 km² at least, at 0.50: 12.50 €, for 10 km² that 5 € would pay."""
    minimum = package(5, minimum_billed_area_km2=D(25))

    plan = funding_plan(inputs(110, packages=(minimum,)))

    assert split(plan) == [("free", 100), ("budget", 10)]


@pytest.mark.parametrize("left", ["0.005", "0.01", "33.333333"])
def test_package_is_never_asked_for_more_than_its_whole_cents(left):
    plan = funding_plan(inputs(10_000, packages=(package(left, rate="0.0333"),)))

    assert plan.amounts().get(5, 0) <= D(left)


def test_package_without_a_rate_buys_nothing():
    plan = funding_plan(inputs(160, packages=(package(20_000, rate="0"),)))

    assert split(plan) == [("free", 100), ("budget", 60)]


def attempts(left) -> EnvelopeFacts:
    return EnvelopeFacts(
        envelope_id=6,
        scope="programme",
        unit="attempts",
        allotment="arbitrated",
        left=D(left),
        ends_on=dt.date(2026, 12, 31),
    )


def test_tasking_outside_the_circle_is_one_attempt_besides_the_area():
    plan = funding_plan(inputs(60, outside_km2=D(12), attempts=attempts(80)))

    assert plan.amounts() == {1: 60, 2: 60, 6: 1}
    assert (plan.attempts.number, plan.attempts.outside_km2) == (1, 12)
    assert plan.notes == (
        Refusal(
            "outside_visibility_circle",
            "12 km² of 60 km² lie outside the visibility circle of the receiving station: "
            "the acquisition counts as 1 attempt besides.",
        ),
    )


def test_plan_says_that_no_attempt_is_left():
    plan = funding_plan(inputs(60, outside_km2=D(12), attempts=attempts(0)))

    assert plan.notes[1:] == (
        Refusal("attempts_exhausted", "0 attempts left outside the circle until 31 December 2026."),
    )


def test_cell_without_attempts_cannot_hold_one():
    plan = funding_plan(inputs(60, outside_km2=D(12)))

    assert [(charge.scope, charge.unit) for charge in plan.unopened()] == [
        ("programme", "attempts")
    ]
    assert plan.notes[1:] == (
        Refusal("no_attempts", "The cell has no tasking attempts outside the circle."),
    )


def test_attempt_stays_when_less_is_delivered():
    plan = funding_plan(inputs(60, outside_km2=D(12), attempts=attempts(80)))

    assert shrink(plan, D(0)).amounts() == {6: 1}


def test_cofunded_line_has_two_shares():
    tariff = replace(ISIS, programme_rate_eur_per_km2=D("3.06"))

    line = funding_plan(inputs(120, tariff=tariff)).lines[1]

    assert line.shares == (
        Share(is_programme=False, rate_eur_per_km2=D(1), amount_eur=D("100.00")),
        Share(is_programme=True, rate_eur_per_km2=D("3.06"), amount_eur=D("306.00")),
    )


def test_plan_says_what_the_programme_lacks_for_its_share():
    tariff = replace(ISIS, programme_rate_eur_per_km2=D("3.06"))
    cofunding = EnvelopeFacts(
        envelope_id=7, scope="programme", unit="eur", allotment="arbitrated", left=D(300)
    )

    plan = funding_plan(inputs(120, tariff=tariff, cofunding=cofunding))

    assert plan.notes == (
        Refusal(
            "cofunding_shortfall",
            "The programme lacks 6 € for its share of the co-funded part.",
        ),
    )

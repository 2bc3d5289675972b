"""The funding plan: pure values, expectations worked out by hand."""

import datetime as dt

import pytest

from orbitrage.shared.errors import Refusal
from quotas.pricing import (
    Bound,
    EnvelopeFacts,
    FreeLimit,
    FundingInputs,
    FundingPlan,
    Source,
    TariffFacts,
    funding_plan,
    shrink,
)
from tests.quotas.pricing_cases import (
    ARCHIVE,
    ISIS,
    SPOT_SMALL,
    TASKING,
    D,
    allowance,
    inputs,
    prefunded,
    programme,
    split,
)


def test_area_within_the_cap_is_free():
    plan = funding_plan(inputs(60))

    assert split(plan) == [("free", 60)]
    assert (plan.counted_km2, plan.billed_km2, plan.total_eur) == (60, 0, 0)


def test_area_beyond_the_cap_is_priced():
    plan = funding_plan(inputs(120))

    assert split(plan) == [("free", 100), ("budget", 20)]
    assert plan.total_eur == D("81.20")  # 20 × 4.06


def test_area_beyond_the_allowance_is_priced():
    plan = funding_plan(inputs(60, allowance=allowance(40)))

    assert split(plan) == [("free", 40), ("budget", 20)]


def test_what_is_already_available_counts_nothing():
    plan = funding_plan(inputs(60, covered_km2=D(45)))

    assert split(plan) == [("covered", 45), ("free", 15)]
    assert plan.counted_km2 == 15


def test_prefunded_allotment_comes_before_the_free_part():
    plan = funding_plan(inputs(160, prefunded=(prefunded(50),)))

    assert split(plan) == [("prefunded", 50), ("free", 100), ("budget", 10)]


def test_touching_requests_of_the_project_use_up_the_cap():
    plan = funding_plan(inputs(60, related_km2=D(70)))

    assert split(plan) == [("free", 30), ("budget", 30)]


def test_touching_requests_beyond_the_cap_leave_nothing_free():
    assert split(funding_plan(inputs(60, related_km2=D(130)))) == [("budget", 60)]


def test_free_line_draws_on_the_allowance_and_on_the_programme():
    plan = funding_plan(inputs(60))

    assert plan.amounts() == {1: 60, 2: 60}
    assert plan.amounts("first_come") == {1: 60}
    assert plan.amounts("arbitrated") == {2: 60}


def test_priced_line_waits_for_its_budget():
    plan = funding_plan(inputs(120))

    assert [(c.scope, c.unit) for c in plan.unopened()] == [("budget", "km2"), ("budget", "eur")]


def test_what_the_programme_lacks_is_a_shortfall_and_stays_free():
    plan = funding_plan(inputs(60, programme=programme(25)))

    assert split(plan) == [("free", 60)]
    assert plan.shortfall_km2 == 35
    assert plan.notes == (
        Refusal("shortfall", "The cell's envelope lacks 35 km² for the free part."),
    )


def test_shortfall_is_priced_when_the_arbitrator_says_so():
    plan = funding_plan(inputs(60, programme=programme(25), is_shortfall_priced=True))

    assert split(plan) == [("free", 25), ("budget", 35)]
    assert plan.shortfall_km2 == 0


def test_without_an_allowance_nothing_is_free():
    assert split(funding_plan(inputs(60, allowance=None))) == [("budget", 60)]


def test_without_a_tariff_the_rest_is_unfunded():
    plan = funding_plan(inputs(120, tariff=None))

    assert split(plan) == [("free", 100), ("unfunded", 20)]
    assert plan.notes == (
        Refusal("no_tariff", "No tariff is in force for 20 km² beyond the quota."),
    )


def test_open_data_draws_on_nothing():
    plan = funding_plan(FundingInputs(area_km2=D(900), is_open_data=True))

    assert split(plan) == [("open", 900)]
    assert (plan.counted_km2, plan.total_eur, plan.amounts()) == (0, 0, {})


@pytest.mark.parametrize(
    ("case", "billed_km2", "total_eur"),
    [
        # Institutional archive, 30 km² beyond the cap: 30 × 4.06.
        (inputs(130), "30", "121.80"),
        # Institutional tasking: 30 × 5.22.
        (inputs(130, tariff=TASKING), "30", "156.60"),
        # Stereo is billed double: 30 × 2 × 4.06.
        (inputs(130, price_multiplier=D(2)), "60", "243.60"),
        # Tri-stereo tasking, three times: 30 × 3 × 5.22.
        (inputs(130, tariff=TASKING, price_multiplier=D(3)), "90", "469.80"),
        # ISIS bills 100 km² at least: 30 km² cost 100 × 1.
        (inputs(130, tariff=ISIS), "100", "100.00"),
        # ISIS above its minimum: 150 × 1.
        (inputs(250, tariff=ISIS), "150", "150.00"),
        # ISIS stereo: the minimum is doubled too, 100 × 2 × 1.
        (inputs(130, tariff=ISIS, price_multiplier=D(2)), "200", "200.00"),
        # SPOT, small volume: 1,000 × 0.50.
        (inputs(1_100, tariff=SPOT_SMALL), "1000", "500.00"),
        # Exactly half a cent goes up, to the odd cent: 0.75 × 4.06 = 3.045.
        (inputs("100.75", tariff=ARCHIVE), "0.75", "3.05"),
        # Nothing beyond the quota: no minimum either.
        (inputs(100, tariff=ISIS), "0", "0"),
    ],
)
def test_price_of_what_is_beyond_the_quota(case, billed_km2, total_eur):
    plan = funding_plan(case)

    assert (plan.billed_km2, plan.total_eur) == (D(billed_km2), D(total_eur))


def test_counted_is_not_billed():
    plan = funding_plan(inputs(60, quota_multiplier=D(2), price_multiplier=D(3)))

    assert split(plan) == [("free", 50), ("budget", 10)]  # 50 × 2 = the cap of 100
    assert [(line.counted_km2, line.billed_area_km2) for line in plan.lines] == [
        (100, 0),
        (20, 30),
    ]


def test_multiplier_of_zero_counts_nothing():
    plan = funding_plan(inputs(160, quota_multiplier=D(0)))

    assert split(plan) == [("free", 160)]
    assert plan.counted_km2 == 0


def test_programme_share_of_a_cofunded_line_is_on_its_own_envelope():
    cofunding = EnvelopeFacts(
        envelope_id=9, scope="programme", unit="eur", allotment="arbitrated", left=D(1000)
    )
    tariff = TariffFacts(
        code="isis", rate_eur_per_km2=D(1), is_cofunded=True, programme_rate_eur_per_km2=D("3.06")
    )

    plan = funding_plan(inputs(150, tariff=tariff, cofunding=cofunding))

    assert plan.total_eur == 50
    assert plan.amounts("arbitrated") == {2: D(100), 9: D("153.00")}  # 50 × 3.06


@pytest.mark.parametrize(
    ("delivered", "lines"),
    [
        (150, [("prefunded", 20), ("free", 100), ("budget", 30)]),
        (130, [("prefunded", 20), ("free", 100), ("budget", 10)]),
        (120, [("prefunded", 20), ("free", 100)]),
        (40, [("prefunded", 20), ("free", 20)]),
        (5, [("prefunded", 5)]),
        (0, []),
    ],
)
def test_lines_shrink_from_the_last_to_the_first(delivered, lines):
    plan = funding_plan(inputs(150, prefunded=(prefunded(20),)))

    assert split(shrink(plan, D(delivered))) == lines


def test_minimum_stays_billed_when_less_is_delivered():
    plan = funding_plan(inputs(250, tariff=ISIS))

    assert shrink(plan, D(130)).total_eur == 100  # 30 km² left of 150, 100 billed


@pytest.mark.parametrize("area_km2", ["-1", "60.000001"])
def test_plan_does_not_grow(area_km2):
    with pytest.raises(ValueError, match="does not shrink"):
        shrink(funding_plan(inputs(60)), D(area_km2))


def test_plan_survives_json():
    plan = funding_plan(inputs("120.5", tariff=ISIS, policy_valid_from=dt.date(2026, 1, 1)))

    assert FundingPlan.from_json(plan.as_json()) == plan


def test_line_says_by_which_row_it_is_priced():
    line = funding_plan(inputs(120, tariff=ISIS)).lines[-1]

    assert (line.source, line.label, line.rule) == (Source.COFUNDED, "User's share", "tariff:isis")
    assert (line.rule_source, line.is_example) == ("D9, 2016", True)


# --- What bounds the free part --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "bound", "free_km2"),
    [
        ({}, Bound.REQUEST, D(100)),
        ({"related_km2": D(70)}, Bound.REQUEST, D(30)),
        ({"allowance": allowance(40)}, Bound.ALLOWANCE, D(40)),
        ({"request_cap": None}, Bound.ALLOWANCE, D(500)),
        ({"programme": programme(20), "is_shortfall_priced": True}, Bound.PROGRAMME, D(20)),
        ({"programme": programme(20)}, Bound.REQUEST, D(100)),
    ],
)
def test_plan_says_what_bounds_its_free_part(fields, bound, free_km2):
    plan = funding_plan(inputs(120, **fields))

    assert (plan.free_limit.bound, plan.free_limit.free_km2) == (bound, free_km2)


def test_plan_says_what_others_have_taken_where_nothing_is_free_any_more():
    plan = funding_plan(inputs(120, related_km2=D(100)))

    assert plan.free_km2 == 0
    assert plan.free_limit == FreeLimit(
        request_cap_km2=D(100), related_km2=D(100), allowance_left_km2=D(500)
    )


def test_plan_without_an_allowance_has_no_limit():
    assert funding_plan(inputs(120, allowance=None)).free_limit is None


def test_plan_frozen_before_limits_were_kept_is_read():
    frozen = funding_plan(inputs(120)).as_json()
    del frozen["free_limit"]

    assert FundingPlan.from_json(frozen).free_limit is None


@pytest.mark.parametrize(("area_km2", "is_told"), [(120, True), (200, False), (250, False)])
def test_line_says_that_it_is_billed_at_the_minimum(area_km2, is_told):
    plan = funding_plan(inputs(area_km2, tariff=ISIS))

    assert [line.is_billed_at_minimum for line in plan.lines] == [False, is_told]

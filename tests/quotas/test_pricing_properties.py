"""The funding plan: what holds for any inputs."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from quotas.amounts import ONE_M2
from quotas.pricing import (
    FundingInputs,
    FundingPlan,
    PolicyFigure,
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
    prefunded,
    programme,
)

areas = st.decimals(min_value=0, max_value=100_000, places=6)
multipliers = st.sampled_from([D(0), D(1), D("1.5"), D(2), D(3)])


def optional(strategy):
    return st.none() | strategy


cases = st.builds(
    FundingInputs,
    area_km2=st.decimals(min_value=ONE_M2, max_value=100_000, places=6),
    images_km2=st.lists(st.decimals(min_value=ONE_M2, max_value=9_000, places=6), max_size=4).map(
        tuple
    ),
    covered_km2=areas,
    quota_multiplier=multipliers,
    price_multiplier=st.sampled_from([D(1), D(2), D(3)]),
    request_cap=optional(st.builds(PolicyFigure, amount=areas)),
    related_km2=areas,
    prefunded=st.lists(st.builds(prefunded, areas), max_size=1).map(tuple),
    allowance=optional(st.builds(allowance, areas)),
    programme=optional(st.builds(programme, areas)),
    tariff=st.sampled_from([None, ISIS, ARCHIVE, TASKING, SPOT_SMALL]),
    is_shortfall_priced=st.booleans(),
)


@given(cases)
def test_lines_add_up_to_the_area_and_none_is_negative(case):
    plan = funding_plan(case)

    assert sum(line.area_km2 for line in plan.lines) == plan.area_km2
    assert plan.area_km2 == (sum(case.images_km2) or case.area_km2)
    assert all(line.area_km2 > 0 for line in plan.lines)
    assert all(
        min(line.counted_km2, line.billed_area_km2, line.amount_eur) >= 0 for line in plan.lines
    )


@given(cases)
def test_no_envelope_of_its_own_is_ever_asked_for_more_than_it_has(case):
    amounts = funding_plan(case).amounts("first_come")

    for envelope in (*case.prefunded, case.allowance):
        if envelope is not None:
            assert amounts.get(envelope.envelope_id, D(0)) <= envelope.left


@given(cases)
def test_free_part_and_shortfall_never_exceed_what_the_programme_lacks(case):
    plan = funding_plan(case)

    taken = plan.amounts("arbitrated").get(2, D(0))
    left = case.programme.left if case.programme else D(0)
    if case.is_shortfall_priced:
        assert plan.shortfall_km2 == 0
    elif case.programme:
        assert taken - plan.shortfall_km2 == min(taken, left)


@given(cases, st.data())
def test_shrunk_plan_adds_up_and_takes_no_more_of_anything(case, data):
    plan = funding_plan(case)
    area_km2 = data.draw(st.decimals(min_value=0, max_value=plan.area_km2, places=6))

    shorter = shrink(plan, area_km2)

    before, after = plan.amounts(), shorter.amounts()
    assert sum((line.area_km2 for line in shorter.lines), D(0)) == area_km2
    assert all(amount <= before[pk] for pk, amount in after.items())
    assert shorter.total_eur <= plan.total_eur
    assert shorter.priced_km2 == max(D(0), plan.priced_km2 - (plan.area_km2 - area_km2)) or (
        plan.unfunded_km2 > 0
    )


@given(cases)
def test_total_is_the_sum_of_lines_in_whole_cents(case):
    plan = funding_plan(case)

    assert plan.total_eur == sum(line.amount_eur for line in plan.lines)
    assert plan.total_eur == plan.total_eur.quantize(D("0.01"))


@given(cases)
def test_any_plan_survives_json(case):
    plan = funding_plan(case)

    assert FundingPlan.from_json(plan.as_json()) == plan


@given(cases, st.data())
def test_what_an_amount_pays_of_a_line_is_billed_as_no_more(case, data):
    for line in funding_plan(case).lines:
        billed_km2 = data.draw(st.decimals(min_value=0, max_value=200_000, places=6))

        paid_km2 = line.area_billed_as(billed_km2)

        assert 0 <= paid_km2 <= line.area_km2
        if line.is_billed:
            part = replace(line, area_km2=paid_km2, price_multiplier=D(1))
            assert part.billed_area_km2 <= billed_km2

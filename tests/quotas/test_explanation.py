"""The explained price: pure values, expectations worked out by hand."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from quotas.pricing import EnvelopeAfter, FundingInputs, FundingPlan, explanation
from tests.quotas.pricing_cases import allowance, inputs, prefunded, programme

D = Decimal
END = dt.date(2026, 3, 31)


def explained(area_km2, parts_km2=(), **fields):
    return explanation(inputs(area_km2, **fields), [D(part) for part in parts_km2])


def test_parts_are_told_beside_their_union():
    told = explained(60, parts_km2=[40, 25])

    assert (told.parts_km2, told.sum_of_parts_km2, told.union_km2) == ((40, 25), 65, 60)


def test_every_envelope_says_what_remains_and_when_it_is_renewed():
    told = explained(
        120,
        allowance=replace(allowance(500), ends_on=END),
        programme=replace(programme(90), ends_on=END),
    )

    assert told.envelopes == (
        EnvelopeAfter(
            envelope_id=1, scope="entity", unit="km2", left_before=D(500), taken=D(100), ends_on=END
        ),
        EnvelopeAfter(
            envelope_id=2, scope="programme", unit="km2", left_before=D(90), taken=D(100),
            ends_on=END,
        ),
    )  # fmt: skip
    assert [after.left_after for after in told.envelopes] == [400, -10]
    assert {after.resets_on for after in told.envelopes} == {dt.date(2026, 4, 1)}


@pytest.mark.parametrize(
    ("fields", "largest_km2"),
    [
        pytest.param({}, 100, id="the cap"),
        pytest.param({"allowance": allowance(40)}, 40, id="the allowance"),
        pytest.param({"programme": programme(30)}, 30, id="the cell's envelope"),
        pytest.param({"related_km2": D(70)}, 30, id="what touching requests left of the cap"),
        pytest.param({"related_km2": D(130)}, 0, id="nothing left of the cap"),
        pytest.param({"quota_multiplier": D(2)}, 50, id="each km² counted twice"),
        pytest.param({"quota_multiplier": D(0)}, None, id="nothing counted"),
        pytest.param({"allowance": None}, 0, id="no allowance"),
    ],
)
def test_largest_area_that_would_still_be_free(fields, largest_km2):
    assert explained(120, **fields).largest_free_km2 == largest_km2


def test_open_data_have_no_largest_free_area():
    told = explanation(FundingInputs(area_km2=D(60), is_open_data=True), [])

    assert (told.largest_free_km2, told.envelopes) == (None, ())


def test_area_as_large_as_said_is_free_and_a_square_metre_more_is_not():
    largest = explained(120, allowance=allowance("33.3333335"), quota_multiplier=D(3))

    area_km2 = largest.largest_free_km2
    fits = explained(area_km2, allowance=allowance("33.3333335"), quota_multiplier=D(3))
    beyond = explained(
        area_km2 + D("0.000001"), allowance=allowance("33.3333335"), quota_multiplier=D(3)
    )

    assert area_km2 == D("11.111111")
    assert (fits.plan.is_priced, beyond.plan.is_priced) == (False, True)


def test_json_is_the_frozen_plan_with_the_figures_beside_it():
    told = explained(160, parts_km2=[160], prefunded=(replace(prefunded(50), ends_on=END),))

    data = told.as_json()

    assert FundingPlan.from_json(data) == told.plan
    assert (data["parts_km2"], data["union_km2"]) == (["160"], "160")
    assert (data["quota_multiplier"], data["price_multiplier"]) == ("1", "1")
    assert data["largest_free_km2"] == "100.000000"
    assert data["envelopes"][0] == {
        "envelope_id": 3,
        "scope": "prefunded",
        "unit": "km2",
        "left_before": "50",
        "taken": "50.000000",
        "left_after": "0.000000",
        "resets_on": None,  # what was paid for is not renewed
    }

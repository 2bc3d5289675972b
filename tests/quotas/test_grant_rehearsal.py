"""What a dry run of lines of grants says, and that it writes nothing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotas import selectors
from quotas.models import Envelope
from tests.eligibility.factories import CellFactory, EntityFactory, SensorFactory
from tests.quotas.checks import balances
from tests.quotas.factories import (
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    PrefundedFactory,
    ProgrammePolicyFactory,
)
from tests.quotas.grant_lines import END, NEXT_YEAR, PERIOD, SIRETS, START, allowance, ceiling, line

pytestmark = pytest.mark.django_db


def rehearse(*lines):
    return selectors.rehearse_grants(lines, timezone.localdate())


def codes_of(*lines) -> list[list[str]]:
    return [[r.code for r in each.refusals] for each in rehearse(*lines).outcomes]


def test_dry_run_says_what_each_line_would_grant_and_writes_nothing():
    one, two = allowance(0, granted=100), EnvelopeFactory(granted=5, **PERIOD)

    rehearsal = rehearse(line(one, "250.5"), line(two, 20, number=3))

    said = [(each.envelope, each.granted_before, each.granted_after) for each in rehearsal.outcomes]
    assert said == [(one, 100, Decimal("350.5")), (two, 5, 25)]
    assert rehearsal.refusals == []
    assert (balances(one), balances(two)) == ((100, 0, 0), (5, 0, 0))


def test_dry_run_says_what_would_be_opened_with_what_policy_grants():
    entity, sensor = EntityFactory(siret=SIRETS[0]), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=500)
    wanted = line(AllowanceFactory.build(entity=entity, sensor=sensor, **PERIOD))

    (outcome,) = rehearse(wanted).outcomes

    assert outcome.envelope is None
    assert (outcome.period.starts_on, outcome.period.ends_on) == (START, dt.date(NEXT_YEAR, 3, 31))
    assert (outcome.policy_amount, outcome.granted_after) == (500, 510)
    assert not Envelope.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"owner": "00000000000000"}, "owner_unknown"),
        ({"owner": "1,3e+13"}, "owner_unknown"),
        ({"scope": "programme"}, "owner_unknown"),
        ({"sensor": "landsat"}, "sensor_unknown"),
        ({"ends_on": dt.date(NEXT_YEAR, 6, 30)}, "period_differs"),
        ({"request_kind": "archive"}, "period_unknown"),
        ({"starts_on": dt.date(2020, 1, 1), "ends_on": dt.date(2020, 3, 31)}, "period_over"),
        ({"amount": Decimal("99999999.999999")}, "amount_too_large"),
        ({"amount": Decimal("0.0000001")}, "amount_too_precise"),
        ({"unit": "eur", "ends_on": END}, "unit_not_drawn_on"),
        ({"unit": "attempts", "ends_on": END, "scope": "prefunded"}, "unit_not_drawn_on"),
    ],
)
def test_dry_run_refuses(fields, code):
    envelope = allowance(granted=100)

    assert codes_of(line(envelope, **fields)) == [[code]]


def test_unit_that_no_request_draws_from_an_entity_is_refused_in_words():
    (refusal,) = rehearse(line(allowance(), unit="eur", ends_on=END)).refusals

    assert refusal.message == (
        "Line 2: No request draws eur from the scope “entity”: write km2, or the scope “programme”."
    )


def test_shortened_siret_is_told_apart():
    (refusal,) = rehearse(line(allowance(), owner="1,3e+13")).refusals

    assert refusal.message == (
        "Line 2: “1,3e+13” is a SIRET number that a spreadsheet has shortened: "
        "give its column the format of text."
    )


def test_period_that_is_not_that_of_policy():
    AllowancePolicyFactory(sensor=SensorFactory())
    envelope = AllowanceFactory.build(
        entity=EntityFactory(siret=SIRETS[0]), sensor=SensorFactory(), **PERIOD
    )

    assert codes_of(
        line(envelope, starts_on=dt.date(NEXT_YEAR, 1, 15)),
        line(envelope, ends_on=END, number=3),
    ) == [["period_differs"], ["period_differs"]]


def test_ceiling_is_counted_line_by_line():
    contract = ceiling(amount=100)
    one = EnvelopeFactory(granted=50, contract=contract, **PERIOD)
    two = EnvelopeFactory(cell=CellFactory(code="two"), contract=contract, **PERIOD)

    rehearsal = rehearse(line(one, 40), line(two, 11, number=3))

    assert [r.message for r in rehearsal.refusals] == [
        f"Line 3: 11 km² asked, 10 km² left to grant under the contract {contract.reference}."
    ]
    (total,) = rehearsal.totals
    assert (total.granted, total.asked, total.ceiling, total.left_after) == (50, 51, 100, -1)


def test_what_policy_grants_an_opened_envelope_counts_against_the_ceiling():
    contract = ceiling(amount=600)
    before = EnvelopeFactory(
        contract=contract,
        granted=50,
        period_starts_on=dt.date(NEXT_YEAR - 1, 10, 1),
        period_ends_on=dt.date(NEXT_YEAR - 1, 12, 31),
    )
    ProgrammePolicyFactory(sensor=before.sensor, amount=500)
    opened = EnvelopeFactory.build(cell=before.cell, sensor=before.sensor, **PERIOD)

    rehearsal = rehearse(line(opened, 51))

    assert [r.message for r in rehearsal.refusals] == [
        f"Line 2: 551 km² asked, 550 km² left to grant under the contract {contract.reference}."
    ]


def test_dry_run_asks_as_much_for_three_lines_as_for_one():
    one = [line(allowance(0))]
    three = [*one, line(allowance(1), number=3), line(allowance(2), number=4)]

    with CaptureQueriesContext(connection) as of_one:
        rehearse(*one)
    with CaptureQueriesContext(connection) as of_three:
        rehearse(*three)

    assert len(of_one) == len(of_three)


def test_file_that_opens_too_many_is_refused(monkeypatch):
    monkeypatch.setattr("quotas.selectors.grant_lines.OPENED_MAXIMUM", 1)
    prefunded = PrefundedFactory.build(
        entity=EntityFactory(siret=SIRETS[0]), sensor=SensorFactory(), **PERIOD
    )

    found = codes_of(
        line(prefunded, ends_on=END), line(prefunded, ends_on=END, request_kind="archive", number=3)
    )

    assert found == [[], ["too_many_to_open"]]

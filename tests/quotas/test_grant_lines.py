"""Grants of many lines: what a dry run says, all or none, once, and by two persons."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eligibility.models import Parameter
from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, QuotaAct
from tests.eligibility.factories import (
    CellFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)
from tests.quotas.checks import NothingWritten, balances
from tests.quotas.factories import (
    LONG_AGO,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    PrefundedFactory,
    ProgrammePolicyFactory,
)
from tests.quotas.grant_lines import END, NEXT_YEAR, PERIOD, SIRETS, START, allowance, ceiling, line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def threshold():
    """A second person from 1,000 km²."""
    names = {"name_fr": "Seuil", "name_en": "Threshold", "valid_from": LONG_AGO, "source": "test"}
    for unit, amount in (("km2", 1000), ("eur", 5000)):
        Parameter.objects.create(
            code=f"second-person-from-{unit}", unit=unit, amount=amount, **names
        )


@pytest.fixture
def secretary():
    return ProgrammeRoleFactory(role="secretariat").user


@pytest.fixture
def colleague():
    return ProgrammeRoleFactory(role="secretariat").user


def rehearse(*lines):
    return selectors.rehearse_grants(lines, timezone.localdate())


def codes_of(*lines) -> list[list[str]]:
    return [[r.code for r in each.refusals] for each in rehearse(*lines).outcomes]


# --- The dry run ----------------------------------------------------------------------------------


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


def test_envelope_that_policy_opens_by_itself_is_not_opened():
    """Else what policy grants it would never be granted."""
    cell, sensor = CellFactory(), SensorFactory()
    ProgrammePolicyFactory(
        sensor=sensor, unit="attempts", request_kind="tasking", period_kind="year", amount=200
    )
    envelope = EnvelopeFactory.build(
        cell=cell, sensor=sensor, unit="attempts", request_kind="tasking", **PERIOD
    )

    assert codes_of(line(envelope)) == [["envelope_not_open"]]


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


# --- All or none ----------------------------------------------------------------------------------


def test_lines_are_granted_by_one_decision(secretary):
    one, two = allowance(0, granted=100), EnvelopeFactory(**PERIOD)

    act = services.propose_grants(
        user=secretary, lines=[line(two, 20), line(one, "250.5", number=3)]
    )

    assert (balances(one), balances(two)) == ((Decimal("350.5"), 0, 0), (20, 0, 0))
    posted = LedgerEntry.objects.filter(decision=act.decision).order_by("pk")
    assert [(entry.envelope, entry.author, entry.reason) for entry in posted] == [
        (one, secretary, "act:grant_file"),
        (two, secretary, "act:grant_file"),
    ]
    assert (act.done_at is None, act.reason) == (False, "Committee")


def test_reasons_that_differ_are_kept_line_by_line(secretary):
    one, two = allowance(0), allowance(1)

    act = services.propose_grants(
        user=secretary, lines=[line(one), line(two, number=3, reason="Survey")]
    )

    assert act.reason == "2. Committee\n3. Survey"


def test_one_line_that_is_refused_refuses_all(secretary):
    one = allowance(0)

    with NothingWritten() as refused:
        services.propose_grants(
            user=secretary, lines=[line(one), line(one, number=3, owner="00000000000000")]
        )

    assert refused.codes == ["owner_unknown"]
    assert not QuotaAct.objects.exists()


def test_envelope_is_opened_as_its_first_request_would(secretary):
    entity, sensor = EntityFactory(siret=SIRETS[0]), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=500)
    wanted = line(AllowanceFactory.build(entity=entity, sensor=sensor, **PERIOD))

    services.propose_grants(user=secretary, lines=[wanted])

    opened = Envelope.objects.get()
    assert list(opened.entries.values_list("d_granted", "reason")) == [
        (500, "policy"),
        (10, "act:grant_file"),
    ]
    assert (opened.allotment, opened.period_ends_on) == ("first_come", dt.date(NEXT_YEAR, 3, 31))
    again = services.ensure_envelopes(
        entity_id=entity.pk, sensor_id=sensor.pk, request_kind="archive", on=START
    )
    assert [each.granted for each in again] == [510]


def test_cells_envelope_is_opened_under_the_contract_of_the_one_before(secretary):
    contract = ceiling(amount=100_000)
    before = EnvelopeFactory(
        contract=contract,
        period_starts_on=dt.date(NEXT_YEAR - 1, 10, 1),
        period_ends_on=dt.date(NEXT_YEAR - 1, 12, 31),
    )
    ProgrammePolicyFactory(sensor=before.sensor, amount=500)

    services.propose_grants(
        user=secretary,
        lines=[line(EnvelopeFactory.build(cell=before.cell, sensor=before.sensor, **PERIOD))],
    )

    opened = Envelope.objects.get(period_starts_on=START)
    assert (opened.contract, opened.granted) == (contract, 510)


def test_prefunded_allotment_is_opened_over_the_days_of_its_line(secretary):
    entity, sensor = EntityFactory(siret=SIRETS[0]), SensorFactory()
    wanted = line(PrefundedFactory.build(entity=entity, sensor=sensor, **PERIOD), ends_on=END)

    services.propose_grants(user=secretary, lines=[wanted])

    opened = Envelope.objects.get()
    assert (opened.scope, opened.period_ends_on, opened.granted) == ("prefunded", END, 10)


# --- Once -----------------------------------------------------------------------------------------


def test_same_lines_are_granted_once(secretary, colleague):
    one, two = allowance(0), allowance(1)
    lines = [line(one), line(two, number=3)]
    act = services.propose_grants(user=secretary, lines=lines)

    with NothingWritten() as refused:
        services.propose_grants(user=colleague, lines=lines[::-1])

    assert refused.codes == ["file_granted_already"]
    assert f"act no. {act.pk}." in refused.refusals[0].message
    assert QuotaAct.objects.count() == 1


def test_lines_that_were_withdrawn_may_be_sent_again(secretary):
    envelope = allowance()
    withdrawn = services.propose_grants(user=secretary, lines=[line(envelope, 1000)])
    services.withdraw_act(act_id=withdrawn.pk, user=secretary)

    again = services.propose_grants(user=secretary, lines=[line(envelope, 1000)])

    assert again.pk != withdrawn.pk
    assert again.is_waiting


# --- Two persons ----------------------------------------------------------------------------------


def test_lines_that_together_pass_the_threshold_wait(secretary, colleague):
    one, two = allowance(0), allowance(1)

    act = services.propose_grants(user=secretary, lines=[line(one, 500), line(two, 500, number=3)])
    before = (act.is_waiting, balances(one), balances(two))
    with NothingWritten() as refused:
        services.confirm_act(act_id=act.pk, user=secretary)
    services.confirm_act(act_id=act.pk, user=colleague)

    assert before == (True, (0, 0, 0), (0, 0, 0))
    assert refused.codes == ["same_person"]
    assert (balances(one), balances(two)) == ((500, 0, 0), (500, 0, 0))
    assert set(LedgerEntry.objects.values_list("second_author", flat=True)) == {colleague.pk}


def test_lines_below_the_threshold_do_not_wait(secretary):
    one, two = allowance(0), allowance(1)

    act = services.propose_grants(
        user=secretary, lines=[line(one, 500), line(two, "499.999999", number=3)]
    )

    assert not act.is_waiting


def test_lines_that_wait_open_nothing(secretary):
    entity, sensor = EntityFactory(siret=SIRETS[0]), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=500)
    wanted = line(AllowanceFactory.build(entity=entity, sensor=sensor, **PERIOD), 1000)

    act = services.propose_grants(user=secretary, lines=[wanted])

    assert act.is_waiting
    assert not Envelope.objects.exists()


def test_lines_are_confirmed_under_the_rules_of_then(secretary, colleague):
    contract = ceiling(amount=1500)
    one = EnvelopeFactory(contract=contract, **PERIOD)
    act = services.propose_grants(user=secretary, lines=[line(one, 1000)])
    services.propose_act(
        user=secretary,
        kind="grant",
        facts={"envelope_id": one.pk, "amount": Decimal(600)},
        reason="In between.",
    )

    with NothingWritten() as refused:
        services.confirm_act(act_id=act.pk, user=colleague)

    assert refused.codes == ["supply_ceiling_exceeded"]
    assert QuotaAct.objects.get(pk=act.pk).is_waiting


def test_only_the_secretariat_sends_lines():
    envelope = allowance()

    for user in (UserFactory(), ProgrammeRoleFactory(role="observer").user):
        with pytest.raises(PermissionDenied):
            services.propose_grants(user=user, lines=[line(envelope)])

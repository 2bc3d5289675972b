"""Grants of many lines: all or none, once, and by two persons."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from eligibility.models import Parameter
from quotas import services
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
    for unit, amount in (("km2", 1000), ("eur", 5000), ("attempts", 1000)):
        Parameter.objects.create(
            code=f"second-person-from-{unit}", unit=unit, amount=amount, **names
        )


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


def test_cells_attempts_are_opened_with_what_policy_grants(secretary):
    cell, sensor = CellFactory(), SensorFactory()
    attempts = {"unit": "attempts", "request_kind": "tasking"}
    ProgrammePolicyFactory(sensor=sensor, amount=500)
    ProgrammePolicyFactory(sensor=sensor, period_kind="year", amount=200, **attempts)
    wanted = line(EnvelopeFactory.build(cell=cell, sensor=sensor, **attempts, **PERIOD))

    services.propose_grants(user=secretary, lines=[wanted])

    opened = Envelope.objects.get()
    assert (opened.unit, opened.request_kind, opened.period_ends_on) == ("attempts", "tasking", END)
    assert list(opened.entries.values_list("d_granted", "reason")) == [
        (200, "policy"),
        (10, "act:grant_file"),
    ]


def test_policy_of_every_sensor_is_locked_before_the_first_contract_is_locked(secretary):
    """As whoever publishes a revision takes them: neither waits for the other for ever."""
    contract, sensors = ceiling(), [SensorFactory(code=code) for code in ("spot67", "aster")]
    there = EnvelopeFactory(contract=contract, **PERIOD)
    lines = [line(there)]
    for number, sensor in enumerate(sensors, 3):
        ProgrammePolicyFactory(sensor=sensor, amount=500)
        opened = EnvelopeFactory.build(cell=there.cell, sensor=sensor, **PERIOD)
        lines.append(line(opened, number=number))

    with CaptureQueriesContext(connection) as asked:
        services.propose_grants(user=secretary, lines=lines)

    locked = [
        query["sql"].partition("FROM ")[2].partition(" ")[0]
        for query in asked
        if "FOR NO KEY UPDATE" in query["sql"]
    ]
    assert locked[:3] == ['"eligibility_sensor"'] * 2 + ['"quotas_supplycontract"']


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

"""Opening and funding envelopes: each refusal, and that a refusal writes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import Envelope, SupplyCeiling
from quotas.services import Amount
from tests.eligibility.factories import CellFactory, EntityFactory, SensorFactory
from tests.quotas.checks import NothingWritten, balances, kinds
from tests.quotas.factories import (
    IN_QUARTER,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    ProgrammePolicyFactory,
    SupplyContractFactory,
    cause,
)

pytestmark = pytest.mark.django_db


# --- grant, expire, transfer ----------------------------------------------------------------------


def test_grant_adds_to_what_is_left():
    envelope = EnvelopeFactory(granted=100)

    services.grant(envelope_id=envelope.pk, amount=Decimal(20), cause=cause(""))

    assert balances(envelope) == (120, 0, 0)


def test_grant_of_nothing_is_refused():
    envelope = EnvelopeFactory(granted=100)

    with NothingWritten() as refused:
        services.grant(envelope_id=envelope.pk, amount=Decimal(0), cause=cause(""))

    assert refused.codes == ["amount_not_positive"]


def test_grant_on_an_envelope_that_is_not_there_is_refused():
    with NothingWritten() as refused:
        services.grant(envelope_id=12345, amount=Decimal(1), cause=cause(""))

    assert refused.codes == ["envelope_missing"]


def test_grants_stay_within_the_ceiling_of_their_contract():
    contract = SupplyContractFactory(reference="C-7")
    SupplyCeiling.objects.create(contract=contract, unit="km2", amount=Decimal(150))
    EnvelopeFactory(granted=100, contract=contract)
    other = EnvelopeFactory(contract=contract, cell=CellFactory(code="institutional"))

    services.grant(envelope_id=other.pk, amount=Decimal(50), cause=cause(""))
    with NothingWritten() as refused:
        services.grant(envelope_id=other.pk, amount=Decimal(10), cause=cause(""))

    assert refused.refusals == (
        Refusal(
            "supply_ceiling_exceeded",
            "10 km² asked, 0 km² left to grant under the contract C-7.",
        ),
    )


def test_expiry_takes_back_what_is_left():
    envelope = EnvelopeFactory(granted=100)

    services.expire(envelope_id=envelope.pk, amount=Decimal(100), cause=cause(""))

    assert kinds(envelope)[-1] == ("expire", -100, 0, 0)


def test_expiry_below_what_is_used_names_the_files_and_the_most_possible():
    envelope = EnvelopeFactory(granted=100)
    services.hold(amounts=[Amount(envelope.pk, Decimal(60))], cause=cause())
    services.hold(amounts=[Amount(envelope.pk, Decimal(10))], cause=cause("R2026-000002"))
    services.release_request(request_number="R2026-000002", cause=cause("R2026-000002"))

    with NothingWritten() as refused:
        services.expire(envelope_id=envelope.pk, amount=Decimal(50), cause=cause(""))

    assert refused.refusals == (
        Refusal(
            "envelope_in_use",
            "The programme envelope of Pléiades science cell, Pléiades, until 31 March 2026"
            " cannot be reduced by 50 km²: 40 km² at most now. It is used by: R2026-000001.",
        ),
    )


def test_expiry_of_nothing_is_refused():
    envelope = EnvelopeFactory(granted=100)

    with NothingWritten() as refused:
        services.expire(envelope_id=envelope.pk, amount=Decimal(-5), cause=cause(""))

    assert refused.codes == ["amount_not_positive"]


def test_transfer_is_a_pair_of_one_decision():
    giver, taker = AllowanceFactory(granted=100), AllowanceFactory()
    why = cause("")

    entries = services.transfer(
        from_envelope_id=giver.pk, to_envelope_id=taker.pk, amount=Decimal(30), cause=why
    )

    assert [(e.envelope_id, e.d_granted, e.decision) for e in entries] == [
        (giver.pk, -30, why.decision),
        (taker.pk, 30, why.decision),
    ]


def test_transfer_of_more_than_is_left_is_refused():
    giver, taker = AllowanceFactory(granted=20), AllowanceFactory()

    with NothingWritten() as refused:
        services.transfer(
            from_envelope_id=giver.pk, to_envelope_id=taker.pk, amount=Decimal(30), cause=cause("")
        )

    assert refused.codes == ["envelope_in_use"]


def test_transfer_between_units_is_refused():
    giver, taker = AllowanceFactory(granted=100), AllowanceFactory(unit="eur")

    with NothingWritten() as refused:
        services.transfer(
            from_envelope_id=giver.pk, to_envelope_id=taker.pk, amount=Decimal(30), cause=cause("")
        )

    assert refused.codes == ["transfer_not_possible"]


# --- opening envelopes ----------------------------------------------------------------------------


def test_allowance_is_opened_and_granted_once_from_policy():
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(500))
    asked = {"entity_id": entity.pk, "sensor_id": sensor.pk, "request_kind": "archive"}

    (first,) = services.ensure_envelopes(**asked, on=IN_QUARTER)
    (again,) = services.ensure_envelopes(**asked, on=IN_QUARTER)

    assert first == again
    assert (first.scope, first.entity, first.allotment) == ("entity", entity, "first_come")
    assert (str(first.period_starts_on), str(first.period_ends_on)) == ("2026-01-01", "2026-03-31")
    assert kinds(first) == [("grant", 500, 0, 0)]


def test_next_period_has_an_allowance_of_its_own():
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor)
    asked = {"entity_id": entity.pk, "sensor_id": sensor.pk, "request_kind": "archive"}

    (first,) = services.ensure_envelopes(**asked, on=IN_QUARTER)
    (second,) = services.ensure_envelopes(**asked, on=dt.date(2026, 4, 1))

    assert first != second


def test_allowance_of_the_entity_category_wins():
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(500))
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(800), category=entity.category)

    (envelope,) = services.ensure_envelopes(
        entity_id=entity.pk, sensor_id=sensor.pk, request_kind="archive", on=IN_QUARTER
    )

    assert envelope.granted == 800


def test_without_a_row_of_policy_no_allowance_is_opened():
    opened = services.ensure_envelopes(
        entity_id=EntityFactory().pk, sensor_id=SensorFactory().pk, request_kind="archive",
        on=IN_QUARTER,
    )  # fmt: skip

    assert opened == []
    assert not Envelope.objects.exists()


def test_programme_envelope_is_opened_and_granted_once_from_policy():
    cell, sensor = CellFactory(), SensorFactory()
    ProgrammePolicyFactory(sensor=sensor, amount=Decimal(10_000))
    asked = {"cell_id": cell.pk, "sensor_id": sensor.pk, "request_kind": "tasking"}

    first = services.ensure_programme_envelope(**asked, on=IN_QUARTER)
    again = services.ensure_programme_envelope(**asked, on=IN_QUARTER)

    assert first == again
    assert (first.cell, first.allotment, first.granted) == (cell, "arbitrated", 10_000)


@pytest.mark.parametrize(("ends_on", "is_kept"), [("2026-12-31", True), ("2026-03-31", False)])
def test_next_programme_envelope_keeps_a_contract_still_in_force(ends_on, is_kept):
    contract = SupplyContractFactory(ends_on=ends_on)
    sensor = SensorFactory()
    ProgrammePolicyFactory(sensor=sensor)
    asked = {"cell_id": CellFactory().pk, "sensor_id": sensor.pk, "request_kind": "archive"}
    services.ensure_programme_envelope(**asked, on=IN_QUARTER, contract_id=contract.pk)

    following = services.ensure_programme_envelope(**asked, on=dt.date(2026, 4, 1))

    assert following.contract == (contract if is_kept else None)


def test_programme_envelope_without_policy_is_not_opened():
    opened = services.ensure_programme_envelope(
        cell_id=CellFactory().pk, sensor_id=SensorFactory().pk, request_kind="archive",
        on=IN_QUARTER,
    )  # fmt: skip

    assert opened is None


def test_envelope_is_opened_empty_once():
    fields = {
        "scope": "prefunded", "sensor_id": SensorFactory().pk, "entity_id": EntityFactory().pk,
        "starts_on": dt.date(2026, 1, 1), "ends_on": dt.date(2026, 12, 31),
    }  # fmt: skip

    first, again = services.open_envelope(**fields), services.open_envelope(**fields)

    assert first == again
    assert (first.allotment, first.unit, balances(first)) == ("first_come", "km2", (0, 0, 0))


@pytest.mark.parametrize(
    ("scope", "label"),
    [
        ("entity", "allowance of LAB, Pléiades, until 31 March 2026"),
        ("prefunded", "prefunded allotment of LAB, Pléiades, until 31 March 2026"),
        ("budget", "budget of LAB, Pléiades, until 31 March 2026"),
    ],
)
def test_envelope_is_named_in_refusals_after_its_owner(scope, label):
    assert AllowanceFactory(scope=scope, entity=EntityFactory(acronym="LAB")).label == label

"""Opening envelopes, empty or with what policy grants them."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas import services
from quotas.models import Envelope
from tests.eligibility.factories import CellFactory, EntityFactory, SensorFactory
from tests.quotas.checks import balances, kinds
from tests.quotas.factories import (
    IN_QUARTER,
    AllowanceFactory,
    AllowancePolicyFactory,
    ProgrammePolicyFactory,
    SupplyContractFactory,
)

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(("valid_from", "amount"), [("2026-01-01", 700), ("2026-01-02", 500)])
def test_period_is_opened_with_the_figure_of_its_first_day(valid_from, amount):
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(500))
    AllowancePolicyFactory(sensor=sensor, amount=Decimal(700), valid_from=valid_from)

    (envelope,) = services.ensure_envelopes(
        entity_id=entity.pk, sensor_id=sensor.pk, request_kind="archive", on=IN_QUARTER
    )

    assert envelope.granted == amount


def test_period_in_which_the_first_figure_begins_is_opened_with_it():
    entity, sensor = EntityFactory(), SensorFactory()
    AllowancePolicyFactory(sensor=sensor, valid_from=dt.date(2026, 2, 1))

    (envelope,) = services.ensure_envelopes(
        entity_id=entity.pk, sensor_id=sensor.pk, request_kind="archive", on=IN_QUARTER
    )

    assert envelope.granted == 500


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

"""Worked prices: `prices.csv`, typed by hand with its arithmetic, against the policy as shipped.

A line reads "source area: billed area × multiplier × €/km² = €", and for a co-funded one a second
product after "+", the programme's share. `dates=` and `scenes=` ask for several images: the areas of
the lines add up to theirs, and a minimum is that of each image. Every figure that a source states is among them: 5.22
(about 2014); 1 with 100 km² at least, 4.06, 5.22, stereo double (2016); 1.40 to 1.80 (2019); 1 and
the packages of 20 and 50 k€ (2020).

The policy as shipped holds of these what was published last. The prices of about 2014 and of 2019
(given as `tariff=`) are rows that the case itself puts in force, in place of the shipped ones."""

import csv
import datetime as dt
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from eligibility.models import Cell, Entity, Sensor, UserCategory
from quotas.models import Tariff
from quotas.pricing import FundingPlan
from quotas.selectors import FundingQuestion, preview_funding
from requests_app.routing import cell_for
from tests.eligibility.factories import EntityFactory
from tests.quotas.factories import IN_QUARTER, EnvelopeFactory, TariffFactory

TABLE = (Path(__file__).parent / "prices.csv").read_text(encoding="utf-8")
CASES = list(csv.DictReader(TABLE.splitlines()))
CENT = Decimal("0.01")
PRODUCT = re.compile(r"([\d.]+) × (\d) × ([\d.]+) = ([\d.]+)")

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _policy(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The policy as shipped, loaded once per module in a transaction that is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_policy", verbosity=0)
        yield
        transaction.set_rollback(True)


def priced(case: dict[str, str]) -> FundingPlan:
    sensor = Sensor.objects.get(code=case["sensor"])
    entity = EntityFactory(category=UserCategory.objects.get(code=case["category"]))
    is_scientific = entity.category.is_scientific
    cell = cell_for(sensor_id=sensor.pk, is_scientific=is_scientific, on=IN_QUARTER)
    given = [tuple(fact.split("=")) for fact in case["given"].split()]
    for name, amount in given:
        provide(name, amount, sensor=sensor, entity=entity, cell=cell)
    names = dict(given)
    question = FundingQuestion(
        entity_id=entity.pk,
        is_scientific=is_scientific,
        sensor_id=sensor.pk,
        request_kind=case["kind"],
        acquisition_mode=case["mode"],
        area_km2=Decimal(case["area_km2"]),
        covered_km2=Decimal(case["covered_km2"]),
        cell_id=cell.pk if cell else None,
        on=IN_QUARTER,
        images_km2=images_of(case),
        related_km2=Decimal(names.get("related", 0)),
        outside_km2=Decimal(names.get("outside", 0)),
        uses_prefunded=bool(names.keys() & {"prefunded", "package"}),
        is_shortfall_priced="shortfall" in names,
    )
    return preview_funding(question)


def images_of(case: dict[str, str]) -> tuple[Decimal, ...]:
    """So many dates of the area, or scenes of so many km² each."""
    names = dict(fact.split("=") for fact in case["given"].split())
    if "scenes" in names:
        return tuple(Decimal(scene) for scene in names["scenes"].split("+"))
    return (Decimal(case["area_km2"]),) * int(names.get("dates", 0))


def provide(name: str, amount: str, *, sensor: Sensor, entity: Entity, cell: Cell | None) -> None:
    """An envelope with so much left, or a tariff of that price in force."""
    if name == "tariff":
        is_scientific = entity.category.is_scientific
        rate = {"rate_eur_per_km2": Decimal(amount), "is_scientific": is_scientific}
        day = IN_QUARTER - dt.timedelta(days=1)
        for kind in ("archive", "tasking"):
            code = f"pleiades-{'isis' if is_scientific else 'dsp'}-{kind}-2016"
            TariffFactory(sensor=sensor, code=code, request_kind=kind, valid_from=day, **rate)
    elif name == "programme":
        EnvelopeFactory(sensor=sensor, cell=cell, granted=amount)
    elif name in ("allowance", "prefunded"):
        scope = "entity" if name == "allowance" else name
        granted = amount if Decimal(amount) else None
        theirs(scope, sensor, entity, granted=granted)
    elif name == "package":
        package = Tariff.objects.filter(sensor=sensor, package_eur__gte=amount).order_by(
            "package_eur"
        )[0]
        theirs("prefunded", sensor, entity, granted=amount, unit="eur", package=package)


def theirs(scope: str, sensor: Sensor, entity: Entity, **fields) -> None:
    EnvelopeFactory(
        scope=scope, cell=None, entity=entity, sensor=sensor, allotment="first_come", **fields
    )


def expected(lines: str) -> list[tuple[str, Decimal, Decimal, Decimal, Decimal]]:
    """Source, area, billed area, € of the entity and of the programme, as typed."""
    found = []
    for line in lines.split(" | "):
        head, _, arithmetic = line.partition(": ")
        source, area_km2 = head.split(" ")
        products = PRODUCT.findall(arithmetic)
        billed = {Decimal(area) * int(times) for area, times, _rate, _eur in products}
        euros = [Decimal(eur) for *_factors, eur in products]
        own, programme = [*euros, Decimal(0), Decimal(0)][:2]
        found.append((source, Decimal(area_km2), billed.pop() if billed else 0, own, programme))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['no']} {case['what it shows']}")
def test_price_is_the_one_worked_out_by_hand(case):
    plan = priced(case)

    lines = [
        (
            str(line.source),
            line.area_km2,
            line.billed_area_km2,
            line.amount_eur,
            line.programme_amount_eur,
        )
        for line in plan.lines
    ]
    assert lines == expected(case["lines"])
    assert plan.total_eur == Decimal(case["total_eur"])
    assert plan.programme_eur == Decimal(case["programme_eur"])
    assert (plan.attempts.number if plan.attempts else 0) == int(case["attempts"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["no"])
def test_arithmetic_as_typed_is_right(case):
    """The table is read by people: its products must be what they say, rounded half-up."""
    for area, times, rate, eur in PRODUCT.findall(case["lines"]):
        product = Decimal(area) * int(times) * Decimal(rate)
        assert product.quantize(CENT, ROUND_HALF_UP) == Decimal(eur)
    areas = [Decimal(line.split(":")[0].split(" ")[1]) for line in case["lines"].split(" | ")]
    assert sum(areas) == (sum(images_of(case)) or Decimal(case["area_km2"]))


def test_packages_are_of_the_areas_published():
    packages = Tariff.objects.filter(package_eur__isnull=False)

    areas = dict(packages.values_list("package_eur", "package_area_km2"))
    assert areas == {20_000: 40_000, 50_000: 100_000}


def test_half_a_cent_is_put_to_the_test():
    """Half-up and half-even differ on a product that the table bills."""
    products = [
        Decimal(area) * int(times) * Decimal(rate)
        for case in CASES
        for area, times, rate, _eur in PRODUCT.findall(case["lines"])
    ]

    up, even = (
        [product.quantize(CENT, rounding) for product in products]
        for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN)
    )
    assert up != even


def test_every_category_kind_and_mode_has_a_price():
    def used(column: str) -> set[str]:
        return {case[column] for case in CASES}

    assert len(CASES) >= 40
    assert used("category") == set(UserCategory.objects.values_list("code", flat=True))
    assert used("kind") == {"archive", "tasking"}
    assert used("mode") == {"mono", "stereo", "tri_stereo"}
    assert {"pleiades", "spot67", "sentinel1", "sentinel2"} == used("sensor")

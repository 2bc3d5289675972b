"""What moves between envelopes: each refusal, and that a refusal writes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas import services
from quotas.models import Envelope, SupplyCeiling
from quotas.selectors import convertible_into, transferable_to
from quotas.services import Amount
from tests.eligibility.factories import CellFactory, EntityFactory, SensorFactory
from tests.quotas.checks import NothingWritten, balances
from tests.quotas.factories import (
    AllowanceFactory,
    EnvelopeFactory,
    PackageFactory,
    PrefundedFactory,
    SupplyContractFactory,
    cause,
)

MOST = Decimal("99999999.999999")

pytestmark = pytest.mark.django_db


# --- transfer -------------------------------------------------------------------------------------


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


def exchanges() -> dict[str, tuple[Envelope, Envelope]]:
    """Pairs between which nothing goes, for all the same unit and contract."""
    entity, other = EntityFactory(), EntityFactory()
    usual = {"entity": entity, "period_ends_on": dt.date(2099, 12, 31)}
    money = {"unit": "eur", "allotment": "arbitrated", **usual}
    allowance = AllowanceFactory(granted=100, **usual)
    prefunded = PrefundedFactory(granted=100, **usual)
    budget = AllowanceFactory(scope="budget", granted=100, **money)
    package = PrefundedFactory(package=PackageFactory(), granted=100, **money)
    euros = AllowanceFactory(granted=100, **money)
    return {
        "sensors": (allowance, AllowanceFactory(**usual, sensor=SensorFactory(code="spot67"))),
        "from a budget": (budget, euros),
        "to a budget": (euros, budget),
        "from a package": (package, PrefundedFactory(**money)),
        "to a package": (euros, package),
        "prefunded to free": (prefunded, allowance),
        "free to prefunded": (allowance, prefunded),
        "between entities": (prefunded, PrefundedFactory(**usual | {"entity": other})),
    }


def test_what_was_paid_for_stays_its_own():
    for name, (giver, taker) in exchanges().items():
        with NothingWritten() as refused:
            services.transfer(
                from_envelope_id=giver.pk, to_envelope_id=taker.pk, amount=Decimal(1),
                cause=cause(""),
            )  # fmt: skip
        assert (name, refused.codes) == (name, ["transfer_not_possible"])


def test_what_was_paid_for_is_not_offered():
    offered = {
        name for name, (giver, taker) in exchanges().items() if taker in transferable_to(giver)
    }

    assert offered == set()


def test_prefunded_volume_moves_to_another_period_of_its_entity():
    entity = EntityFactory()
    later = {"period_starts_on": dt.date(2026, 4, 1), "period_ends_on": dt.date(2099, 12, 31)}
    giver = PrefundedFactory(entity=entity, granted=100)
    taker = PrefundedFactory(entity=entity, **later)

    services.transfer(
        from_envelope_id=giver.pk, to_envelope_id=taker.pk, amount=Decimal(30), cause=cause("")
    )

    assert (balances(giver), balances(taker)) == ((70, 0, 0), (30, 0, 0))
    assert list(transferable_to(giver)) == [taker]


# --- convert --------------------------------------------------------------------------------------


def kinds_of_one_cell(**fields):
    archive = EnvelopeFactory(request_kind="archive", granted=100, **fields)
    shared = {"cell": archive.cell, "sensor": archive.sensor}
    return archive, EnvelopeFactory(request_kind="tasking", **shared, **fields)


def convert(giver, taker, amount, *, rate=1, why=None):
    return services.convert(
        from_envelope_id=giver.pk,
        to_envelope_id=taker.pk,
        amount=Decimal(amount),
        rate=Decimal(rate),
        cause=why or cause(""),
    )


def test_conversion_exchanges_at_its_rate():
    archive, tasking = kinds_of_one_cell()
    why = cause("")

    entries = convert(archive, tasking, 30, rate="0.777777777", why=why)

    assert [(e.envelope_id, e.kind, e.d_granted, e.decision) for e in entries] == [
        (archive.pk, "convert", -30, why.decision),
        (tasking.pk, "convert", Decimal("23.333333"), why.decision),
    ]


def test_what_a_conversion_gives_is_rounded_down_in_its_unit():
    archive, tasking = kinds_of_one_cell(unit="attempts")

    convert(archive, tasking, 5, rate="0.5")

    assert (balances(archive), balances(tasking)) == ((95, 0, 0), (2, 0, 0))


def test_conversion_of_more_than_is_left_is_refused():
    archive, tasking = kinds_of_one_cell()
    services.hold(amounts=[Amount(archive.pk, Decimal(80))], cause=cause())

    with NothingWritten() as refused:
        convert(archive, tasking, 30)

    assert refused.codes == ["envelope_in_use"]


def test_conversion_between_owners_or_at_no_rate_is_refused():
    archive, tasking = kinds_of_one_cell()
    other = EnvelopeFactory(request_kind="tasking", cell=CellFactory(code="institutional"))

    for taker, rate in ((other, 1), (archive, 1), (tasking, 0), (tasking, -1)):
        with NothingWritten() as refused:
            convert(archive, taker, 30, rate=rate)
        assert refused.codes == ["conversion_not_possible"]


def test_money_is_not_converted():
    usual = {"scope": "budget", "unit": "eur", "entity": EntityFactory()}
    archive = AllowanceFactory(request_kind="archive", granted=100, **usual)
    tasking = AllowanceFactory(request_kind="tasking", **usual)

    with NothingWritten() as refused:
        convert(archive, tasking, 30)

    assert refused.codes == ["conversion_not_possible"]
    assert list(convertible_into(archive)) == []


def test_conversion_that_grants_more_stays_within_the_ceiling():
    contract = SupplyContractFactory(reference="C-7")
    SupplyCeiling.objects.create(contract=contract, unit="km2", amount=Decimal(110))
    archive, tasking = kinds_of_one_cell(contract=contract)

    convert(archive, tasking, 10, rate=2)
    with NothingWritten() as refused:
        convert(archive, tasking, 10, rate=2)

    assert refused.codes == ["supply_ceiling_exceeded"]


@pytest.mark.parametrize(("rate", "service"), [(None, "transfer"), (MOST, "convert")])
def test_taking_beyond_what_the_books_hold_is_refused(rate, service):
    archive, tasking = kinds_of_one_cell()
    services.grant(envelope_id=tasking.pk, amount=MOST, cause=cause(""))
    asked = {"from_envelope_id": archive.pk, "to_envelope_id": tasking.pk, "amount": Decimal(90)}
    if rate is not None:
        asked["rate"] = rate

    with NothingWritten() as refused:
        getattr(services, service)(**asked, cause=cause(""))

    assert refused.codes == ["amount_too_large"]

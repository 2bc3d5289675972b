"""What moves the amount granted: each refusal, and that a refusal writes nothing."""

import datetime as dt
from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import Envelope, PendingReduction, SupplyCeiling
from quotas.selectors import convertible_into, transferable_to
from quotas.services import Amount
from tests.eligibility.factories import CellFactory, EntityFactory, SensorFactory
from tests.quotas.checks import NothingWritten, balances, kinds
from tests.quotas.factories import (
    AllowanceFactory,
    EnvelopeFactory,
    PackageFactory,
    PrefundedFactory,
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


TOO_FINE = [("attempts", "0.5"), ("products", "1.1"), ("eur", "0.001"), ("km2", "0.0000001")]


@pytest.mark.parametrize(("unit", "amount"), TOO_FINE)
def test_amount_finer_than_its_unit_is_refused(unit, amount):
    giver = EnvelopeFactory(unit=unit, granted=100)
    taker = EnvelopeFactory(unit=unit, cell=CellFactory(code="institutional"))
    asked = {"amount": Decimal(amount), "cause": cause("")}
    pair = {"from_envelope_id": giver.pk, "to_envelope_id": taker.pk}

    for attempt in (
        lambda: services.grant(envelope_id=taker.pk, **asked),
        lambda: services.reduce(envelope_id=giver.pk, **asked),
        lambda: services.transfer(**pair, **asked),
    ):
        with NothingWritten() as refused:
            attempt()
        assert refused.codes == ["amount_too_precise"]


def test_what_a_conversion_gives_is_rounded_down_in_its_unit():
    archive, tasking = kinds_of_one_cell(unit="attempts")

    services.convert(
        from_envelope_id=archive.pk, to_envelope_id=tasking.pk, amount=Decimal(5),
        rate=Decimal("0.5"), cause=cause(""),
    )  # fmt: skip

    assert (balances(archive), balances(tasking)) == ((95, 0, 0), (2, 0, 0))


MOST = Decimal("99999999.999999")


def test_grant_beyond_what_the_books_hold_is_refused():
    envelope = EnvelopeFactory(granted=100)

    with NothingWritten() as refused:
        services.grant(envelope_id=envelope.pk, amount=MOST, cause=cause(""))

    assert refused.refusals == (
        Refusal(
            "amount_too_large",
            "The envelope would be granted 100,000,100 km²; it must be less than 100,000,000 km².",
        ),
    )


def test_as_much_as_the_books_hold_is_granted():
    envelope = EnvelopeFactory()

    services.grant(envelope_id=envelope.pk, amount=MOST, cause=cause(""))

    assert balances(envelope) == (MOST, 0, 0)


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


# --- reduce ---------------------------------------------------------------------------------------


def hold(envelope, amount, number="R2026-000001"):
    services.hold(amounts=[Amount(envelope.pk, Decimal(amount))], cause=cause(number))


def test_reduction_of_what_is_left_is_done_at_once():
    envelope = EnvelopeFactory(granted=100)

    pending = services.reduce(envelope_id=envelope.pk, amount=Decimal(30), cause=cause(""))

    assert pending is None
    assert balances(envelope) == (70, 0, 0)


def test_reduction_takes_what_comes_back_the_oldest_first():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    hold(envelope, 30, "R2026-000002")
    services.reduce(envelope_id=envelope.pk, amount=Decimal(25), cause=cause(""))
    services.reduce(envelope_id=envelope.pk, amount=Decimal(40), cause=cause(""))
    before = balances(envelope), waiting()

    services.release_request(request_number="R2026-000002", cause=cause("R2026-000002"))
    first = balances(envelope), waiting()
    services.release_request(request_number="R2026-000001", cause=cause("R2026-000001"))

    assert before == ((90, 90, 0), [15, 40])
    assert first == ((60, 60, 0), [0, 25])
    assert (balances(envelope), waiting()) == ((35, 0, 0), [0, 0])


def waiting():
    return list(PendingReduction.objects.values_list("remaining", flat=True))


def test_reduction_beyond_what_is_granted_is_refused():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 100)
    services.reduce(envelope_id=envelope.pk, amount=Decimal(70), cause=cause(""))

    with NothingWritten() as refused:
        services.reduce(envelope_id=envelope.pk, amount=Decimal(40), cause=cause(""))

    assert refused.refusals == (
        Refusal(
            "reduction_beyond_grant",
            "40 km² to take back, 30 km² granted on the programme envelope of Pléiades science"
            " cell, Pléiades, until 31 March 2026.",
        ),
    )


def test_reduction_of_a_budget_below_what_is_used_is_refused():
    """Nothing waits there: what comes back is expired with its quotation."""
    budget = AllowanceFactory(scope="budget", allotment="arbitrated", granted=100)
    hold(budget, 60)

    with NothingWritten() as refused:
        services.reduce(envelope_id=budget.pk, amount=Decimal(50), cause=cause(""))

    assert refused.codes == ["envelope_in_use"]
    assert services.reduce(envelope_id=budget.pk, amount=Decimal(40), cause=cause("")) is None
    assert balances(budget) == (60, 60, 0)


# --- convert --------------------------------------------------------------------------------------


def kinds_of_one_cell(**fields):
    archive = EnvelopeFactory(request_kind="archive", granted=100, **fields)
    shared = {"cell": archive.cell, "sensor": archive.sensor}
    return archive, EnvelopeFactory(request_kind="tasking", **shared, **fields)


def test_conversion_exchanges_at_its_rate():
    archive, tasking = kinds_of_one_cell()
    why = cause("")

    entries = services.convert(
        from_envelope_id=archive.pk,
        to_envelope_id=tasking.pk,
        amount=Decimal(30),
        rate=Decimal("0.777777777"),
        cause=why,
    )

    assert [(e.envelope_id, e.kind, e.d_granted, e.decision) for e in entries] == [
        (archive.pk, "convert", -30, why.decision),
        (tasking.pk, "convert", Decimal("23.333333"), why.decision),
    ]


def test_conversion_of_more_than_is_left_is_refused():
    archive, tasking = kinds_of_one_cell()
    hold(archive, 80)

    with NothingWritten() as refused:
        services.convert(
            from_envelope_id=archive.pk, to_envelope_id=tasking.pk, amount=Decimal(30),
            rate=Decimal(1), cause=cause(""),
        )  # fmt: skip

    assert refused.codes == ["envelope_in_use"]


def test_conversion_between_owners_or_at_no_rate_is_refused():
    archive, tasking = kinds_of_one_cell()
    other = EnvelopeFactory(request_kind="tasking", cell=CellFactory(code="institutional"))

    for taker, rate in ((other, 1), (archive, 1), (tasking, 0), (tasking, -1)):
        with NothingWritten() as refused:
            services.convert(
                from_envelope_id=archive.pk, to_envelope_id=taker.pk, amount=Decimal(30),
                rate=Decimal(rate), cause=cause(""),
            )  # fmt: skip
        assert refused.codes == ["conversion_not_possible"]


def test_money_is_not_converted():
    usual = {"scope": "budget", "unit": "eur", "entity": EntityFactory()}
    archive = AllowanceFactory(request_kind="archive", granted=100, **usual)
    tasking = AllowanceFactory(request_kind="tasking", **usual)

    with NothingWritten() as refused:
        services.convert(
            from_envelope_id=archive.pk, to_envelope_id=tasking.pk, amount=Decimal(30),
            rate=Decimal(1), cause=cause(""),
        )  # fmt: skip

    assert refused.codes == ["conversion_not_possible"]
    assert list(convertible_into(archive)) == []


def test_conversion_that_grants_more_stays_within_the_ceiling():
    contract = SupplyContractFactory(reference="C-7")
    SupplyCeiling.objects.create(contract=contract, unit="km2", amount=Decimal(110))
    archive, tasking = kinds_of_one_cell(contract=contract)
    asked = {"from_envelope_id": archive.pk, "to_envelope_id": tasking.pk, "rate": Decimal(2)}

    services.convert(**asked, amount=Decimal(10), cause=cause(""))
    with NothingWritten() as refused:
        services.convert(**asked, amount=Decimal(10), cause=cause(""))

    assert refused.codes == ["supply_ceiling_exceeded"]

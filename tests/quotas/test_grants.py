"""What moves the amount granted: each refusal, and that a refusal writes nothing."""

from decimal import Decimal

import pytest

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import PendingReduction, SupplyCeiling
from quotas.services import Amount
from tests.eligibility.factories import CellFactory
from tests.quotas.checks import NothingWritten, balances, hold, kinds
from tests.quotas.factories import AllowanceFactory, EnvelopeFactory, SupplyContractFactory, cause

pytestmark = pytest.mark.django_db


# --- grant, expire ----------------------------------------------------------------------


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


# --- reduce ---------------------------------------------------------------------------------------


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


def test_reduction_only_of_what_is_free_waits_for_nothing_and_names_the_files():
    envelope = EnvelopeFactory(granted=100)
    hold(envelope, 60)
    hold(envelope, 10, "R2026-000002")
    asked = {"envelope_id": envelope.pk, "cause": cause(""), "only_if_free": True}

    with NothingWritten() as refused:
        services.reduce(amount=Decimal(31), **asked)

    assert refused.refusals == (
        Refusal(
            "envelope_in_use",
            "The programme envelope of Pléiades science cell, Pléiades, until 31 March 2026 cannot"
            " be reduced by 31 km²: 30 km² at most now. It is used by: R2026-000001, R2026-000002.",
        ),
    )
    assert services.reduce(amount=Decimal(30), **asked) is None
    assert balances(envelope) == (70, 70, 0)


def test_reduction_of_a_budget_below_what_is_used_is_refused():
    """Nothing waits there: what comes back is expired with its quotation."""
    budget = AllowanceFactory(scope="budget", allotment="arbitrated", granted=100)
    hold(budget, 60)

    with NothingWritten() as refused:
        services.reduce(envelope_id=budget.pk, amount=Decimal(50), cause=cause(""))

    assert refused.codes == ["envelope_in_use"]
    assert services.reduce(envelope_id=budget.pk, amount=Decimal(40), cause=cause("")) is None
    assert balances(budget) == (60, 60, 0)

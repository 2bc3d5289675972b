"""Every kind of entry in every order: the books against a ledger of three columns kept beside."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from quotas import services
from quotas.amounts import ONE_M2
from quotas.models import Envelope, LedgerEntry
from quotas.pricing import FundingLine, FundingPlan, Source
from quotas.selectors import Balance, balance_at, discrepancies
from quotas.services import Amount, Cause, QuotaRefused
from tests.eligibility.factories import UserFactory
from tests.quotas.factories import IN_QUARTER, AllowanceFactory, EnvelopeFactory, charge
from tests.sizes import PROVE, size

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

REQUESTS = [f"R2026-00000{n}" for n in range(3)]
EACH_KIND_AT_LEAST = size(small=1, large=500)
DEBITS = ("hold", "hold_plan", "consume_more")

envelope_at = st.integers(0, 3)
request_at = st.sampled_from(REQUESTS)

share = st.sampled_from(["0.01", "0.2", "0.5", "1", "1.2", "3"])
"""Of what an envelope has left."""
small_share = st.sampled_from(["0.01", "0.1", "0.3", "0.6", "1.2"])
"""As above, leaving something for debits."""
others_away = st.sampled_from([1, 2, 3, 1, 2, 3, 0])
"""How far from one envelope the next is; 0 is the same."""
gift = st.integers(5, 60).map(Decimal)
change = st.sampled_from(["-20", "-3.000001", "-0.5", "0", "0.25", "4", "30"]).map(Decimal)


@dataclass
class Used:
    held: Decimal = Decimal(0)
    consumed: Decimal = Decimal(0)


@dataclass
class Kept:
    """What the test expects of one envelope."""

    granted: Decimal = Decimal(0)
    by_request: dict[str, Used] = field(default_factory=lambda: {r: Used() for r in REQUESTS})

    @property
    def held(self) -> Decimal:
        return sum((used.held for used in self.by_request.values()), Decimal(0))

    @property
    def consumed(self) -> Decimal:
        return sum((used.consumed for used in self.by_request.values()), Decimal(0))

    @property
    def left(self) -> Decimal:
        return self.granted - self.held - self.consumed


@dataclass
class Seen:
    """What the machine did, in all its runs together."""

    steps: int = 0
    """Rules after whose end the invariants held."""
    asked: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """By service, as the line above."""
    fired: Counter[str] = field(default_factory=Counter)
    """Decisions that wrote entries of that kind: the two entries of a transfer are one."""

    def of_debits(self, counts: Counter[str]) -> int:
        return sum(counts[service] for service in DEBITS)

    @property
    def distribution(self) -> dict[str, int]:
        """The counts by the lines of docs/proofs.md."""
        services = {
            f"ledger's machine: {service}, {what}": counts[service]
            for service in self.asked
            for what, counts in (("asked", self.asked), ("refused", self.refused))
        }
        kinds = {f"decisions of kind {kind}": self.fired[kind] for kind in LedgerEntry.Kind.values}
        return {
            "steps of the ledger's machine": self.steps,
            "debits of the ledger's machine": self.of_debits(self.asked),
            "debits of the ledger's machine, refused": self.of_debits(self.refused),
            **services,
            **kinds,
        }


class LedgerMachine(RuleBasedStateMachine):
    """Two envelopes of a cell that differ by kind, two allowances, three requests."""

    seen = Seen()

    @initialize()
    def open_envelopes(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        archive = EnvelopeFactory(request_kind="archive")
        tasking = EnvelopeFactory(request_kind="tasking", cell=archive.cell, sensor=archive.sensor)
        self.envelopes = [archive, tasking, AllowanceFactory(), AllowanceFactory()]
        self.people = UserFactory(), UserFactory()
        first = Decimal(50)
        for envelope in self.envelopes:
            services.grant(envelope_id=envelope.pk, amount=first, cause=self.cause())
        self.kept = [Kept(granted=first) for _ in self.envelopes]
        self.is_step = False

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def cause(self, number=""):
        author, second = self.people
        return Cause(
            decision=uuid4(),
            request_number=number,
            author_id=author.pk,
            second_author_id=second.pk,
            on=IN_QUARTER,
        )

    def part(self, at, share):
        """That share of what is left, or 1 km² of nothing."""
        left = self.kept[at].left
        return max((left * Decimal(share)).quantize(ONE_M2), ONE_M2) if left else Decimal(1)

    def attempt(self, is_possible, service, *, cause, **asked):
        """Whether it was done; it is refused when the ledger kept beside says that it must be."""
        self.is_step = True
        self.seen.asked[service.__name__] += 1
        try:
            with transaction.atomic():
                service(cause=cause, **asked)
        except QuotaRefused:
            assert not is_possible
            self.seen.refused[service.__name__] += 1
            return False
        assert is_possible
        written = LedgerEntry.objects.filter(decision=cause.decision)
        self.seen.fired.update(set(written.values_list("kind", flat=True)))
        return True

    @rule(at=envelope_at, amount=gift)
    def grant(self, at, amount):
        pk = self.envelopes[at].pk
        self.attempt(True, services.grant, envelope_id=pk, amount=amount, cause=self.cause())
        self.kept[at].granted += amount

    @rule(at=envelope_at, share=small_share)
    def expire(self, at, share):
        amount = self.part(at, share)
        kept, pk = self.kept[at], self.envelopes[at].pk
        is_possible = amount <= kept.left
        if self.attempt(
            is_possible, services.expire, envelope_id=pk, amount=amount, cause=self.cause()
        ):
            kept.granted -= amount

    @rule(giver=envelope_at, away=others_away, share=small_share)
    def transfer(self, giver, away, share):
        taker = (giver + away) % len(self.envelopes)
        amount = self.part(giver, share)
        is_possible = giver != taker and amount <= self.kept[giver].left
        if self.attempt(
            is_possible,
            services.transfer,
            from_envelope_id=self.envelopes[giver].pk,
            to_envelope_id=self.envelopes[taker].pk,
            amount=amount,
            cause=self.cause(),
        ):
            self.kept[giver].granted -= amount
            self.kept[taker].granted += amount

    @rule(giver=st.integers(0, 1), share=small_share, rate=st.sampled_from(["0.5", "1", "2"]))
    def convert(self, giver, share, rate):
        amount = self.part(giver, share)
        converted = (amount * Decimal(rate)).quantize(Decimal("0.000001"), "ROUND_DOWN")
        is_possible = amount <= self.kept[giver].left and converted > 0
        if self.attempt(
            is_possible,
            services.convert,
            from_envelope_id=self.envelopes[giver].pk,
            to_envelope_id=self.envelopes[1 - giver].pk,
            amount=amount,
            rate=Decimal(rate),
            cause=self.cause(),
        ):
            self.kept[giver].granted -= amount
            self.kept[1 - giver].granted += converted

    @rule(number=request_at, at=envelope_at, share=share)
    def hold(self, number, at, share):
        amount = self.part(at, share)
        wanted = [Amount(self.envelopes[at].pk, amount)]
        is_possible = amount <= self.kept[at].left
        if self.attempt(is_possible, services.hold, amounts=wanted, cause=self.cause(number)):
            self.kept[at].by_request[number].held += amount

    def holding(self, number, at):
        """The first envelope on which the request holds; when on none, it is to hold there."""
        held = [n for n, kept in enumerate(self.kept) if kept.by_request[number].held]
        if not held:
            self.hold(number=number, at=at, share="0.5")
        return held[0] if held else at

    @rule(number=request_at, at=envelope_at, share=share)
    def settle_again(self, number, at, share):
        """Where the request holds already."""
        self.settle(number=number, at=self.holding(number, at), share=share)

    @rule(number=request_at, at=envelope_at, share=share)
    def settle(self, number, at, share):
        """Hold exactly that, and nothing elsewhere."""
        amount = self.part(at, share)
        kept = self.kept[at]
        is_possible = amount - kept.by_request[number].held <= kept.left
        plan = plan_of({self.envelopes[at]: amount})
        if self.attempt(is_possible, services.hold_plan, plan=plan, cause=self.cause(number)):
            for each in self.kept:
                each.by_request[number].held = Decimal(0)
            kept.by_request[number].held = amount

    @rule(number=request_at, at=envelope_at)
    def release(self, number, at):
        self.holding(number, at)
        why = self.cause(number)
        self.attempt(True, services.release_request, request_number=number, cause=why)
        for kept in self.kept:
            kept.by_request[number].held = Decimal(0)

    @rule(number=request_at, at=envelope_at)
    def consume(self, number, at):
        self.holding(number, at)
        why = self.cause(number)
        self.attempt(True, services.consume_request, request_number=number, cause=why)
        for kept in self.kept:
            used = kept.by_request[number]
            used.consumed, used.held = used.consumed + used.held, Decimal(0)

    @rule(number=request_at, at=envelope_at, share=share)
    def consume_more(self, number, at, share):
        amount = self.part(at, share)
        wanted = [Amount(self.envelopes[at].pk, amount)]
        is_possible = amount <= self.kept[at].left
        if self.attempt(
            is_possible, services.consume_more, amounts=wanted, cause=self.cause(number)
        ):
            self.kept[at].by_request[number].consumed += amount

    @rule(number=request_at, at=envelope_at, kept_share=st.sampled_from(["0", "0.25", "0.9"]))
    def refund(self, number, at, kept_share):
        """Keep that share of what was consumed, on each envelope."""
        if not any(kept.by_request[number].consumed for kept in self.kept):
            self.consume(number=number, at=at)
        keep = {
            at: (kept.by_request[number].consumed * Decimal(kept_share)).quantize(ONE_M2)
            for at, kept in enumerate(self.kept)
        }
        plan = plan_of({self.envelopes[at]: km2 for at, km2 in keep.items() if km2})
        why = self.cause(number)
        self.attempt(True, services.refund_request, request_number=number, cause=why, keep=plan)
        for at, kept in enumerate(self.kept):
            used = kept.by_request[number]
            used.consumed = min(used.consumed, keep[at])

    @rule(number=request_at, at=envelope_at, change=change, column=st.sampled_from("ghc"))
    def correct(self, number, at, change, column):
        entries = LedgerEntry.objects.filter(envelope=self.envelopes[at])
        entry = entries.filter(request_number=number).last()
        if entry is None:
            entry, column = entries.last(), "g"
        kept, used = self.kept[at], self.kept[at].by_request[number]
        after = {
            "g": kept.granted + (change if column == "g" else 0),
            "h": used.held + (change if column == "h" else 0),
            "c": used.consumed + (change if column == "c" else 0),
        }
        drawn = change if column != "g" else -change
        is_possible = change != 0 and min(after.values()) >= 0 and drawn <= kept.left
        names = {"g": "granted", "h": "held", "c": "consumed"}
        if self.attempt(
            is_possible,
            services.correct,
            entry_id=entry.pk,
            cause=self.cause(entry.request_number),
            **{names[column]: change},
        ):
            if column == "g":
                kept.granted += change
            elif column == "h":
                used.held += change
            else:
                used.consumed += change

    @invariant()
    def books_hold(self):
        self.books_are_those_kept_beside()
        self.as_of_is_the_replay()
        if self.is_step:
            self.seen.steps += 1
        self.is_step = False

    def books_are_those_kept_beside(self):
        ids = [envelope.pk for envelope in self.envelopes]
        rows = Envelope.objects.filter(pk__in=ids).order_by("pk")
        found = list(rows.values_list("granted", "held", "consumed"))
        expected = [(kept.granted, kept.held, kept.consumed) for kept in self.kept]
        assert found == expected
        assert all(kept.left >= 0 for kept in self.kept)
        assert discrepancies() == []

    def as_of_is_the_replay(self):
        """At the last entry, and at one long before it."""
        pks = list(LedgerEntry.objects.order_by("pk").values_list("pk", flat=True))
        for pk in {*pks[-1:], *pks[len(pks) // 2 :][:1]}:
            entry = LedgerEntry.objects.get(pk=pk)
            until_then = LedgerEntry.objects.filter(
                envelope=entry.envelope_id, sequence__lte=entry.sequence
            )
            replay = until_then.aggregate(
                granted=Sum("d_granted"), held=Sum("d_held"), consumed=Sum("d_consumed")
            )
            assert balance_at(entry.envelope_id, entry.at) == Balance(**replay)


def plan_of(amounts: dict[Envelope, Decimal]) -> FundingPlan:
    lines = tuple(
        FundingLine(
            source=Source.FREE, area_km2=km2, charges=(charge(envelope),), rule="free_quota"
        )
        for envelope, km2 in amounts.items()
    )
    return FundingPlan(lines=lines, area_km2=sum(amounts.values(), Decimal(0)))


def test_every_kind_in_every_order(proof):
    seen = LedgerMachine.seen = Seen()

    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            # Hypothesis leaves rules out at random, run by run: many runs make every kind frequent.
            max_examples=size(small=12, large=400),
            stateful_step_count=size(small=40, large=45),
            deadline=None,
            derandomize=not PROVE,
            suppress_health_check=list(HealthCheck),
        ),
    )

    for line, count in seen.distribution.items():
        proof(line, count)
        print(f"{line}: {count:,}")
    assert seen.steps >= size(small=300, large=10_000)
    assert seen.of_debits(seen.refused) * 10 >= seen.of_debits(seen.asked)
    too_few = {k for k in LedgerEntry.Kind.values if seen.fired[k] < EACH_KIND_AT_LEAST}
    assert too_few == set()

"""What the tests of services look at."""

from decimal import Decimal

import pytest
from django.db import transaction

from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import Envelope, LedgerEntry
from quotas.services import QuotaRefused
from tests.quotas.factories import cause

NUMBER = "R2026-000001"


def balances(envelope: Envelope) -> tuple[Decimal, Decimal, Decimal]:
    return Envelope.objects.values_list("granted", "held", "consumed").get(pk=envelope.pk)


def kinds(envelope: Envelope) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    entries = LedgerEntry.objects.filter(envelope=envelope).order_by("sequence")
    return list(entries.values_list("kind", "d_granted", "d_held", "d_consumed"))


class NothingWritten:
    """Within, a refusal is expected; after, the ledger and the balances are as before."""

    def __enter__(self):
        self.before = self._state()
        self.expected = pytest.raises(QuotaRefused)
        self.info = self.expected.__enter__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        return self

    def __exit__(self, *error):
        # Committed, not rolled back, as far as the service wrote anything before it refused.
        self.atomic.__exit__(None, None, None)
        swallowed = self.expected.__exit__(*error)
        assert self._state() == self.before
        return swallowed

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.info.value.refusals

    @property
    def codes(self) -> list[str]:
        return [refusal.code for refusal in self.refusals]

    def _state(self):
        return LedgerEntry.objects.count(), list(
            Envelope.objects.order_by("pk").values_list("pk", "granted", "held", "consumed")
        )


def hold(envelope: Envelope, amount: Decimal | float | str, number: str = NUMBER) -> LedgerEntry:
    (entry,) = services.hold(
        amounts=[services.Amount(envelope.pk, Decimal(amount))], cause=cause(number)
    )
    return entry

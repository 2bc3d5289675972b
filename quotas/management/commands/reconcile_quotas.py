from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quotas import selectors
from quotas.models import Envelope, LedgerEntry


class Command(BaseCommand):
    help = "Proves that every envelope equals the sum of its entries; exit 1 and a list otherwise."

    def handle(self, *_: Any, **__: Any) -> None:
        found = selectors.discrepancies()
        for discrepancy in found:
            self.stdout.write(f"envelope {discrepancy.envelope_id}: {discrepancy.message}")
        envelopes, entries = Envelope.objects.count(), LedgerEntry.objects.count()
        if found:
            raise CommandError(
                f"The books do not reconcile: {len(found)} faults in {envelopes} envelopes and"
                f" {entries} entries."
            )
        self.stdout.write(f"The books reconcile: {envelopes} envelopes, {entries} entries.")

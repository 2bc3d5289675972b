from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, Sum

from quotas.amounts import ZERO
from quotas.models import Envelope, LedgerEntry

COUNTED_ONCE = (Envelope.Scope.PROGRAMME, Envelope.Scope.PREFUNDED, Envelope.Scope.BUDGET)


@dataclass(frozen=True)
class Charged:
    """What stands held or consumed for a request: counted km², and euros of the entity's budget."""

    km2: Decimal = ZERO
    eur: Decimal = ZERO

    def less(self, other: "Charged") -> "Charged":
        return Charged(self.km2 - other.km2, self.eur - other.eur)


def charged_by(request_number: str, decisions: Iterable[UUID]) -> Charged:
    """What these decisions together have charged to the request. A queryset of decisions becomes a
    subquery.

    A free km² stands on the cell's envelope and on the entity's allowance, and is one; before a
    decision it may stand on the allowance alone.
    """
    sums = LedgerEntry.objects.filter(
        request_number=request_number, decision__in=decisions
    ).aggregate(
        counted=_total(Q(envelope__unit="km2", envelope__scope__in=COUNTED_ONCE)),
        allowance=_total(Q(envelope__unit="km2", envelope__scope=Envelope.Scope.ENTITY)),
        eur=_total(Q(envelope__unit="eur", envelope__scope=Envelope.Scope.BUDGET)),
    )
    known = {name: amount or ZERO for name, amount in sums.items()}
    return Charged(km2=max(known["counted"], known["allowance"]), eur=known["eur"])


def _total(condition: Q) -> Sum:
    return Sum("d_held", filter=condition) + Sum("d_consumed", filter=condition)  # type: ignore[return-value]

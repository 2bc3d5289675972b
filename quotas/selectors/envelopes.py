"""The envelopes a request may draw on, as its funding plan sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from quotas.amounts import ZERO
from quotas.models import Envelope
from quotas.models.envelopes import EnvelopeQuerySet
from quotas.pricing import EnvelopeFacts, PackageFacts
from quotas.selectors.ledger import Outstanding
from quotas.selectors.policy import ApplyingPolicy, is_for, tariff_facts

Scope = Envelope.Scope


@dataclass(frozen=True, kw_only=True)
class RequestEnvelopes:
    """Those that are open, by whose they are and their unit: of policy's, the one made for that
    kind of request rather than for any; of what was paid for in advance all, the one that ends
    first coming first."""

    allowance_km2: EnvelopeFacts | None
    prefunded_km2: tuple[EnvelopeFacts, ...]
    packages: tuple[PackageFacts, ...]
    programme_km2: EnvelopeFacts | None
    programme_eur: EnvelopeFacts | None
    programme_attempts: EnvelopeFacts | None

    @classmethod
    def read(
        cls,
        *,
        entity_id: int,
        cell_id: int | None,
        sensor_id: int,
        on: dt.date,
        policy: ApplyingPolicy,
        own: dict[int, Outstanding],
    ) -> RequestEnvelopes:
        """What `own`, the request itself, holds counts as left to it; of a volume or a package that
        has ended since, nothing else does."""
        kind = policy.subject.request_kind
        usable = _usable(entity_id, cell_id, sensor_id=sensor_id, request_kind=kind, on=on, own=own)
        ranked = sorted(
            usable.select_related("package"),
            key=lambda e: (e.request_kind == Envelope.RequestKind.ANY, e.period_ends_on, e.pk),
        )

        def every(scope: str, unit: str) -> list[EnvelopeFacts]:
            return [_facts(e, own, on) for e in ranked if (e.scope, e.unit) == (scope, unit)]

        def first(scope: str, unit: str) -> EnvelopeFacts | None:
            return next(iter(every(scope, unit)), None)

        return cls(
            allowance_km2=first(Scope.ENTITY, "km2"),
            prefunded_km2=tuple(every(Scope.PREFUNDED, "km2")),
            packages=tuple(
                PackageFacts(envelope=_facts(e, own, on), tariff=tariff_facts(e.package))
                for e in ranked
                if e.package is not None
                and is_for(e.package, policy.subject, is_scientific=policy.is_scientific)
            ),
            programme_km2=first(Scope.PROGRAMME, "km2"),
            programme_eur=first(Scope.PROGRAMME, "eur"),
            programme_attempts=first(Scope.PROGRAMME, "attempts"),
        )


def _usable(
    entity_id: int,
    cell_id: int | None,
    *,
    sensor_id: int,
    request_kind: str,
    on: dt.date,
    own: Iterable[int],
) -> EnvelopeQuerySet:
    made = Envelope.objects.made_for(sensor_id=sensor_id, request_kind=request_kind)
    whose = Q(entity_id=entity_id)
    if cell_id is not None:
        whose |= Q(cell_id=cell_id)
    return made.current(on).filter(whose) | made.filter(scope=Scope.PREFUNDED, pk__in=list(own))


def owns_prefunded(entity_ids: Iterable[int], on: dt.date) -> bool:
    """Whether one of these entities has a prefunded volume or a package that day."""
    of_theirs = Envelope.objects.filter(scope=Scope.PREFUNDED, entity_id__in=entity_ids)
    return of_theirs.current(on).exists()


def _facts(envelope: Envelope, own: dict[int, Outstanding], on: dt.date) -> EnvelopeFacts:
    held_by_itself = own[envelope.pk].held if envelope.pk in own else ZERO
    left = ZERO if envelope.has_ended(on) else envelope.left
    return EnvelopeFacts(
        envelope_id=envelope.pk,
        scope=envelope.scope,
        unit=envelope.unit,
        allotment=envelope.allotment,
        left=left + held_by_itself,
        ends_on=envelope.period_ends_on,
    )

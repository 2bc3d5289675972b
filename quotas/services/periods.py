"""What comes back to an envelope does not always stay there: a reduction may wait for it, or its
period may be over."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.db import DatabaseError, transaction
from django.db.models import F, QuerySet

from eligibility.selectors import parameter
from orbitrage.shared.transactions import retried_once
from quotas import selectors
from quotas.models import OPENED_WITH, Envelope, LedgerEntry, PendingReduction, QuotaPolicy
from quotas.rules import Subject, figure_for
from quotas.services import ledger
from quotas.services.envelopes import (
    ensure_envelopes,
    ensure_programme_envelope,
    lock_policy,
    open_envelope,
)
from quotas.services.ledger import Cause, Posting

PAID_RETURN = "paid-volume-return-days"
Kind = LedgerEntry.Kind
logger = logging.getLogger(__name__)


def successors_of(envelope_ids: Iterable[int], on: dt.date) -> dict[int, int]:
    """Of envelopes whose period was over that day, those that pass on what comes back, with the
    envelope of the day, opened where it was not; of volumes that were paid for, with one that is
    open for long enough: else `pass_on` opens it, the sensor being locked here. Called before the
    first lock of a supply contract or an envelope, as `ensure_envelopes`."""
    over = _over(envelope_ids, on)
    found = {envelope.pk: _envelope_of_the_day(envelope, on) for envelope in over}
    found |= {envelope.pk: _reopened(envelope, on) for envelope in _paid_over(envelope_ids, on)}
    return {pk: successor.pk for pk, successor in found.items() if successor is not None}


def envelopes_of_the_day(envelope_ids: Iterable[int], on: dt.date) -> dict[int, int]:
    """Of envelopes whose period was over that day, with what policy opens for the same owner and
    kind on it, whatever becomes of late returns; of volumes that were paid for and have nothing
    left, with one that is open. Called as `successors_of`."""
    found = {envelope.pk: _opened(envelope, on) for envelope in _over(envelope_ids, on)}
    for envelope in _paid_over(envelope_ids, on):
        if not envelope.left:
            found[envelope.pk] = list(_of_the_same_volume(envelope, on, until=on)[:1])
    return {pk: opened[0].pk for pk, opened in found.items() if opened}


def _over(envelope_ids: Iterable[int], on: dt.date) -> QuerySet[Envelope]:
    return Envelope.objects.renewed().ended(on).filter(pk__in=list(envelope_ids)).order_by("pk")


def _paid_over(envelope_ids: Iterable[int], on: dt.date) -> QuerySet[Envelope]:
    paid = Envelope.objects.ended(on).filter(scope=Envelope.Scope.PREFUNDED)
    return paid.filter(pk__in=list(envelope_ids)).order_by("pk")


def _reopened(envelope: Envelope, on: dt.date) -> Envelope | None:
    """None until something comes back: most orders give nothing back."""
    open_ones = _of_the_same_volume(envelope, on, until=_usable_until(on))
    found = open_ones.first()
    if found is None:
        lock_policy(envelope.sensor_id)
        found = open_ones.all().first()
    return found


def _of_the_same_volume(envelope: Envelope, on: dt.date, *, until: dt.date) -> QuerySet[Envelope]:
    """That somebody may draw on that day, and until then."""
    same = Envelope.objects.current(on).filter(
        scope=envelope.scope,
        entity=envelope.entity_id,
        sensor=envelope.sensor_id,
        request_kind=envelope.request_kind,
        unit=envelope.unit,
        package=envelope.package_id,
        contract=envelope.contract_id,
    )
    return same.filter(period_ends_on__gte=until).order_by("period_ends_on", "pk")


def _usable_until(on: dt.date) -> dt.date:
    return on + dt.timedelta(days=int(parameter(PAID_RETURN, on)) - 1)


def _open_again(envelope: Envelope, on: dt.date) -> Envelope | None:
    """What was paid for is not lost because it comes back late. None where an envelope of another
    supply contract begins that very day in its place."""
    opened = open_envelope(
        scope=envelope.scope,
        entity_id=envelope.entity_id,
        sensor_id=envelope.sensor_id,
        request_kind=envelope.request_kind,
        unit=envelope.unit,
        starts_on=on,
        ends_on=_usable_until(on),
        allotment=envelope.allotment,
        contract_id=envelope.contract_id,
        package_id=envelope.package_id,
    )
    return opened if opened.contract_id == envelope.contract_id else None


def _envelope_of_the_day(envelope: Envelope, on: dt.date) -> Envelope | None:
    """None where policy lets late returns expire, or another supply contract stands behind."""
    subject = Subject(
        category_id=envelope.entity.category_id if envelope.entity else None,
        cell_id=envelope.cell_id,
        request_kind=envelope.request_kind,
        acquisition_mode=None,
    )
    rows = selectors.policy_facts(envelope.sensor_id, on)
    figure = figure_for(rows, OPENED_WITH[envelope.scope], subject, unit=envelope.unit)
    if figure is None or figure.late_return != QuotaPolicy.LateReturn.TRANSFER:
        return None
    same = (each for each in _opened(envelope, on) if each.contract_id == envelope.contract_id)
    return next(same, None)


def _opened(envelope: Envelope, on: dt.date) -> list[Envelope]:
    if envelope.entity_id is not None:
        return ensure_envelopes(
            entity_id=envelope.entity_id,
            sensor_id=envelope.sensor_id,
            request_kind=envelope.request_kind,
            on=on,
        )
    assert envelope.cell_id is not None  # envelope_belongs_to_its_scope
    opened = ensure_programme_envelope(
        cell_id=envelope.cell_id,
        sensor_id=envelope.sensor_id,
        request_kind=envelope.request_kind,
        on=on,
        unit=envelope.unit,
    )
    return [] if opened is None else [opened]


def pass_on(
    returned: Sequence[LedgerEntry],
    *,
    envelopes: Mapping[int, Envelope],
    successors: Mapping[int, int],
    cause: Cause,
) -> list[LedgerEntry]:
    """After entries that gave something back: what a pending reduction waits for expires, and so
    does the rest where the period is over, unless it passes to the successor, where a reduction
    that waits takes first too. All the envelopes, and the successors, are locked by the caller."""
    expired: defaultdict[int, Decimal] = defaultdict(Decimal)
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    for entry in returned:
        pk, amount = entry.envelope_id, -(entry.d_held + entry.d_consumed)
        if amount <= 0:
            continue
        taken = _take_for_reductions(pk, amount)
        successor = _takes_over(envelopes[pk], successors, cause.on) if taken < amount else None
        if successor is not None:
            moved[pk] -= amount - taken
            moved[successor] += amount - taken
        elif envelopes[pk].is_over(cause.on):
            taken = amount
        expired[pk] -= taken
    arrived = {pk: amount for pk, amount in moved.items() if amount > 0}
    for pk, amount in arrived.items():
        expired[pk] -= _take_for_reductions(pk, amount)
    postings = _postings(Kind.EXPIRE, {pk: a for pk, a in expired.items() if pk not in arrived})
    entries = ledger.post([*postings, *_postings(Kind.TRANSFER, moved)], cause)
    # Nothing is taken of what arrives before it is there.
    waited = _postings(Kind.EXPIRE, {pk: expired[pk] for pk in arrived})
    return [*entries, *ledger.post(waited, cause)]


def _takes_over(envelope: Envelope, successors: Mapping[int, int], on: dt.date) -> int | None:
    if envelope.pk in successors or not _is_paid_and_over(envelope, on):
        return successors.get(envelope.pk)
    opened = _open_again(envelope, on)
    return None if opened is None else opened.pk


def _is_paid_and_over(envelope: Envelope, on: dt.date) -> bool:
    return envelope.scope == Envelope.Scope.PREFUNDED and envelope.has_ended(on)


def _postings(kind: str, amounts: Mapping[int, Decimal]) -> list[Posting]:
    return [
        Posting(envelope_id=pk, kind=kind, granted=amount)
        for pk, amount in amounts.items()
        if amount
    ]


def _take_for_reductions(envelope_id: int, amount: Decimal) -> Decimal:
    """How much of what came back goes to the reductions that wait, the oldest first."""
    left = amount
    for waiting in PendingReduction.objects.filter(envelope_id=envelope_id, remaining__gt=0):
        part = min(left, waiting.remaining)
        if not part:
            break
        waiting.remaining -= part
        waiting.save(update_fields=["remaining"])
        left -= part
    return amount - left


def end_periods(on: dt.date) -> int:
    """Expire what is left on the envelopes of cells and entities whose period was over that day.
    What their files hold stays, and so does what files under review still ask of them. Every
    night; a second run finds nothing. The number of envelopes that had something to expire.

    Raises:
        ExceptionGroup: what the database said of the envelopes that could not be ended, once all
            the others were.
    """
    ended, errors = 0, []
    for envelope_id in list(_ended_with_something_left(on)):
        try:
            ended += _end_period(envelope_id)
        except DatabaseError as error:
            logger.exception("Envelope %s could not be ended", envelope_id)
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} envelopes could not be ended; {ended} were", errors)
    return ended


def _ended_with_something_left(on: dt.date) -> QuerySet[Envelope, int]:
    over = Envelope.objects.renewed().ended(on)
    left = over.filter(granted__gt=F("held") + F("consumed"))
    return left.order_by("pk").values_list("pk", flat=True)


@retried_once
@transaction.atomic
def _end_period(envelope_id: int) -> int:
    envelope = ledger.lock_envelopes([envelope_id])[envelope_id]
    idle = envelope.left - selectors.pressure(envelope).asked
    if idle <= 0:
        return 0
    name = f"orbitrage:quotas:period-end:{envelope_id}:{envelope.last_sequence}"
    cause = Cause(decision=uuid5(NAMESPACE_URL, name), reason="period_end")
    posting = Posting(envelope_id=envelope_id, kind=Kind.EXPIRE, granted=-idle)
    ledger.post([posting], cause)
    return 1

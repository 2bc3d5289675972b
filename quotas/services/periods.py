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

from eligibility.models import Parameter
from orbitrage.shared.transactions import retried_once
from quotas import selectors
from quotas.models import OPENED_WITH, Envelope, LedgerEntry, PendingReduction, QuotaPolicy
from quotas.rules import Subject, figure_for
from quotas.services import ledger
from quotas.services.envelopes import ensure_envelopes, ensure_programme_envelope
from quotas.services.ledger import Cause, Posting

PAID_RETURN = "paid-volume-return-days"
Kind = LedgerEntry.Kind
logger = logging.getLogger(__name__)


def successors_of(envelope_ids: Iterable[int], on: dt.date) -> dict[int, int]:
    """Of envelopes whose period was over that day, those that pass on what comes back, with the
    envelope of the day, opened where it was not. Called before the first lock of a supply contract
    or an envelope, as `ensure_envelopes`."""
    over = _over(envelope_ids, on)
    found = {envelope.pk: _envelope_of_the_day(envelope, on) for envelope in over}
    return {pk: successor.pk for pk, successor in found.items() if successor is not None}


def envelopes_of_the_day(envelope_ids: Iterable[int], on: dt.date) -> dict[int, int]:
    """Of envelopes whose period was over that day, with what policy opens for the same owner and
    kind on it, whatever becomes of late returns. Called as `successors_of`."""
    found = {envelope.pk: _opened(envelope, on) for envelope in _over(envelope_ids, on)}
    return {pk: opened[0].pk for pk, opened in found.items() if opened}


def _over(envelope_ids: Iterable[int], on: dt.date) -> QuerySet[Envelope]:
    return Envelope.objects.renewed().ended(on).filter(pk__in=list(envelope_ids)).order_by("pk")


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
    that waits takes first too. A volume that was paid for and has ended is prolonged. All the
    envelopes, and the successors, are locked by the caller."""
    expired: defaultdict[int, Decimal] = defaultdict(Decimal)
    moved: defaultdict[int, Decimal] = defaultdict(Decimal)
    for entry in returned:
        pk, amount = entry.envelope_id, -(entry.d_held + entry.d_consumed)
        if amount <= 0:
            continue
        taken = _take_for_reductions(pk, amount)
        if pk in successors:
            moved[pk] -= amount - taken
            moved[successors[pk]] += amount - taken
        elif envelopes[pk].is_over(cause.on):
            taken = amount
        elif taken < amount and _is_prolonged(envelopes[pk], cause.on):
            taken += envelopes[pk].left
        expired[pk] -= taken
    arrived = {pk: amount for pk, amount in moved.items() if amount > 0}
    for pk, amount in arrived.items():
        expired[pk] -= _take_for_reductions(pk, amount)
    postings = _postings(Kind.EXPIRE, {pk: a for pk, a in expired.items() if pk not in arrived})
    entries = ledger.post([*postings, *_postings(Kind.TRANSFER, moved)], cause)
    # Nothing is taken of what arrives before it is there.
    waited = _postings(Kind.EXPIRE, {pk: expired[pk] for pk in arrived})
    return [*entries, *ledger.post(waited, cause)]


def _is_prolonged(envelope: Envelope, on: dt.date) -> bool:
    """What was paid for is not lost because it comes back late: the volume or package that has
    ended is usable again, for as many days as policy says. What its owner had left unused at the
    end, `envelope.left` before the return, does not come with it."""
    if envelope.scope != Envelope.Scope.PREFUNDED or not envelope.has_ended(on):
        return False
    days = Parameter.objects.in_force(on).filter(code=PAID_RETURN).first()
    if days is None:
        return False
    envelope.period_ends_on = on + dt.timedelta(days=int(days.amount) - 1)
    envelope.save(update_fields=["period_ends_on"])
    return True


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

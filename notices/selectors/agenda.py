"""The days of a person's calendar: by when they must act, and when what they wait for ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from requests_app.models import (
    ImageryRequest,
    ImageryRequestQuerySet,
    TransitionRecord,
)
from requests_app.states import FINAL_STATES, WITH_OPERATOR, State

ENTRIES_AT_MOST = 1_000

DUE: dict[str, Promise] = {
    State.DRAFT: _("%s: the draft expires"),
    State.INFORMATION_REQUESTED: _("%s: last day to answer the question"),
    State.OFFERED: _("%s: the offer ends"),
    State.DEFERRED: _("%s: the file comes back to arbitration"),
    State.ORDERED: _("%s: the order ends"),
    State.PARTIALLY_DELIVERED: _("%s: the order ends"),
    State.DELIVERED: _("%s: last day to accept or dispute the delivery"),
}
WINDOW = _("%s: the acquisition window ends")
CELL = _("%s: the usual delay of the cell ends")


@dataclass(frozen=True)
class AgendaEntry:
    """`name` is the same as long as the entry is about the same thing, whatever its day;
    `changed_at` is when the request last moved."""

    name: str
    on: date
    summary: str
    title: str
    path: str
    changed_at: datetime


def agenda_of(user: User) -> list[AgendaEntry]:
    """In the language in force; by day."""
    actor = actor_of(user)
    entries = [*_of_asking(actor), *_of_cells(actor)]
    return sorted(entries, key=lambda entry: (entry.on, entry.name))[:ENTRIES_AT_MOST]


def _of_asking(actor: Actor) -> Iterator[AgendaEntry]:
    """What one asks for, and the prices that one is alone to accept."""
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    person = Actor(user_id=actor.user_id)
    mine = seen.of_entities(person).values("pk")
    awaited = seen.awaiting_answer_of(actor).values("pk")
    rows = seen.filter(Q(pk__in=mine) | Q(pk__in=awaited)).exclude(state__in=FINAL_STATES)
    for request in _dated(rows):
        if request.due_on is not None and request.state in DUE:
            yield _entry(request, "due", request.due_on, DUE[request.state])
        window = request.acquisition_ends_on
        if window is not None and request.state not in WITH_OPERATOR:
            yield _entry(request, "window", window, WINDOW)


def _of_cells(actor: Actor) -> Iterator[AgendaEntry]:
    """Files that wait for this member of their cell."""
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    for request in _dated(seen.awaiting_officer(actor)):
        if request.act_by is not None:
            yield _entry(request, "cell", request.act_by, CELL)


def _dated(rows: ImageryRequestQuerySet) -> Iterator[ImageryRequest]:
    """Each with ``changed_at``."""
    records = TransitionRecord.objects.filter(request=OuterRef("pk")).order_by("-pk")
    last = Coalesce(Subquery(records.values("at")[:1]), F("created_at"))
    return iter(rows.for_a_list().annotate(changed_at=last).order_by("pk")[:ENTRIES_AT_MOST])


def _entry(request: ImageryRequest, sort: str, on: date, summary: Promise) -> AgendaEntry:
    return AgendaEntry(
        name=f"{request.number}-{sort}",
        on=on,
        summary=str(summary) % request.number,
        title=request.title,
        path=request.get_absolute_url(),
        changed_at=request.changed_at,  # type: ignore[attr-defined]
    )

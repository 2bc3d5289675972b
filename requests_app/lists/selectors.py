"""Which requests a list shows. Every read begins with what the reader may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.gis.geos import MultiPolygon
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility.models import Entity
from eligibility.permissions import Actor
from orbitrage.shared.days import midnight
from requests_app.lists.ordering import NEWEST_FIRST, Ordering
from requests_app.models import ImageryRequest, ImageryRequestQuerySet

PAGE_LENGTH = 50
COUNTED_AT_MOST = 1_000
READER = "1"
"""Who must act, when it is the reader: as mails and the home page have it in their links."""


class ListScope(models.TextChoices):
    """Whose requests. ``ALL`` is all that the reader may see."""

    ALL = "all", _("All requests")
    MINE = "mine", _("Mine")
    ENTITY = "entity", _("My entity’s")
    CELLS = "cells", _("My cells’")


def scopes_of(actor: Actor) -> list[ListScope]:
    """Those that differ for ``actor``, the whole first."""
    posts = {ListScope.ENTITY: bool(actor.entity_ids), ListScope.CELLS: bool(actor.cells)}
    found = [ListScope.MINE, *(scope for scope, is_held in posts.items() if is_held)]
    sees_all = actor.is_secretariat or actor.is_observer
    return [ListScope.ALL, *found] if sees_all or len(found) > 1 else found


def requests_in(scope: ListScope, actor: Actor) -> ImageryRequestQuerySet:
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    match scope:
        case ListScope.MINE:
            return seen.of_person(actor)
        case ListScope.ENTITY:
            return seen.filter(entity_id__in=actor.entity_ids)
        case ListScope.CELLS:
            return seen.filter(cell_id__in=actor.cell_ids)
        case _:
            return seen


@dataclass(frozen=True)
class Criteria:
    """What a list keeps; what is left empty keeps all. Days are whole days of the service's time
    zone, both included; ``box`` is in EPSG:4326."""

    text: str = ""
    states: tuple[str, ...] = ()
    sensor_id: int | None = None
    request_kind: str = ""
    cell_id: int | None = None
    entity: str = ""
    who_must_act: str = ""
    is_late: bool = False
    submitted_from: dt.date | None = None
    submitted_to: dt.date | None = None
    period_from: dt.date | None = None
    period_to: dt.date | None = None
    box: MultiPolygon | None = None

    @property
    def is_empty(self) -> bool:
        return self == Criteria()


def matching(
    rows: ImageryRequestQuerySet, criteria: Criteria, actor: Actor
) -> ImageryRequestQuerySet:
    rows = rows.filter(_same(criteria), _texts(criteria), _days(criteria))
    if criteria.who_must_act == READER:
        rows = rows.awaiting_answer_of(actor)
    elif criteria.who_must_act:
        rows = rows.awaiting(criteria.who_must_act)
    if criteria.is_late:
        rows = rows.late()
    if criteria.box is not None:
        rows = rows.filter(aoi__intersects=criteria.box)
    return rows


def _same(criteria: Criteria) -> Q:
    wanted = {
        "sensor_id": criteria.sensor_id,
        "request_kind": criteria.request_kind,
        "cell_id": criteria.cell_id,
        "state__in": criteria.states,
    }
    return Q(**{name: value for name, value in wanted.items() if value})


def _texts(criteria: Criteria) -> Q:
    found = Q()
    if text := criteria.text:
        found &= Q(number__icontains=text) | Q(title__icontains=text) | _of_entity_named(text)
    if criteria.entity:
        found &= _of_entity_named(criteria.entity)
    return found


def _of_entity_named(text: str) -> Q:
    named = Entity.objects.filter(Q(name__icontains=text) | Q(acronym__icontains=text))
    # Asked first: by their number the database knows whether an index is worth its while.
    return Q(entity_id__in=list(named.order_by("pk").values_list("pk", flat=True)))


def _days(criteria: Criteria) -> Q:
    found = Q()
    if criteria.submitted_from:
        found &= Q(submitted_at__gte=midnight(criteria.submitted_from))
    if criteria.submitted_to:
        found &= Q(submitted_at__lt=midnight(criteria.submitted_to + dt.timedelta(days=1)))
    if criteria.period_from or criteria.period_to:
        # Without any date, no image is wanted of a period.
        found &= Q(window_starts_on__isnull=False) | Q(window_ends_on__isnull=False)
    if criteria.period_from:
        found &= Q(window_ends_on__isnull=True) | Q(window_ends_on__gte=criteria.period_from)
    if criteria.period_to:
        found &= Q(window_starts_on__isnull=True) | Q(window_starts_on__lte=criteria.period_to)
    return found


@dataclass(frozen=True)
class BoundedCount:
    """Exact up to ``COUNTED_AT_MOST``; beyond it, that figure and ``is_more``."""

    figure: int
    is_more: bool = False


def count_of(rows: ImageryRequestQuerySet) -> BoundedCount:
    found = rows.order_by()[: COUNTED_AT_MOST + 1].count()
    return BoundedCount(min(found, COUNTED_AT_MOST), found > COUNTED_AT_MOST)


@dataclass(frozen=True)
class Wanted:
    """A list as its address names it. ``after`` is the last request of the page before."""

    scope: ListScope
    criteria: Criteria = Criteria()
    ordering: Ordering = NEWEST_FIRST
    after: ImageryRequest | None = None


def requests_wanted(wanted: Wanted, actor: Actor) -> ImageryRequestQuerySet:
    """All of them, on whichever page, in their order."""
    return wanted.ordering.sort(matching(requests_in(wanted.scope, actor), wanted.criteria, actor))


@dataclass(frozen=True)
class ListPage:
    """``rows`` as ``for_a_list`` loads them; ``next_after`` is the number after which the next page
    begins, empty on the last one; ``count`` is that of all pages."""

    rows: list[ImageryRequest]
    next_after: str
    count: BoundedCount


def list_page(wanted: Wanted, actor: Actor) -> ListPage:
    every = requests_wanted(wanted, actor)
    rest = every if wanted.after is None else every.filter(wanted.ordering.beyond(wanted.after))
    rows = list(rest.for_a_list()[: PAGE_LENGTH + 1])
    has_more = len(rows) > PAGE_LENGTH
    is_whole = wanted.after is None and not has_more
    return ListPage(
        rows=rows[:PAGE_LENGTH],
        next_after=rows[PAGE_LENGTH - 1].number if has_more else "",
        count=BoundedCount(len(rows)) if is_whole else count_of(every),
    )


def seen_by_number(number: str, actor: Actor) -> ImageryRequest | None:
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    return seen.for_a_list().filter(number=number).first()

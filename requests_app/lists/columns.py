"""What a file says of a request, in each of its formats; `docs/requests-files.md` tells readers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.tables import Cell, Table
from requests_app.models import ImageryRequest
from requests_app.states import WhoActs


class Kind(Enum):
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"


@dataclass(frozen=True)
class Column:
    """``key`` is its name for programs and never translated, ``heading`` that for readers."""

    key: str
    heading: Promise
    value: Callable[[ImageryRequest], Any]
    kind: Kind = Kind.TEXT


def _column(key: str, heading: Promise, path: str = "", kind: Kind = Kind.TEXT) -> Column:
    """An attribute of the request, named as the column unless ``path`` says otherwise."""
    return Column(key, heading, attrgetter(path or key), kind)


def _who_must_act(request: ImageryRequest) -> str:
    return str(WhoActs(request.who_must_act).label) if request.who_must_act else ""


def _cell(request: ImageryRequest) -> str:
    return request.cell.name if request.cell else ""


def _granted_km2(request: ImageryRequest) -> Decimal | None:
    return request.decided_area_km2 if request.is_granted else None


def _counted_km2(row: Any) -> Decimal | None:
    """As granted or offered. Annotated on the row."""
    is_decided = row.is_granted or row.is_offered
    return Decimal(row.counted_km2) if is_decided and row.counted_km2 is not None else None


def _price_eur(request: ImageryRequest) -> Decimal | None:
    return request.priced_eur if request.is_granted or request.is_offered else None


def _submitted_at(request: ImageryRequest) -> dt.datetime | None:
    at: dt.datetime | None = request.submitted_at
    return at and timezone.localtime(at).replace(microsecond=0)


def _address(request: ImageryRequest) -> str:
    return f"{settings.ORBITRAGE_PUBLIC_URL}{request.get_absolute_url()}"


COLUMNS = (
    _column("number", _("Number")),
    _column("title", _("Title")),
    _column("state", _("Code of the state")),
    Column("state_label", _("State"), lambda row: row.get_state_display()),
    Column("who_must_act", _("Who must act"), _who_must_act),
    _column("entity", _("Entity"), "entity.name"),
    _column("requester", _("Asked by"), "requester.full_name"),
    Column("cell", _("Cell"), _cell),
    _column("sensor", _("Sensor"), "sensor.name"),
    Column("request_kind", _("Kind"), lambda row: row.get_request_kind_display()),
    _column("asked_km2", _("Asked for (km²)"), "area_km2", Kind.NUMBER),
    Column("granted_km2", _("Granted (km²)"), _granted_km2, Kind.NUMBER),
    _column("images", _("Images"), "image_count", Kind.NUMBER),
    Column("counted_km2", _("Counted by the decision (km²)"), _counted_km2, Kind.NUMBER),
    Column("price_eur", _("Price (€)"), _price_eur, Kind.NUMBER),
    _column("window_starts_on", _("First day of the window"), kind=Kind.DAY),
    _column("window_ends_on", _("Last day of the window"), kind=Kind.DAY),
    Column("submitted_at", _("Submitted at"), _submitted_at, Kind.INSTANT),
    _column("due_on", _("Due on"), kind=Kind.DAY),
    _column("licence_number", _("Licence")),
    Column("address", _("Address of the page"), _address),
)


def table_of(rows: Iterable[ImageryRequest]) -> Table:
    headings = tuple(str(column.heading) for column in COLUMNS)
    return Table(gettext("Requests"), headings, _cells(rows))


def _cells(rows: Iterable[ImageryRequest]) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        yield tuple(column.value(row) for column in COLUMNS)

"""Long lists, a page at a time: each page ends with the cursor of the next."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from orbitrage.shared.api.problems import Fault, Problem

LIMIT_MAXIMUM = 200
_KEY_MAXIMUM = 2**63 - 1


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_cursor: str | None

    def as_json(self, shape: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {"items": [shape(row) for row in self.rows], "next_cursor": self.next_cursor}


def newest_first(rows: QuerySet[Any], *, cursor: str, limit: int) -> Page:
    """By falling key: what is added while somebody pages neither repeats nor hides a row."""
    return page_of(
        rows.order_by("-pk"), beyond=lambda key: Q(pk__lt=key), cursor=cursor, limit=limit
    )


def page_of(
    rows: QuerySet[Any], *, beyond: Callable[[int], Q | None], cursor: str, limit: int
) -> Page:
    """In the order of ``rows``; ``beyond``: what stands after the row of that key, None when there
    is no such row any more."""
    if cursor:
        rest = beyond(_key_of(cursor))
        if rest is None:
            raise _unknown_cursor()
        rows = rows.filter(rest)
    found = list(rows[: limit + 1])
    is_last = len(found) <= limit
    kept = found[:limit]
    return Page(kept, None if is_last else _cursor_of(kept[-1].pk))


def _cursor_of(key: int) -> str:
    return base64.urlsafe_b64encode(f"k{key}".encode()).decode().rstrip("=")


def _key_of(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        key = int(text.removeprefix("k")) if text.startswith("k") else 0
    except (ValueError, binascii.Error):
        key = 0
    if not 0 < key <= _KEY_MAXIMUM:
        raise _unknown_cursor()
    return key


def _unknown_cursor() -> Problem:
    detail = _("This is no cursor of this list.")
    fault = Fault("cursor_unknown", detail, "cursor")
    return Problem(422, "cursor_unknown", detail, faults=[fault])

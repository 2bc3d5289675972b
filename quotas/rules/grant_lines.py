"""A line of a file of grants: an envelope as people name it, and what it is granted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext

from orbitrage.shared.errors import Refusal

GrantKey = tuple[str, str, str, str, str, dt.date]


@dataclass(frozen=True, kw_only=True)
class GrantLine:
    """`number` is that of the line in its file, the heading being 1. `owner` is a SIRET number or
    the code of a cell. `ends_on` is asked for only where no period of policy gives it."""

    number: int
    scope: str
    owner: str
    sensor: str
    request_kind: str
    unit: str
    starts_on: dt.date
    amount: Decimal
    ends_on: dt.date | None = None
    reason: str = ""

    @property
    def key(self) -> GrantKey:
        """Lines with the same one are about the same envelope."""
        return (
            self.scope, self.owner, self.sensor, self.request_kind, self.unit, self.starts_on,
        )  # fmt: skip

    def as_facts(self) -> dict[str, str | int]:
        """Without the reason: what is kept for ever holds no text that somebody typed."""
        facts: dict[str, str | int] = {
            "number": self.number,
            "scope": self.scope,
            "owner": self.owner,
            "sensor": self.sensor,
            "request_kind": self.request_kind,
            "unit": self.unit,
            "starts_on": self.starts_on.isoformat(),
            "amount": str(self.amount),
        }
        return facts | ({"ends_on": self.ends_on.isoformat()} if self.ends_on else {})

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> GrantLine:
        typed = dict(facts)
        typed["amount"] = Decimal(typed["amount"])
        for name in ("starts_on", "ends_on"):
            if name in typed:
                typed[name] = dt.date.fromisoformat(typed[name])
        return cls(**typed)


def unit_is_drawn_on(line: GrantLine) -> Refusal | None:
    """A plan draws km² from entities, and whatever it takes from the programme; packages are
    bought."""
    if line.unit == "km2" or line.scope == "programme":
        return None
    message = gettext(
        "No request draws %(unit)s from the scope “%(scope)s”: write km2, or the scope “programme”."
    )
    figures = {"unit": line.unit, "scope": line.scope}
    return Refusal("unit_not_drawn_on", message % figures)


def totals_by_unit(lines: Iterable[GrantLine]) -> dict[str, Decimal]:
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        totals[line.unit] += line.amount
    return dict(sorted(totals.items()))


def fingerprint(lines: Iterable[GrantLine]) -> str:
    """The same for the same envelopes and amounts, however the file writes them, in any order."""
    said = sorted(f"{line.key} {line.amount.normalize():f}" for line in lines)
    return sha256("\n".join(said).encode()).hexdigest()

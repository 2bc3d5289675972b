"""The books of a scenario as somebody wrote them, and as the database has them, in one shape: the
rows of each table under its heading, a number being a Decimal and nothing an empty text."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from eligibility.models import User
from licences.models import Licence
from quotas.models import Demand, Envelope, LedgerEntry, Quotation
from requests_app.models import ImageryRequest, TransitionRecord
from tests.requests_app.world import Programme

HERE = Path(__file__).parent
Row = tuple[Decimal | str, ...]
Tables = dict[str, list[Row]]

NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?")
WHOSE = {"entity": "allowance", "programme": "cell", "budget": "budget", "prefunded": "prefunded"}


def written(scenario: str) -> Tables:
    """The tables of a scenario's page, without their heads."""
    tables: Tables = {}
    for heading, lines in _sections((HERE / f"{scenario}.md").read_text()):
        rows = [line for line in lines if line.startswith("|")]
        if rows:
            tables[heading] = [_cells(row) for row in rows[2:]]
    return tables


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    for section in text.split("\n## ")[1:]:
        heading, *lines = section.splitlines()
        yield heading, lines


def _cells(row: str) -> Row:
    return tuple(_read(cell.strip()) for cell in row.strip().strip("|").split("|"))


def _read(cell: str) -> Decimal | str:
    return Decimal(cell.replace(",", "")) if NUMBER.fullmatch(cell) else cell


def kept(programme: Programme, files: dict[str, str]) -> Tables:
    """What the database says: every move, every entry of every envelope of the entity, of the cell
    and of whoever else a file drew on, what each file is in the end. `files` are the letters by
    number."""
    concerned = (
        Q(entity=programme.entity)
        | Q(cell=programme.cell, sensor=programme.sensor, unit="km2")
        | Q(entries__request_number__in=files)
    )
    envelopes = Envelope.objects.filter(concerned).distinct().order_by("period_starts_on")
    ledger = {name_of(envelope): _entries(envelope, files) for envelope in envelopes}
    return {"Moves": _moves(programme, files), **ledger, "In the end": _end(files)}


def name_of(envelope: Envelope) -> str:
    """As the headings of the pages: "allowance 2026-Q1", "budget 2026 in eur"."""
    starts_on = envelope.period_starts_on
    is_year = (envelope.period_ends_on - starts_on).days > 100
    period = f"{starts_on.year}" if is_year else f"{starts_on.year}-Q{starts_on.month // 3 + 1}"
    unit = "" if envelope.unit == "km2" else f" in {envelope.unit}"
    return f"{WHOSE[envelope.scope].capitalize()} {period}{unit}"


def _entries(envelope: Envelope, files: dict[str, str]) -> list[Row]:
    return [
        (
            entry.kind,
            *(amount or "" for amount in (entry.d_granted, entry.d_held, entry.d_consumed)),
            files.get(entry.request_number, entry.request_number),
            entry.reason,
            entry.granted_after,
            entry.held_after,
            entry.consumed_after,
        )
        for entry in LedgerEntry.objects.filter(envelope=envelope).order_by("sequence")
    ]


def _moves(programme: Programme, files: dict[str, str]) -> list[Row]:
    roles = {user.pk: role for role, user in programme.people.items()}
    records = TransitionRecord.objects.select_related("request").order_by("pk")
    return [
        (
            timezone.localdate(move.at).isoformat(),
            files[move.request.number],
            move.transition,
            _role(move.author_id, roles),
            move.target,
        )
        for move in records
    ]


def _role(author_id: int | None, roles: dict[int, str]) -> str:
    if author_id is None:
        return "calendar"
    return roles.get(author_id) or str(User.objects.get(pk=author_id))


def _end(files: dict[str, str]) -> list[Row]:
    requests = ImageryRequest.objects.in_bulk(list(files), field_name="number")
    return [
        (
            letter,
            requests[number].state,
            _licences(number),
            _demand(number),
            _quotations(number),
        )
        for number, letter in files.items()
    ]


def _licences(number: str) -> str:
    found = Licence.objects.filter(request_number=number).order_by("pk")
    return ", ".join(f"{licence.state} for {_km2(licence.area_km2)} km²" for licence in found)


def _demand(number: str) -> str:
    found = Demand.objects.filter(request_number=number).select_related("envelope")
    return ", ".join(f"{_km2(row.amount)} km² of {name_of(row.envelope)}" for row in found)


def _quotations(number: str) -> str:
    found = Quotation.objects.filter(request_number=number).order_by("pk")
    return ", ".join(f"{each.total_eur:.2f} €, {_state(each)}" for each in found)


def _state(quotation: Quotation) -> str:
    accepted = "accepted" if quotation.accepted_at else "not accepted"
    return f"{accepted}, closed" if quotation.closed_at else f"{accepted}, open"


def _km2(area: Decimal) -> str:
    return f"{area.normalize():f}"

"""Statements of quota over JSON, in the shape of `docs/statements.md`."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Cell, Entity, Scope
from orbitrage.shared.api.problems import of_form
from quotas import exports, selectors
from quotas.forms import StatementFilter
from quotas.views.files import is_too_long

router = Router(tags=["quotas"])
READ = Bearer(Scope.READ)


class OwnerOut(Schema):
    kind: str
    id: int
    name: str
    href: str


class OwnersOut(Schema):
    items: list[OwnerOut]


class Days(Schema):
    """The days of this year when none are given."""

    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    kind: str = Field("", max_length=30)
    request: str = Field("", max_length=30)


@router.get(
    "/quotas",
    auth=READ,
    response=OwnersOut,
    operation_id="list_statements",
    url_name="statements",
    summary=_("The entities and cells whose statement of quota I may read"),
)
def list_statements(request: HttpRequest) -> dict[str, Any]:
    user = person_of(request)
    owners: list[Entity | Cell] = [
        *selectors.entities_with_statement(user),
        *selectors.cells_with_statement(user),
    ]
    return {"items": [_owner_as_json(owner) for owner in owners]}


def _owner_as_json(owner: Entity | Cell) -> dict[str, Any]:
    kind = "entity" if isinstance(owner, Entity) else "cell"
    href = reverse(f"api-1:{kind}_statement", args=[owner.pk])
    return {"kind": kind, "id": owner.pk, "name": str(owner), "href": href}


@router.get(
    "/quotas/entities/{int:pk}",
    auth=READ,
    response=dict[str, Any],
    operation_id="read_entity_statement",
    url_name="entity_statement",
    summary=_("The statement of an entity: its envelopes and their entries over some days"),
)
def read_entity_statement(request: HttpRequest, pk: int, days: Query[Days]) -> JsonResponse:
    entities = selectors.entities_with_statement(person_of(request))
    return _statement(get_object_or_404(entities, pk=pk), days)


@router.get(
    "/quotas/cells/{int:pk}",
    auth=READ,
    response=dict[str, Any],
    operation_id="read_cell_statement",
    url_name="cell_statement",
    summary=_("The statement of a cell: its envelopes and their entries over some days"),
)
def read_cell_statement(request: HttpRequest, pk: int, days: Query[Days]) -> JsonResponse:
    cells = selectors.cells_with_statement(person_of(request))
    return _statement(get_object_or_404(cells, pk=pk), days)


def _statement(owner: Entity | Cell, days: Days) -> JsonResponse:
    form = StatementFilter(days.model_dump(exclude_none=True))
    if not form.is_valid():
        raise of_form(form)
    year = timezone.localdate().year
    starts_on = form.day("starts_on") or dt.date(year, 1, 1)
    ends_on = max(starts_on, form.day("ends_on") or dt.date(year, 12, 31))
    entries = selectors.owner_entries(owner, starts_on, ends_on, form.only)
    if is_too_long(form, entries):
        raise of_form(form)
    envelopes = selectors.envelopes_of(owner, starts_on, ends_on)
    lines = selectors.envelope_lines(envelopes, starts_on, ends_on)
    document = exports.owner_document(owner, lines, entries, (starts_on, ends_on), form.only)
    return JsonResponse(document)

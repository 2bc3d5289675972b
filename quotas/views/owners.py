"""The statement of an entity or of a cell: all its envelopes over some days."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.models import Cell, Entity
from orbitrage.shared.tables import workbook
from quotas import exports, selectors
from quotas.forms import StatementFilter
from quotas.views.files import check_format, csv_file, is_too_long, query_without_page, whole_file

PAGE_SIZE = 100
Owner = Entity | Cell


@login_required
@require_safe
def entity_statement(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _entity(request, pk), _filter(request))


@login_required
@require_safe
def cell_statement(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _cell(request, pk), _filter(request))


@login_required
@require_safe
def entity_file(request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
    return _file(request, _entity(request, pk), extension)


@login_required
@require_safe
def cell_file(request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
    return _file(request, _cell(request, pk), extension)


def _entity(request: HttpRequest, pk: int) -> Entity:
    return get_object_or_404(selectors.entities_with_statement(request.user), pk=pk)


def _cell(request: HttpRequest, pk: int) -> Cell:
    return get_object_or_404(selectors.cells_with_statement(request.user), pk=pk)


def _filter(request: HttpRequest) -> StatementFilter:
    first, last = _this_year()
    form = StatementFilter(request.GET or None, initial={"starts_on": first, "ends_on": last})
    form.is_valid()
    return form


def _this_year() -> tuple[dt.date, dt.date]:
    year = timezone.localdate().year
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def _days(form: StatementFilter) -> tuple[dt.date, dt.date]:
    """The days of the year when none are given."""
    first, last = _this_year()
    starts_on, ends_on = form.day("starts_on") or first, form.day("ends_on") or last
    return starts_on, max(starts_on, ends_on)


def _page(
    request: HttpRequest, owner: Owner, form: StatementFilter, status: int = 200
) -> HttpResponse:
    days = _days(form)
    entries = selectors.owner_entries(owner, *days, form.only)
    context = {
        "form": form,
        "owner": owner,
        "file_url": f"quotas:{_kind(owner)}_file",
        "starts_on": days[0],
        "ends_on": days[1],
        "only": form.only,
        "query": query_without_page(request),
        "lines": selectors.envelope_lines(selectors.envelopes_of(owner, *days), *days),
        "page": Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "quotas/owner_statement.html", context, status=status)


def _file(request: HttpRequest, owner: Owner, extension: str) -> HttpResponseBase:
    check_format(extension)
    form = StatementFilter(request.GET)
    is_valid, days = form.is_valid(), _days(form)
    entries = selectors.owner_entries(owner, *days, form.only)
    if not is_valid or (extension != "csv" and is_too_long(form, entries)):
        return _page(request, owner, form, status=400)
    lines = selectors.envelope_lines(selectors.envelopes_of(owner, *days), *days)
    name = f"{_kind(owner)}-{owner.pk}_{days[0]}_{days[1]}.{extension}"
    if extension == "csv":
        return csv_file(exports.owner_table(lines, entries.iterator(2000), days), name)
    if extension == "json":
        document = exports.owner_document(owner, lines, entries, days, form.only)
        return whole_file(exports.json_text(document), name)
    tables = [exports.lines_table(lines), exports.owner_table(lines, entries, days)]
    return whole_file(workbook(tables), name)


def _kind(owner: Owner) -> str:
    return "entity" if isinstance(owner, Entity) else "cell"

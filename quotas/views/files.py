"""Answers that are files, and the addresses of the pages beside them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils.translation import gettext as _

from orbitrage.shared.tables import Table, csv_lines
from quotas import exports
from quotas.forms import StatementFilter
from quotas.models import LedgerEntry

ENTRIES_OF_A_FILE = 20_000
"""Of a workbook or a document, which are made in memory; CSV is written as it is read."""


def check_format(extension: str) -> None:
    if extension not in exports.FORMATS:
        raise Http404


def is_too_long(form: StatementFilter, entries: QuerySet[LedgerEntry]) -> bool:
    """Said on the form, which then has an error."""
    if entries[: ENTRIES_OF_A_FILE + 1].count() <= ENTRIES_OF_A_FILE:
        return False
    message = _("More than %(maximum)s entries: choose fewer days, or CSV.")
    error = ValidationError(message % {"maximum": ENTRIES_OF_A_FILE}, "statement_too_long")
    form.add_error(None, error)
    return True


def csv_file(table: Table, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(table), content_type=exports.FORMATS["csv"])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def whole_file(content: str | bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=exports.FORMATS[name.rpartition(".")[2]])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def refused_document(form: StatementFilter) -> JsonResponse:
    """For a program that asked wrongly: what, with a code and a sentence."""
    errors = [
        {"field": field, **error}
        for field, found in form.errors.get_json_data().items()
        for error in found
    ]
    return JsonResponse({"errors": errors}, status=400, json_dumps_params={"ensure_ascii": False})


def query_without_page(request: HttpRequest, *, after: int | None = None) -> str:
    """The filters of this page as a query, and the entry after which to go on."""
    query = request.GET.copy()
    for name in ("after", "page"):
        query.pop(name, None)
    if after is not None:
        query["after"] = str(after)
    return query.urlencode()

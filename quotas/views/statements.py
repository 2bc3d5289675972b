from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.selectors import actor_of
from orbitrage.shared.tables import workbook
from quotas import charts, exports, selectors
from quotas.forms import ACT_FORMS, StatementAtFilter, StatementFilter
from quotas.models import Envelope, QuotaAct
from quotas.views.files import (
    check_format,
    csv_file,
    is_too_long,
    query_without_page,
    refused_document,
    whole_file,
)

PAGE_SIZE = 100


@login_required
@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    envelope = _envelope(request, pk)
    form = StatementFilter(request.GET or None, initial=_period_of(envelope))
    form.is_valid()
    return _statement_page(request, envelope, form)


@login_required
@require_safe
def statement_file(request: HttpRequest, pk: int, extension: str) -> HttpResponseBase:
    envelope = _envelope(request, pk)
    check_format(extension)
    if extension == "json":
        return _statement_document(request, envelope)
    form = StatementFilter(request.GET, initial=_period_of(envelope))
    if not form.is_valid():
        return _statement_page(request, envelope, form, status=400)
    shown = _statement(envelope, form, limit=1)
    entries = selectors.entries_between(envelope, shown.starts_on, shown.ends_on, form.only)
    name = _file_name(shown, extension)
    if extension == "csv":
        return csv_file(exports.statement_table(shown, entries.iterator(chunk_size=2000)), name)
    if is_too_long(form, entries):
        return _statement_page(request, envelope, form, status=400)
    uses = selectors.uses_of(envelope, shown.ends_on)
    tables = [exports.statement_table(shown, entries), exports.uses_table(envelope, uses)]
    return whole_file(workbook(tables), name)


def _statement_document(request: HttpRequest, envelope: Envelope) -> HttpResponse:
    form = StatementAtFilter(request.GET, initial=_period_of(envelope))
    if not form.is_valid():
        if "at" in form.errors:
            return refused_document(form)
        return _statement_page(request, envelope, form, status=400)
    shown = _statement(envelope, form, limit=1)
    entries = selectors.entries_between(envelope, shown.starts_on, shown.ends_on, form.only)
    if is_too_long(form, entries):
        return _statement_page(request, envelope, form, status=400)
    uses = selectors.uses_of(envelope, shown.ends_on)
    at = form.instant
    as_of = None if at is None else (at, selectors.balance_at(envelope.pk, at))
    document = exports.statement_document(shown, entries, uses, form.only, as_of)
    return whole_file(exports.json_text(document), _file_name(shown, "json"))


def _file_name(shown: selectors.Statement, extension: str) -> str:
    return f"envelope-{shown.envelope.pk}_{shown.starts_on}_{shown.ends_on}.{extension}"


def _envelope(request: HttpRequest, pk: int) -> Envelope:
    return get_object_or_404(Envelope.objects.visible_to(request.user).with_owner(), pk=pk)


def _period_of(envelope: Envelope) -> dict[str, dt.date]:
    return {"starts_on": envelope.period_starts_on, "ends_on": envelope.period_ends_on}


def _statement(
    envelope: Envelope, form: StatementFilter, limit: int = PAGE_SIZE
) -> selectors.Statement:
    return selectors.statement(
        envelope,
        starts_on=form.day("starts_on"),
        ends_on=form.day("ends_on"),
        only=form.only,
        after_sequence=form.after_sequence,
        limit=limit,
    )


def _statement_page(
    request: HttpRequest, envelope: Envelope, form: StatementFilter, status: int = 200
) -> HttpResponse:
    shown = _statement(envelope, form)
    today = timezone.localdate()
    days = selectors.daily_balances(envelope, shown.starts_on, shown.ends_on)
    (watched,) = selectors.watched([envelope], today)
    context = {
        "form": form,
        "envelope": envelope,
        "statement": shown,
        "only": form.only,
        "query": query_without_page(request, after=None),
        "next_query": query_without_page(request, after=shown.next_after),
        "days": days,
        "chart": charts.draw(days, starts_on=shown.starts_on, ends_on=shown.ends_on, until=today),
        "uses": selectors.uses_shown(envelope, shown.ends_on),
        "watched": watched,
        "forecast": selectors.forecast_of(envelope, today),
        "pressure": selectors.pressure(envelope),
        "still_to_reduce": selectors.still_to_reduce(envelope.pk),
        "acts": _acts(request, envelope, today),
    }
    return render(request, "quotas/statement.html", context, status=status)


def _acts(request: HttpRequest, envelope: Envelope, today: dt.date) -> list[QuotaAct.Kind]:
    """What the secretariat may begin here; nothing is granted to a period that is over."""
    if not actor_of(request.user).is_secretariat:
        return []
    refused = {QuotaAct.Kind.GRANT, QuotaAct.Kind.CONVERT} if envelope.is_over(today) else set()
    return [kind for kind in QuotaAct.Kind if kind in ACT_FORMS and kind not in refused]

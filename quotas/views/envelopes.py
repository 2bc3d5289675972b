from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.selectors import actor_of
from quotas import charts, exports, selectors
from quotas.forms import PeriodFilter, StatementFilter
from quotas.models import Envelope, QuotaAct

PAGE_SIZE = 50


@login_required
@require_safe
def envelope_list(request: HttpRequest) -> HttpResponse:
    form = PeriodFilter(request.GET or None, initial={"on": timezone.localdate()})
    form.is_valid()
    on = form.day or timezone.localdate()
    envelopes = selectors.envelope_list(user=request.user, on=on)
    page = Paginator(envelopes, PAGE_SIZE).get_page(request.GET.get("page"))
    actor = actor_of(request.user)
    context = {
        "form": form,
        "page": page,
        "on": on,
        "sees_acts": actor.is_secretariat or actor.is_observer,
        "announced": selectors.announced(timezone.localdate()),
        "waiting": QuotaAct.objects.visible_to(request.user).waiting().count(),
    }
    return render(request, "quotas/list.html", context)


@login_required
@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    envelope = get_object_or_404(Envelope.objects.visible_to(request.user).with_owner(), pk=pk)
    form = StatementFilter(request.GET or None, initial=_period_of(envelope))
    form.is_valid()
    shown = selectors.statement(
        envelope,
        starts_on=form.day("starts_on"),
        ends_on=form.day("ends_on"),
        after_sequence=form.after_sequence,
    )
    days = selectors.daily_balances(envelope, shown.starts_on, shown.ends_on)
    context = {
        "form": form,
        "envelope": envelope,
        "statement": shown,
        "days": days,
        "chart": charts.draw(
            days,
            starts_on=shown.starts_on,
            ends_on=shown.ends_on,
            until=timezone.localdate(),
        ),
        "pressure": selectors.pressure(envelope),
        "acts": QuotaAct.Kind if actor_of(request.user).is_secretariat else (),
    }
    return render(request, "quotas/statement.html", context)


@login_required
@require_safe
def statement_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    envelope = get_object_or_404(Envelope.objects.visible_to(request.user), pk=pk)
    form = StatementFilter(request.GET or None)
    form.is_valid()
    starts_on = form.day("starts_on") or envelope.period_starts_on
    ends_on = form.day("ends_on") or envelope.period_ends_on
    entries = selectors.entries_between(envelope, starts_on, ends_on)
    lines = exports.statement_csv(entries.iterator(chunk_size=2000))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"envelope-{envelope.pk}_{starts_on}_{ends_on}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _period_of(envelope: Envelope) -> dict[str, dt.date]:
    return {"starts_on": envelope.period_starts_on, "ends_on": envelope.period_ends_on}

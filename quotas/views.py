from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.errors import DomainError
from quotas import charts, exports, selectors, services
from quotas.forms import ACT_FORMS, PeriodFilter, StatementFilter
from quotas.models import Envelope, QuotaAct

PAGE_SIZE = 50


class AuthenticatedRequest(HttpRequest):
    user: User


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


@login_required
@require_safe
def act_list(request: AuthenticatedRequest) -> HttpResponse:
    actor = actor_of(request.user)
    if not (actor.is_secretariat or actor.is_observer):
        raise Http404
    acts = selectors.act_list(request.user)
    page = Paginator(acts, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "told": selectors.told_acts(page),
        "may_act": actor.is_secretariat,
    }
    return render(request, "quotas/acts.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: AuthenticatedRequest, pk: int, kind: str) -> HttpResponse:
    envelope = get_object_or_404(Envelope.objects.visible_to(request.user).with_owner(), pk=pk)
    if kind not in ACT_FORMS:
        raise Http404
    if not actor_of(request.user).is_secretariat:
        raise PermissionDenied
    form = ACT_FORMS[kind](request.POST or None, envelope=envelope)
    if request.method == "POST" and form.is_valid():
        try:
            done = services.propose_act(
                user=request.user, kind=kind, facts=form.facts, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            form.add_error(None, [ValidationError(r.message, r.code) for r in error.refusals])
        else:
            messages.success(request, _told(done))
            return redirect("quotas:acts")
    context = {"form": form, "envelope": envelope, "kind": QuotaAct.Kind(kind)}
    return render(request, "quotas/act.html", context)


def _told(act: QuotaAct) -> str:
    if act.is_waiting:
        return _("The act waits for a second person of the secretariat.")
    return _("The act is done.")


@login_required
@require_POST
def confirm_act(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _ended(request, pk, services.confirm_act)


@login_required
@require_POST
def withdraw_act(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _ended(request, pk, services.withdraw_act)


def _ended(
    request: AuthenticatedRequest, pk: int, service: Callable[..., QuotaAct]
) -> HttpResponse:
    act = get_object_or_404(QuotaAct.objects.visible_to(request.user), pk=pk)
    try:
        ended = service(act_id=act.pk, user=request.user)
    except DomainError as error:
        for refusal in error.refusals:
            messages.warning(request, refusal.message)
    else:
        told = _("The act is done.") if ended.done_at else _("The act is withdrawn.")
        messages.success(request, told)
    return redirect("quotas:acts")

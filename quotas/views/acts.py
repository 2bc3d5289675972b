from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from quotas import selectors, services
from quotas.forms import ACT_FORMS
from quotas.models import Envelope, QuotaAct

PAGE_SIZE = 50


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
            put_refusals(form, error)
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

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from quotas import selectors
from quotas.forms import PeriodFilter
from quotas.models import QuotaAct

PAGE_SIZE = 50


@login_required
@require_safe
def envelope_list(request: AuthenticatedRequest) -> HttpResponse:
    form = PeriodFilter(request.GET or None, initial={"on": timezone.localdate()})
    form.is_valid()
    on = form.day or timezone.localdate()
    envelopes = selectors.envelope_list(user=request.user, on=on)
    page = Paginator(envelopes, PAGE_SIZE).get_page(request.GET.get("page"))
    actor = actor_of(request.user)
    context = {
        "form": form,
        "page": page,
        "watched": selectors.watched(page.object_list, on),
        "on": on,
        "sees_acts": actor.is_secretariat or actor.is_observer,
        "announced": selectors.announced(timezone.localdate()),
        "sees_holds": selectors.watches_holds(actor),
        "waiting": QuotaAct.objects.visible_to(request.user).waiting().count(),
    }
    return render(request, "quotas/list.html", context)


@login_required
@require_safe
def held(request: AuthenticatedRequest) -> HttpResponse:
    """What files hold for longer than usual, for whoever answers for them."""
    if not selectors.watches_holds(actor_of(request.user)):
        raise Http404
    usual_days = selectors.usual_hold_days(timezone.localdate())
    sums = selectors.held_longer_than(request.user, usual_days)
    page = Paginator(sums, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "holds": selectors.long_holds(page.object_list),
        "usual_days": usual_days,
    }
    return render(request, "quotas/held.html", context)

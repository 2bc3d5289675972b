"""Grants from a file: a dry run that writes nothing, then all lines or none."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.models import User
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from quotas import selectors, services
from quotas.forms import GrantFileForm
from quotas.grant_files import TEMPLATE
from quotas.models import QuotaAct

LINES_SHOWN = 500


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def grant_file(request: AuthenticatedRequest) -> HttpResponse:
    """The form, and the dry run of what was sent."""
    _demand_secretariat(request.user)
    form = GrantFileForm(request.POST or None, request.FILES or None)
    form.is_valid()
    return _page(request, form)


@login_required
@require_POST
def apply_grants(request: AuthenticatedRequest) -> HttpResponse:
    """What the dry run has shown."""
    _demand_secretariat(request.user)
    form = GrantFileForm(request.POST)
    if not form.is_valid() or form.read is None or form.read.refused:
        return _page(request, form)
    try:
        act = services.propose_grants(user=request.user, lines=form.read.lines)
    except DomainError as error:
        put_refusals(form, error, at_most=LINES_SHOWN)
        return _page(request, form)
    waits = _("The act waits for a second person of the secretariat.")
    messages.success(request, waits if act.is_waiting else _("The act is done."))
    return redirect("quotas:act_lines", act.pk)


@login_required
@require_safe
def grant_template(request: AuthenticatedRequest) -> HttpResponse:
    _demand_secretariat(request.user)
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(TEMPLATE)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="grants.csv"'
    return response


@login_required
@require_safe
def act_lines(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """What the second person reads before confirming: the lines under the rules of now."""
    act = get_object_or_404(selectors.act_list(request.user), pk=pk, kind=QuotaAct.Kind.GRANT_FILE)
    rehearsal = selectors.rehearse_grants(services.lines_of(act), timezone.localdate())
    context = {
        "act": act,
        "told": selectors.told_acts([act])[0],
        "outcomes": rehearsal.outcomes[:LINES_SHOWN],
        "hidden": max(0, len(rehearsal.outcomes) - LINES_SHOWN),
        "refusals": rehearsal.refusals[:LINES_SHOWN] if act.is_waiting else [],
        "may_act": actor_of(request.user).is_secretariat,
    }
    return render(request, "quotas/act_lines.html", context)


def _demand_secretariat(user: User) -> None:
    actor = actor_of(user)
    if actor.is_observer and not actor.is_secretariat:
        raise PermissionDenied
    if not actor.is_secretariat:
        raise Http404


def _page(request: HttpRequest, form: GrantFileForm) -> HttpResponse:
    context: dict[str, Any] = {"form": form}
    if form.read is not None:
        lines = form.read.lines
        rehearsal = selectors.rehearse_grants(lines, timezone.localdate())
        refused = [each for each in rehearsal.outcomes if each.refusals]
        granted = [each for each in rehearsal.outcomes if not each.refusals]
        unread = form.read.refused
        context |= {
            "rehearsal": rehearsal,
            "unread": unread[:LINES_SHOWN],
            "refused": refused[:LINES_SHOWN],
            "granted": granted[:LINES_SHOWN],
            "refused_count": len(unread) + len(refused),
            "granted_count": len(granted),
            "text": form.cleaned_data["text"],
            "takes_two": services.is_beyond_one_person(lines),
        }
    return render(request, "quotas/grant_file.html", context)

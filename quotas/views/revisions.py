from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.models import Sensor, User
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from quotas import selectors, services
from quotas.forms import RevisionForm, VersionForm
from quotas.models import PolicyRevision

PAGE_SIZE = 50


@login_required
@require_safe
def revision_list(request: AuthenticatedRequest) -> HttpResponse:
    actor = actor_of(request.user)
    revisions = selectors.revision_list(request.user)
    context = {
        "page": Paginator(revisions, PAGE_SIZE).get_page(request.GET.get("page")),
        "announced": selectors.announced(timezone.localdate()),
        "sensors": selectors.revisable_sensors() if actor.is_secretariat else (),
        "sees_persons": actor.is_secretariat or actor.is_observer,
        "today": timezone.localdate(),
    }
    return render(request, "quotas/revisions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revision_new(request: AuthenticatedRequest, sensor: str) -> HttpResponse:
    """Strangers to the office learn nothing of what it prepares."""
    actor = actor_of(request.user)
    if not (actor.is_secretariat or actor.is_observer):
        raise Http404
    found = get_object_or_404(selectors.revisable_sensors(), code=sensor)
    _demand_secretariat(request.user)
    rows = selectors.figures_in_force(found.pk, timezone.localdate())
    form = RevisionForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        try:
            draft = services.draft_revision(sensor_id=found.pk, user=request.user, **form.facts)
        except DomainError as error:
            put_refusals(form, error)
        else:
            messages.success(request, _("The draft is kept. Somebody else publishes it."))
            return redirect("quotas:revision", draft.pk)
    return _form_page(request, form, found)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revision_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    revision = _visible(request, pk)
    _demand_secretariat(request.user)
    if not revision.is_draft:
        messages.warning(request, services.how_it_ended(revision).message)
        return redirect("quotas:revision", pk)
    lines = list(revision.lines.select_related("revises"))
    form = RevisionForm(
        request.POST or None,
        rows=selectors.figures_in_force(revision.sensor_id, revision.valid_from),
        lines=lines,
        initial={"valid_from": revision.valid_from, "reason": revision.reason},
    )
    seen = VersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and seen.is_valid():
        version = seen.cleaned_data["version"]
        try:
            services.change_revision(
                revision_id=pk, version=version, user=request.user, **form.facts
            )
        except DomainError as error:
            put_refusals(form, error)
        else:
            messages.success(request, _("The draft is changed. Somebody else publishes it."))
            return redirect("quotas:revision", pk)
    return _form_page(request, form, revision.sensor, revision)


@login_required
@require_safe
def revision(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Side by side: a draft with what it would do, a published one with what it did."""
    found = _visible(request, pk)
    actor = actor_of(request.user)
    context: dict[str, Any] = {
        "revision": found,
        "today": timezone.localdate(),
        "may_act": actor.is_secretariat and found.is_draft,
        "sees_persons": actor.is_secretariat or actor.is_observer,
    }
    if found.is_draft:
        prospect = selectors.prospect_of(found, by=request.user.pk)
        context |= {"prospect": prospect, "changes": prospect.changes}
    else:
        context["changes"] = selectors.changes_of(found)
        context["adjustments"] = selectors.adjustments_of(found, request.user)
    return render(request, "quotas/revision.html", context)


@login_required
@require_POST
def publish_revision(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    revision = _visible(request, pk)
    seen = VersionForm(request.POST)
    version = seen.cleaned_data["version"] if seen.is_valid() else 0
    told = _("The revision is published.")
    return _ended(request, revision, services.publish_revision, told, version=version)


@login_required
@require_POST
def withdraw_revision(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    revision = _visible(request, pk)
    return _ended(request, revision, services.withdraw_revision, _("The draft is withdrawn."))


def _visible(request: AuthenticatedRequest, pk: int) -> PolicyRevision:
    return get_object_or_404(selectors.revision_list(request.user), pk=pk)


def _demand_secretariat(user: User) -> None:
    if not actor_of(user).is_secretariat:
        raise PermissionDenied


def _form_page(
    request: AuthenticatedRequest,
    form: RevisionForm,
    sensor: Sensor,
    revision: PolicyRevision | None = None,
) -> HttpResponse:
    context = {"form": form, "sensor": sensor, "revision": revision}
    return render(request, "quotas/revision_form.html", context)


def _ended(
    request: AuthenticatedRequest,
    revision: PolicyRevision,
    service: Callable[..., PolicyRevision],
    told: str,
    **seen: int,
) -> HttpResponse:
    try:
        service(revision_id=revision.pk, user=request.user, **seen)
    except DomainError as error:
        for refusal in error.refusals:
            messages.warning(request, refusal.message)
    else:
        messages.success(request, told)
    return redirect("quotas:revision", revision.pk)

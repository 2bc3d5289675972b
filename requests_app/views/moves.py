from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import CharField, Form, PasswordInput
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.models import User
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.actions import ACTIONS, Action
from requests_app.models import ImageryRequest
from requests_app.selectors import (
    AvailableTransition,
    available_transitions,
    pressures_on,
    request_page,
)
from requests_app.transitions import wrong_state
from requests_app.views.reading import page_context
from requests_app.workflow import is_possible


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: AuthenticatedRequest, number: str, transition: str) -> HttpResponse:
    """Ask for what a move needs, then make it."""
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    if transition not in ACTIONS:
        raise Http404
    action = ACTIONS[transition]
    available = _available(imagery_request, request.user, transition)
    extra: dict[str, Any] = {"imagery_request": imagery_request} if action.needs_request else {}
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = action.form(*typed, **extra)
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked and available and _done(request, imagery_request, action, form):
        return redirect(_page_after(request, imagery_request))
    if is_asked and _is_done_already(request, imagery_request, action, transition):
        return redirect(imagery_request)
    if available is None:
        return _closed(request, imagery_request, transition, form)
    context = page_context(imagery_request, request.user)
    offered = {move.name for move in (*context["moves"], *context["moves_aside"])}
    context |= {
        "form": form,
        "action": action,
        "transition": available,
        "pressures": pressures_on(imagery_request),
        "is_refused_anyway": transition not in offered,
        "typed": _typed(form),
    }
    return render(request, action.template, context, status=409 if _is_refused(form) else 200)


def _is_done_already(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, action: Action, name: str
) -> bool:
    """By a double click, or in another tab: by whoever asks, and with nothing typed to lose."""
    last = imagery_request.records.order_by("pk").last()
    if action.form.base_fields or last is None:
        return False
    if (last.transition, last.author_id) != (name, request.user.pk):
        return False
    messages.success(request, str(action.done))
    return True


def _page_after(request: AuthenticatedRequest, imagery_request: ImageryRequest) -> str:
    """Its page, unless the move took the request out of sight: a list of those in sight."""
    if ImageryRequest.objects.visible_to(request.user).filter(pk=imagery_request.pk).exists():
        return imagery_request.get_absolute_url()
    return reverse("queue:list" if actor_of(request.user).is_officer else "requests:list")


def _available(
    imagery_request: ImageryRequest, user: User, transition: str
) -> AvailableTransition | None:
    found = available_transitions(imagery_request, actor_of(user))
    return next((candidate for candidate in found if candidate.name == transition), None)


def _is_refused(form: Any) -> bool:
    return form.is_bound and bool(form.non_field_errors())


def _closed(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, transition: str, form: Form
) -> HttpResponse:
    """The move is not open: to this person, or to anybody because the request has moved on."""
    typed = _typed(form)
    if is_possible(imagery_request, transition):
        if not typed:
            raise PermissionDenied
        messages.warning(request, _("This step is not yours, or no longer: nothing was done."))
        return _still(request, imagery_request, typed, HTTPStatus.FORBIDDEN)
    actor = actor_of(request.user)
    messages.warning(request, wrong_state(imagery_request, actor).message)
    if request.method != "POST":
        return redirect(imagery_request)
    return _still(request, imagery_request, typed, HTTPStatus.CONFLICT)


def _still(
    request: AuthenticatedRequest,
    imagery_request: ImageryRequest,
    typed: list[tuple[str, str]],
    status: HTTPStatus,
) -> HttpResponse:
    """The request as it is now, with what was typed, to be copied."""
    context = page_context(imagery_request, request.user) | {"typed": typed}
    return render(request, "requests_app/detail.html", context, status=status)


def _typed(form: Form) -> list[tuple[str, str]]:
    """Label and text of what was written in words: nothing hidden, secret or chosen."""
    if not form.is_bound:
        return []
    written = [
        (str(field.label), str(field.data or "").strip())
        for field in form.visible_fields()
        if isinstance(field.field, CharField) and not isinstance(field.field.widget, PasswordInput)
    ]
    return [(label, text) for label, text in written if text]


def _done(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, action: Action, form: Any
) -> bool:
    try:
        action.service(request_id=imagery_request.pk, user=request.user, **form.cleaned_data)
    except DomainError as error:
        put_refusals(form, error)
        return False
    messages.success(request, str(action.done))
    return True

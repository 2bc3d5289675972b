from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.models import Entity
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from notices import links, rules, selectors, services
from notices.forms import CopyForm
from notices.models import CopyAddress
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.models import ImageryRequest
from requests_app.permissions import is_requester

require_form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_form_methods
def request_copies(request: AuthenticatedRequest, number: str) -> HttpResponse:
    seen = ImageryRequest.objects.visible_to(request.user)
    imagery_request = get_object_or_404(seen, number=number)
    if not is_requester(imagery_request, actor_of(request.user)):
        raise PermissionDenied
    form = _form(request)
    if form.is_valid() and _asked(
        request, form, services.copy_request_to, request_id=imagery_request.pk
    ):
        return redirect("notices:request_copies", number)
    context = {
        "form": form,
        "imagery_request": imagery_request,
        "copies": selectors.copies_of_request(imagery_request.pk),
        "most": rules.COPIES_OF_A_REQUEST,
    }
    return render(request, "notices/copies.html", context)


@login_required
@require_form_methods
def entity_copies(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    entity = get_object_or_404(Entity.objects.visible_to(request.user), pk=pk)
    if entity.pk not in actor_of(request.user).contact_of:
        raise PermissionDenied
    form = _form(request)
    if form.is_valid() and _asked(request, form, services.copy_entity_to, entity_id=entity.pk):
        return redirect("notices:entity_copies", pk)
    context = {
        "form": form,
        "entity": entity,
        "copies": selectors.copies_of_entity(entity.pk),
        "most": rules.COPIES_OF_AN_ENTITY,
    }
    return render(request, "notices/copies.html", context)


def _form(request: AuthenticatedRequest) -> CopyForm:
    return CopyForm(request.POST or None, initial={"language": request.user.language})


def _asked(
    request: AuthenticatedRequest, form: CopyForm, service: Callable[..., Any], **target: int
) -> bool:
    try:
        copy = service(user=request.user, **target, **form.cleaned_data)
    except DomainError as error:
        put_refusals(form, error)
        return False
    told = _("A mail has gone to %s: nothing is copied before it is confirmed there.")
    messages.success(request, told % copy.address)
    return True


@login_required
@require_POST
def end_copy(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    mine = CopyAddress.objects.managed_by(actor_of(request.user)).select_related("request")
    copy = get_object_or_404(mine, pk=pk)
    services.end_copy(copy_id=copy.pk, user=request.user)
    messages.success(request, _("%s is copied no more.") % copy.address)
    if copy.request is not None:
        return redirect("notices:request_copies", copy.request.number)
    return redirect("notices:entity_copies", copy.entity_id)


# --- By whoever reads the address, who may have no account ----------------------------------------


@require_form_methods
@never_cache
def confirm_copy(request: HttpRequest, token: str) -> HttpResponse:
    """A program that opens the links of a mail confirms nothing: a button does."""
    confirmed = CopyAddress.objects.copied() | CopyAddress.objects.waiting()
    copy = get_object_or_404(_about(confirmed), pk=links.copy_to_confirm(token))
    if request.method == "POST":
        services.confirm_copy(copy_id=copy.pk)
        return redirect("notices:copy_confirm", token)
    return render(request, "notices/copy_confirm.html", {"copy": copy})


@require_form_methods
@never_cache
def stop_copy(request: HttpRequest, token: str) -> HttpResponse:
    copy = get_object_or_404(_about(CopyAddress.objects.all()), pk=links.copy_to_stop(token))
    if request.method == "POST":
        services.stop_copy(copy_id=copy.pk)
        return redirect("notices:copy_stop", token)
    return render(request, "notices/copy_stop.html", {"copy": copy})


def _about(copies: Any) -> Any:  # a queryset of copies
    return copies.select_related("request", "entity").defer("request__aoi", "request__operator_aoi")

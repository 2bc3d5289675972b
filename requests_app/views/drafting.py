from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.models import User
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.features import map_area, map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.forms import NewRequestForm, RequestForm, initial_of
from requests_app.intake.selectors import earlier_requests, preview
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.selectors import (
    available_transitions,
    request_page,
)
from requests_app.transitions import TransitionRefused
from requests_app.views.area import area_given, kept_area
from requests_app.views.reading import may_edit


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    given = area_given(request)
    area = given.area
    form = NewRequestForm(
        request.POST or None,
        request.FILES or None,
        user=request.user,
        area=area,
        earlier=earlier_requests(request.user),
    )
    given.tell(form)
    if request.method == "POST" and form.is_valid() and area is not None:
        saved = _saved_draft(request, form, area)
        if saved is not None:
            is_emergency = form.cleaned_data["is_emergency"] == "yes"
            return redirect("emergency" if is_emergency else saved)
    context = {
        "form": form,
        "form_key": next_form_key(request, form),
        "area": area,
        "given_by": given.given_by,
        "map_area": map_of_upload(area),
    }
    return render(request, "requests_app/form.html", context)


def _saved_draft(
    request: AuthenticatedRequest, form: NewRequestForm, area: UploadedArea
) -> ImageryRequest | None:
    try:
        draft = intake.draft_of(
            user=request.user,
            entity=form.chosen_on_behalf.entity,
            mandate=form.chosen_on_behalf.mandate,
            sensor=form.cleaned_data["sensor"],
            area=area,
            answers=form.answers,
        )
        key = form_key(request) or uuid4()
        return intake.send_form(key=key, user=request.user, draft=draft, area=area)
    except TransitionRefused as error:
        put_refusals(form, error)
    except DomainError as error:
        put_refusals(form, error, field=form.area_field)
    return None


def form_key(request: AuthenticatedRequest) -> UUID | None:
    """Of the page that a form was sent from, or that is looked for again by its address."""
    try:
        return UUID(request.POST.get("form_key") or request.GET.get("form", ""))
    except ValueError:
        return None


def next_form_key(request: AuthenticatedRequest, form: NewRequestForm) -> UUID:
    """The same while a form is being mended; another where it has become a request already."""
    is_over = form.has_error(NON_FIELD_ERRORS, "form_already_sent")
    return (None if is_over else form_key(request)) or uuid4()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    _demand_edit(imagery_request, request.user)
    given = area_given(request)
    form = RequestForm(
        request.POST or None,
        request.FILES or None,
        area=given.area,
        keeps_area=True,
        entity_ids=[imagery_request.entity_id],
        earlier=earlier_requests(request.user),
        initial=initial_of(imagery_request),
    )
    given.tell(form)
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked and _is_changed(request, imagery_request, form, given.area):
        return redirect(imagery_request)
    context = {
        "form": form,
        "area": given.area,
        "given_by": given.given_by,
        "imagery_request": imagery_request,
        "map_area": map_of_upload(given.area) if given.area else map_area(imagery_request.aoi),
    }
    return render(request, "requests_app/form.html", context)


def _is_changed(
    request: AuthenticatedRequest,
    imagery_request: ImageryRequest,
    form: RequestForm,
    area: UploadedArea | None,
) -> bool:
    try:
        intake.update_draft(
            request_id=imagery_request.pk,
            user=request.user,
            sensor=form.cleaned_data["sensor"],
            answers=form.answers,
            area=area,
        )
    except DomainError as error:
        put_refusals(form, error)
        return False
    return True


@login_required
@require_POST
def price(request: AuthenticatedRequest) -> HttpResponse:
    """What the form answers while it is filled in, as soon as it says what is asked for and where.
    Without scripts, the page of the draft says the same."""
    area = kept_area(request)
    form = NewRequestForm(request.POST, user=request.user, area=area)
    form.is_valid()
    on_behalf = form.on_behalf_by_key.get(form.cleaned_data.get("on_behalf", ""))
    if area is None or on_behalf is None or not _says_what(form):
        return _priced(request, None)
    try:
        draft = intake.draft_of(
            user=request.user,
            entity=on_behalf.entity,
            mandate=on_behalf.mandate,
            sensor=form.cleaned_data["sensor"],
            area=area,
            answers=_answers_so_far(form),
        )
    except DomainError as refused:
        return _priced(request, None, refused)
    return _priced(request, draft)


@login_required
@require_POST
def price_of_change(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """The same for a request that is being changed: of its own area, unless another was read."""
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    _demand_edit(imagery_request, request.user)
    area = kept_area(request)
    form = RequestForm(
        request.POST, area=area, keeps_area=True, entity_ids=[imagery_request.entity_id]
    )
    form.is_valid()
    if not _says_what(form):
        return _priced(request, None)
    try:
        intake.take_answers(
            imagery_request,
            sensor=form.cleaned_data["sensor"],
            answers=_answers_so_far(form),
            area=area,
        )
    except DomainError as refused:
        return _priced(request, None, refused)
    return _priced(request, imagery_request)


def _demand_edit(imagery_request: ImageryRequest, user: User) -> None:
    if not may_edit(imagery_request, available_transitions(imagery_request, actor_of(user))):
        raise PermissionDenied


def _says_what(form: RequestForm) -> bool:
    return {"sensor", "request_kind", "acquisition_mode"} <= form.cleaned_data.keys()


def _answers_so_far(form: RequestForm) -> dict[str, Any]:
    return {name: form.cleaned_data.get(name) for name in intake.DRAFT_FIELDS}


def _priced(
    request: AuthenticatedRequest,
    draft: ImageryRequest | None,
    refused: DomainError | None = None,
) -> HttpResponse:
    seen = draft and preview(draft, user=request.user, on=timezone.localdate())
    context = {"preview": seen, "refusals": refused.refusals if refused else ()}
    return render(request, "requests_app/price.html", context)


@login_required
@require_POST
def copy(request: AuthenticatedRequest, number: str) -> HttpResponse:
    source = get_object_or_404(ImageryRequest.objects.visible_to(request.user), number=number)
    try:
        draft = intake.copy_once(
            key=form_key(request) or uuid4(), request_id=source.pk, user=request.user
        )
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect(source)
    return redirect(draft)

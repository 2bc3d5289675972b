from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.models import User
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.aoi.reading import bytes_of
from requests_app.features import map_area, map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.forms import NewRequestForm, RequestForm, initial_of
from requests_app.intake.selectors import preview
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.selectors import (
    available_transitions,
    request_page,
)
from requests_app.views.reading import may_edit

AREA_ID_MAXIMUM_DIGITS = 18


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    area, refused = _area_of(request)
    form = NewRequestForm(request.POST or None, request.FILES or None, user=request.user, area=area)
    if refused is not None:
        put_refusals(form, refused, field="area_file")
    if request.method == "POST" and form.is_valid() and area is not None:
        saved = _saved_draft(request, form, area)
        if saved is not None:
            is_emergency = form.cleaned_data["is_emergency"] == "yes"
            return redirect("emergency" if is_emergency else saved)
    context = {"form": form, "area": area, "map_area": map_of_upload(area)}
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
        return intake.create_draft(draft=draft, user=request.user)
    except DomainError as error:
        put_refusals(form, error, field="area_file")
        return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    _demand_edit(imagery_request, request.user)
    area, refused = _area_of(request)
    form = RequestForm(
        request.POST or None,
        request.FILES or None,
        area=area,
        keeps_area=True,
        entity_ids=[imagery_request.entity_id],
        initial=initial_of(imagery_request),
    )
    if refused is not None:
        put_refusals(form, refused, field="area_file")
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked and _is_changed(request, imagery_request, form, area):
        return redirect(imagery_request)
    context = {
        "form": form,
        "area": area,
        "imagery_request": imagery_request,
        "map_area": map_of_upload(area) if area else map_area(imagery_request.aoi),
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
def read_area(request: AuthenticatedRequest) -> HttpResponse:
    """What a form says of a file and shows of it as soon as it is chosen. Without scripts, the
    form says it when it is sent."""
    if "area_file" not in request.FILES:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    area, refused = _area_of(request)
    context = {
        "area": area,
        "refusals": refused.refusals if refused else (),
        "map_area": map_of_upload(area),
    }
    return render(request, "requests_app/area_read.html", context)


@login_required
@require_POST
def price(request: AuthenticatedRequest) -> HttpResponse:
    """What the form answers while it is filled in, as soon as it says what is asked for and where.
    Without scripts, the page of the draft says the same."""
    area = _kept_area(request)
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
    area = _kept_area(request)
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


def _area_of(request: AuthenticatedRequest) -> tuple[UploadedArea | None, DomainError | None]:
    """The area of this post: a new file, or the one kept when something else was wrong."""
    upload = request.FILES.get("area_file")
    if upload is not None:
        try:
            kept = intake.keep_area(
                user=request.user,
                data=bytes_of(upload),
                file_name=upload.name or "",
                layer=request.POST.get("layer", ""),
            )
        except DomainError as error:
            return None, error
        return kept, None
    area = _kept_area(request)
    if area is None or "swaps_axes" not in request.POST:
        return area, None
    try:
        return intake.swap_axes(user=request.user, area=area), None
    except DomainError as error:
        return area, error


def _kept_area(request: AuthenticatedRequest) -> UploadedArea | None:
    area_id = request.POST.get("area_id", "")
    if not area_id.isdecimal() or len(area_id) > AREA_ID_MAXIMUM_DIGITS:
        return None
    return UploadedArea.objects.visible_to(request.user).filter(pk=int(area_id)).first()


@login_required
@require_POST
def copy(request: AuthenticatedRequest, number: str) -> HttpResponse:
    source = get_object_or_404(ImageryRequest.objects.visible_to(request.user), number=number)
    draft = intake.copy(request_id=source.pk, user=request.user)
    return redirect(draft)

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.features import map_area, map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.forms import NewRequestForm, RequestForm, initial_of
from requests_app.intake.selectors import earlier_requests
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.selectors import request_page
from requests_app.transitions import TransitionRefused
from requests_app.views.area import area_given
from requests_app.views.asked import asked_so_far, asked_so_far_of, demand_edit, told_of


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
    is_check = "check" in request.POST
    if request.method == "POST" and not is_check and form.is_valid() and area is not None:
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
    if is_check:
        context |= told_of(asked_so_far(request.user, form, area), request.user)
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
    demand_edit(imagery_request, request.user)
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
    is_check = "check" in request.POST
    is_asked = request.method == "POST" and not is_check and form.is_valid()
    if is_asked and _is_changed(request, imagery_request, form, given.area):
        return redirect(imagery_request)
    context = {
        "form": form,
        "area": given.area,
        "given_by": given.given_by,
        "imagery_request": imagery_request,
        "map_area": map_of_upload(given.area) if given.area else map_area(imagery_request.aoi),
    }
    if is_check:
        context |= told_of(asked_so_far_of(imagery_request, form, given.area), request.user)
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

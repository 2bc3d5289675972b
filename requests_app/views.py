from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.models import User
from eligibility.selectors import actor_of
from licences.selectors import licences_of_request
from orbitrage.shared.errors import DomainError
from requests_app.actions import ACTIONS, Action, moves_of
from requests_app.aoi.reading import bytes_of
from requests_app.features import (
    areas_of,
    delivered_items,
    map_area,
    may_take_order_file,
    order_file,
    request_features,
)
from requests_app.filters import RequestFilter
from requests_app.intake import services as intake
from requests_app.intake.forms import NewRequestForm, RequestForm, initial_of
from requests_app.intake.selectors import preview
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.pending import moves_now, open_offer, open_question
from requests_app.selectors import (
    AvailableTransition,
    attribution_of,
    available_transitions,
    cell_queue,
    items_open_to,
    open_data_links,
    plan_of,
    pressures_of,
    pressures_on,
    related_requests,
    request_list,
    request_page,
)
from requests_app.story import story_of
from requests_app.transitions import wrong_state
from requests_app.workflow import State, is_possible

AREA_ID_MAXIMUM_DIGITS = 18


class AuthenticatedRequest(HttpRequest):
    user: User


def add_refusals(form: Any, error: DomainError, field: str | None = None) -> None:
    """Put what a service refused on the form, code and all."""
    form.add_error(field, [ValidationError(r.message, r.code) for r in error.refusals])


@login_required
@require_safe
def request_index(request: AuthenticatedRequest) -> HttpResponse:
    actor = actor_of(request.user)
    wanted = RequestFilter(request.GET)
    rows = request_list(user=request.user, actor=actor)
    page = Paginator(wanted.apply(rows, actor), 50).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "filter": wanted,
        "waiting": rows.awaiting_answer_of(actor).count(),
        "is_officer": actor.is_officer,
    }
    return render(request, "requests_app/list.html", context)


@login_required
@require_safe
def queue(request: AuthenticatedRequest) -> HttpResponse:
    actor = actor_of(request.user)
    if not actor.is_officer:
        raise Http404
    wanted = RequestFilter(request.GET)
    rows = wanted.apply(cell_queue(user=request.user, actor=actor), actor)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    waiting = rows.awaiting_cell().count()
    context = {
        "page_obj": page,
        "filter": wanted,
        "waiting": waiting,
        "elsewhere": page.paginator.count - waiting,
        "pressures": pressures_of(actor),
    }
    return render(request, "requests_app/queue.html", context)


@login_required
@require_safe
def detail(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    context = page_context(imagery_request, request.user)
    return render(request, "requests_app/detail.html", context)


def page_context(imagery_request: ImageryRequest, user: User) -> dict[str, Any]:
    """What the page of a request shows, and the pages of its moves repeat beside the form."""
    actor = actor_of(user)
    available = available_transitions(imagery_request, actor)
    is_draft = imagery_request.state == State.DRAFT
    delivered = delivered_items(imagery_request)
    plan = plan_of(imagery_request)
    return {
        "imagery_request": imagery_request,
        "moves": moves_now(imagery_request, moves_of(imagery_request, available), plan),
        "question": open_question(imagery_request),
        "offer": open_offer(imagery_request, actor),
        "may_copy": imagery_request.entity_id in actor.entity_ids | actor.mandated_for,
        "preview": (
            preview(imagery_request, user=user, on=timezone.localdate()) if is_draft else None
        ),
        "related": related_requests(imagery_request, user) if is_draft else [],
        "features": request_features(imagery_request),
        "areas": areas_of(imagery_request),
        "may_take_order_file": may_take_order_file(imagery_request, actor),
        "delivered": delivered,
        "items_open_to_reader": items_open_to(user, delivered),
        "plan": plan,
        "open_data_links": open_data_links(imagery_request),
        "attribution": attribution_of(imagery_request),
        "story": story_of(imagery_request, actor),
        "licences": licences_of_request(imagery_request.number, user),
        "may_edit": imagery_request.state in (State.DRAFT, State.INFORMATION_REQUESTED)
        and any(found.name in ("submit", "submit_open_data", "answer") for found in available),
    }


@login_required
@require_safe
def order_area(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """The polygon to order, as a file for whoever enters it at the operator's."""
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    if not may_take_order_file(imagery_request, actor_of(request.user)):
        raise PermissionDenied
    return JsonResponse(
        order_file(imagery_request),
        content_type="application/geo+json",
        headers={"Content-Disposition": f'attachment; filename="{imagery_request.number}.geojson"'},
    )


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
    if is_asked and _done(request, imagery_request, action, form):
        return redirect(imagery_request)
    if available is None:
        return _closed(request, imagery_request, transition)
    context = page_context(imagery_request, request.user)
    context |= {
        "form": form,
        "action": action,
        "transition": available,
        "pressures": pressures_on(imagery_request),
    }
    return render(request, action.template, context, status=409 if _is_refused(form) else 200)


def _available(
    imagery_request: ImageryRequest, user: User, transition: str
) -> AvailableTransition | None:
    found = available_transitions(imagery_request, actor_of(user))
    return next((candidate for candidate in found if candidate.name == transition), None)


def _is_refused(form: Any) -> bool:
    return form.is_bound and bool(form.non_field_errors())


def _closed(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, transition: str
) -> HttpResponse:
    """The move is not open: to this person, or to anybody because the request has moved on."""
    if is_possible(imagery_request, transition):
        raise PermissionDenied
    actor = actor_of(request.user)
    messages.warning(request, wrong_state(imagery_request, actor).message)
    if request.method != "POST":
        return redirect(imagery_request)
    context = page_context(imagery_request, request.user)
    return render(request, "requests_app/detail.html", context, status=HTTPStatus.CONFLICT)


def _done(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, action: Action, form: Any
) -> bool:
    try:
        action.service(request_id=imagery_request.pk, user=request.user, **form.cleaned_data)
    except DomainError as error:
        add_refusals(form, error)
        return False
    messages.success(request, str(action.done))
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponse:
    area, refused = _area_of(request)
    form = NewRequestForm(request.POST or None, request.FILES or None, user=request.user, area=area)
    if refused is not None:
        add_refusals(form, refused, "area_file")
    if request.method == "POST" and form.is_valid() and area is not None:
        saved = _saved_draft(request, form, area)
        if saved is not None:
            is_emergency = form.cleaned_data["is_emergency"] == "yes"
            return redirect("emergency" if is_emergency else saved)
    context = {"form": form, "area": area, "map_area": map_area(area.geometry if area else None)}
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
        add_refusals(form, error, "area_file")
        return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    context = page_context(imagery_request, request.user)
    if not context["may_edit"]:
        raise PermissionDenied
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
        add_refusals(form, refused, "area_file")
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked and _is_changed(request, imagery_request, form, area):
        return redirect(imagery_request)
    shown = area.geometry if area is not None else imagery_request.aoi
    context = {
        "form": form,
        "area": area,
        "imagery_request": imagery_request,
        "map_area": map_area(shown),
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
        add_refusals(form, error)
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
        "map_area": map_area(area.geometry if area else None),
    }
    return render(request, "requests_app/area_read.html", context)


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
    area_id = request.POST.get("area_id", "")
    if not area_id.isdecimal() or len(area_id) > AREA_ID_MAXIMUM_DIGITS:
        return None, None
    return UploadedArea.objects.visible_to(request.user).filter(pk=int(area_id)).first(), None


@login_required
@require_POST
def copy(request: AuthenticatedRequest, number: str) -> HttpResponse:
    source = get_object_or_404(ImageryRequest.objects.visible_to(request.user), number=number)
    draft = intake.copy(request_id=source.pk, user=request.user)
    return redirect(draft)

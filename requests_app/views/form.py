"""The pages on which a request is written: a first one in two depths, and its changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.features import MapArea, map_area, map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.beside_form import beside
from requests_app.intake.forms import NewRequestForm, RequestForm, initial_of
from requests_app.intake.new_form import Depth, value_of
from requests_app.intake.selectors import earlier_requests, unfinished_forms
from requests_app.intake.services import CoRequesterRefused, FormRefused
from requests_app.models import ImageryRequest, UnfinishedForm, UploadedArea
from requests_app.selectors import request_page
from requests_app.transitions import TransitionRefused
from requests_app.views.area import AreaGiven, area_given, kept_area
from requests_app.views.asked import asked_so_far, asked_so_far_of, demand_edit, told_of
from requests_app.views.unfinished import FormPage, keep, kept_through_sign_in

METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Shown:
    """What a page of a form shows. ``page`` None: it was not sent by a page of ours."""

    form: RequestForm
    page: FormPage
    given: AreaGiven
    imagery_request: ImageryRequest | None = None
    unfinished: tuple[UnfinishedForm, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


def _render(request: AuthenticatedRequest, shown: Shown) -> HttpResponse:
    area, imagery_request = shown.given.area, shown.imagery_request
    context = {
        "form": shown.form,
        "form_page": shown.page,
        "form_key": shown.page.key,
        "area": area,
        "given_by": shown.given.given_by,
        "imagery_request": imagery_request,
        "map_area": _map_of(area, imagery_request),
        "beside": beside(shown.form, user=request.user),
        "unfinished": shown.unfinished,
        "refusals": _unsaid(shown),
    }
    return render(request, "requests_app/form.html", {**context, **shown.told})


def _map_of(area: UploadedArea | None, imagery_request: ImageryRequest | None) -> MapArea:
    if area is None and imagery_request is not None:
        return map_area(imagery_request.aoi)
    return map_of_upload(area)


def _unsaid(shown: Shown) -> tuple[Any, ...]:
    """Why the area is refused, where no form that was sent says it."""
    refused = shown.given.refused
    return () if shown.form.is_bound or refused is None else refused.refusals


# --- A first request ------------------------------------------------------------------------------


@kept_through_sign_in
@login_required
@require_http_methods(METHODS)
def new(request: AuthenticatedRequest) -> HttpResponse:
    return _new_sent(request) if request.method == "POST" else _new_opened(request)


def _new_opened(request: AuthenticatedRequest) -> HttpResponse:
    unfinished = unfinished_forms(request.user)
    kept = _asked_for(request, unfinished)
    if kept is None:
        begun = {"depth": request.GET["depth"]} if "depth" in request.GET else {}
        form = _new_form(request, initial=begun)
        page = FormPage.opened(request, request.user)
        shown = Shown(form, page, AreaGiven(), None, tuple(unfinished))
        return _render(request, shown)
    form = _new_form(request, area=kept.area, initial=_begun(kept))
    return _render(request, Shown(form, FormPage.of_kept(kept, request.user), _given_of(kept)))


def _new_form(request: AuthenticatedRequest, *args: Any, **options: Any) -> NewRequestForm:
    earlier = earlier_requests(request.user)
    return NewRequestForm(*args, user=request.user, earlier=earlier, **options)


def _new_sent(request: AuthenticatedRequest) -> HttpResponse:
    given = area_given(request)
    form = _new_form(request, request.POST, request.FILES, area=given.area)
    page, conflict = _kept(request, given)
    if "to_depth" in request.POST:
        begun = form.in_depth(
            Depth.EXPERT if "expert" in request.POST["to_depth"] else Depth.SIMPLE
        )
        turned = _new_form(request, area=given.area, initial=begun)
        return _render(request, Shown(turned, page, given))
    if request.POST.get("is_emergency") == "yes":
        return redirect(f"{reverse('emergency')}?{urlencode({'form': page.key})}")
    given.tell(form)
    _say_conflict(form, conflict)
    if "check" in request.POST:
        told = told_of(asked_so_far(request.user, form, given.area), request.user)
        return _render(request, Shown(form, page, given, told=told))
    if form.is_valid() and given.area is not None:
        saved = _saved_draft(request, form, given.area, page)
        if saved is not None:
            intake.forget_form(key=page.key, user=request.user)
            return redirect(saved)
    if form.has_error(NON_FIELD_ERRORS, "form_already_sent"):
        page = FormPage.fresh(request.user)
    if form.has_errors_unseen:
        form.shown_depth = Depth.EXPERT
    return _render(request, Shown(form, page, given))


def _saved_draft(
    request: AuthenticatedRequest, form: NewRequestForm, area: UploadedArea, page: FormPage
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
        return intake.send_form(
            key=page.key,
            user=request.user,
            draft=draft,
            area=area,
            co_requesters=form.cleaned_data["co_requesters"],
        )
    except CoRequesterRefused as error:
        put_refusals(form, error, field="co_requesters")
    except TransitionRefused as error:
        put_refusals(form, error)
    except DomainError as error:
        put_refusals(form, error, field=form.area_field)
    return None


# --- Its changes ----------------------------------------------------------------------------------


@kept_through_sign_in
@login_required
@require_http_methods(METHODS)
def edit(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    demand_edit(imagery_request, request.user)
    if request.method == "POST":
        return _changes_sent(request, imagery_request)
    unfinished = unfinished_forms(request.user, request_id=imagery_request.pk)
    kept = _asked_for(request, unfinished)
    begun = initial_of(imagery_request) if kept is None else _begun(kept)
    form = _change_form(request, imagery_request, area=kept and kept.area, initial=begun)
    if kept is None:
        page, given, offered = FormPage.fresh(request.user), AreaGiven(), tuple(unfinished)
    else:
        page, given, offered = FormPage.of_kept(kept, request.user), _given_of(kept), ()
    return _render(request, Shown(form, page, given, imagery_request, offered))


def _change_form(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, *args: Any, **options: Any
) -> RequestForm:
    usual = {"initial": initial_of(imagery_request)}
    return RequestForm(
        *args,
        keeps_area=True,
        kept_aoi=imagery_request.aoi,
        entity_ids=[imagery_request.entity_id],
        earlier=earlier_requests(request.user),
        **(usual | options),
    )


def _changes_sent(request: AuthenticatedRequest, imagery_request: ImageryRequest) -> HttpResponse:
    given = area_given(request)
    form = _change_form(request, imagery_request, request.POST, request.FILES, area=given.area)
    page, conflict = _kept(request, given)
    if "to_depth" in request.POST:
        typed = {name: value_of(form.data, name) for name in form.fields if name in form.data}
        form = _change_form(request, imagery_request, area=given.area, initial=typed)
        return _render(request, Shown(form, page, given, imagery_request))
    given.tell(form)
    _say_conflict(form, conflict)
    if "check" in request.POST:
        told = told_of(asked_so_far_of(imagery_request, form, given.area), request.user)
        return _render(request, Shown(form, page, given, imagery_request, told=told))
    if form.is_valid() and _is_changed(request, imagery_request, form, given.area):
        intake.forget_form(key=page.key, user=request.user)
        return redirect(imagery_request)
    return _render(request, Shown(form, page, given, imagery_request))


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


# --- What both keep -------------------------------------------------------------------------------


def _asked_for(
    request: AuthenticatedRequest, unfinished: list[UnfinishedForm]
) -> UnfinishedForm | None:
    key = request.GET.get("form", "")
    return next((each for each in unfinished if str(each.key) == key), None)


def _begun(kept: UnfinishedForm) -> Mapping[str, Any]:
    return {name: value_of(kept.answers, name) for name in kept.answers}


def _given_of(kept: UnfinishedForm) -> AreaGiven:
    return AreaGiven(kept.area, value_of(kept.answers, "area_given_by"))


def _kept(request: AuthenticatedRequest, given: AreaGiven) -> tuple[FormPage, FormRefused | None]:
    """What was sent is kept first, whatever becomes of it. Where another window has changed it
    meanwhile, this one goes on apart; what is too long to be kept is not."""
    page = FormPage.sent(request)
    if page is None:
        return FormPage.fresh(request.user), None
    try:
        kept = keep(request, page, request.user, area=given.area)
    except FormRefused as refused:
        is_conflict = "form_changed_elsewhere" in refused.codes
        fresh = FormPage.fresh(request.user) if is_conflict else page
        return fresh, refused if is_conflict else None
    return FormPage.of_kept(kept, request.user), None


def _say_conflict(form: forms.Form, conflict: FormRefused | None) -> None:
    if conflict is not None:
        put_refusals(form, conflict)


@login_required
@require_POST
def choices(request: AuthenticatedRequest) -> HttpResponse:
    """What the form shows beside its questions, as soon as an answer changes it. Without scripts,
    the page says it when it is sent."""
    imagery_request = _form_request(request)
    area = kept_area(request)
    form: RequestForm = (
        NewRequestForm(request.POST, user=request.user, area=area)
        if imagery_request is None
        else _change_form(request, imagery_request, request.POST, area=area)
    )
    context = {"form": form, "beside": beside(form, user=request.user), "area": area}
    return render(request, "requests_app/beside_form.html", context)


def _form_request(request: AuthenticatedRequest) -> ImageryRequest | None:
    number = request.POST.get("form_request", "").replace("\0", "")
    return ImageryRequest.objects.visible_to(request.user).filter(number=number).first()

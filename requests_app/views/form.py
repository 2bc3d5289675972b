"""The pages on which a request is written: a first one in two depths, and its changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from requests_app.features import MapArea, map_area, map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import NewRequestForm, RequestForm
from requests_app.intake.forms.new_request import depth_of, value_of
from requests_app.intake.selectors.form import earlier_requests, unfinished_forms
from requests_app.intake.services import ChangedElsewhere, CoRequesterRefused, FormRefused
from requests_app.models import ImageryRequest, UnfinishedForm, UploadedArea
from requests_app.selectors import request_page
from requests_app.transitions import TransitionRefused
from requests_app.views.area import AreaGiven, area_given
from requests_app.views.choices import choices_shown
from requests_app.views.draft_so_far import asked_so_far, asked_so_far_of, demand_edit, told_of
from requests_app.views.unfinished import VERSION_DIGITS, FormPage, keep, kept_through_sign_in

METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Shown:
    """What a page of a form shows. ``version`` is that of the request that it changes, as whoever
    types there has seen it."""

    form: RequestForm
    page: FormPage
    given: AreaGiven
    imagery_request: ImageryRequest | None = None
    unfinished: tuple[UnfinishedForm, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None


def _render(request: AuthenticatedRequest, shown: Shown) -> HttpResponse:
    area, imagery_request = shown.given.area, shown.imagery_request
    context = {
        "form": shown.form,
        "form_page": shown.page,
        "area": area,
        "given_by": shown.given.given_by,
        "imagery_request": imagery_request,
        "request_version": shown.version,
        "map_area": _map_of(area, imagery_request),
        "beside": choices_shown(shown.form, user=request.user),
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
    shown = Shown(form, page, given)
    if "to_depth" in request.POST:
        return _render(request, replace(shown, form=_turned(request, form)))
    if request.POST.get("is_emergency") == "yes":
        return redirect(f"{reverse('emergency')}?{urlencode({'form': page.key})}")
    _tell(form, given, conflict)
    if "check" in request.POST:
        told = told_of(asked_so_far(form, given.area), request.user)
        return _render(request, replace(shown, told=told))
    return _new_saved(request, form, shown)


def _turned(request: AuthenticatedRequest, form: NewRequestForm) -> NewRequestForm:
    begun = form.in_depth(depth_of({"depth": request.POST["to_depth"]}))
    return _new_form(request, area=form.area, initial=begun)


def _new_saved(request: AuthenticatedRequest, form: NewRequestForm, shown: Shown) -> HttpResponse:
    area, page = shown.given.area, shown.page
    saved = _saved_draft(form, area, page) if form.is_valid() and area is not None else None
    if saved is not None:
        intake.forget_form(key=page.key, user=request.user)
        return redirect(saved)
    if form.has_error(NON_FIELD_ERRORS, "form_already_sent"):
        page = FormPage.fresh(request.user)
    form.open_where_wrong()
    return _render(request, replace(shown, page=page))


def _saved_draft(form: NewRequestForm, area: UploadedArea, page: FormPage) -> ImageryRequest | None:
    try:
        return intake.send_form(
            key=page.key,
            user=form.user,
            draft=form.draft(area=area, answers=form.answers),
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
    begun = None if kept is None else _begun(kept)
    form = _change_form(request, imagery_request, area=kept and kept.area, initial=begun)
    if kept is None:
        page, given, offered = FormPage.fresh(request.user), AreaGiven(), tuple(unfinished)
    else:
        page, given, offered = FormPage.of_kept(kept, request.user), _given_of(kept), ()
    version = imagery_request.answers_version if kept is None else _version_in(kept.answers)
    return _render(request, Shown(form, page, given, imagery_request, offered, version=version))


def _change_form(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, *args: Any, **options: Any
) -> RequestForm:
    earlier = earlier_requests(request.user)
    return RequestForm.of_change(imagery_request, *args, earlier=earlier, **options)


def _changes_sent(request: AuthenticatedRequest, imagery_request: ImageryRequest) -> HttpResponse:
    given = area_given(request)
    form = _change_form(request, imagery_request, request.POST, request.FILES, area=given.area)
    page, conflict = _kept(request, given)
    shown = Shown(form, page, given, imagery_request, version=_version_in(request.POST))
    if "to_depth" in request.POST:
        typed = {name: value_of(form.data, name) for name in form.fields if name in form.data}
        form = _change_form(request, imagery_request, area=given.area, initial=typed)
        return _render(request, replace(shown, form=form))
    _tell(form, given, conflict)
    if "check" in request.POST:
        told = told_of(asked_so_far_of(imagery_request, form, given.area), request.user)
        return _render(request, replace(shown, told=told))
    unsaved = _unsaved(request, shown) if form.is_valid() else shown
    if unsaved is not None:
        return _render(request, unsaved)
    intake.forget_form(key=page.key, user=request.user)
    return redirect(imagery_request)


def _unsaved(request: AuthenticatedRequest, shown: Shown) -> Shown | None:
    """What to show instead of the request; None once its changes are saved."""
    form, imagery_request = shown.form, shown.imagery_request
    assert imagery_request is not None  # the page is of its changes
    try:
        intake.update_draft(
            request_id=imagery_request.pk,
            user=request.user,
            sensor=form.cleaned_data["sensor"],
            answers=form.answers,
            area=shown.given.area,
            seen_version=shown.version,
        )
    except ChangedElsewhere as error:
        put_refusals(form, error)
        _say_what_differs(form, error)
        return replace(shown, version=error.version)
    except DomainError as error:
        put_refusals(form, error)
        return shown
    return None


def _say_what_differs(form: RequestForm, error: ChangedElsewhere) -> None:
    labels = [str(form.fields[name].label) for name in error.names if name in form.fields]
    if labels:
        message = _("Otherwise in the request by now: %(fields)s.")
        form.add_error(None, message % {"fields": ", ".join(labels)})


def _version_in(typed: Mapping[str, Any]) -> int | None:
    """That of the request as the page showed it; None where it does not say."""
    said = value_of(typed, "request_version")
    is_number = said.isdecimal() and len(said) <= VERSION_DIGITS
    return int(said) if is_number else None


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


def _tell(form: RequestForm, given: AreaGiven, conflict: FormRefused | None) -> None:
    given.tell(form)
    if conflict is not None:
        put_refusals(form, conflict)

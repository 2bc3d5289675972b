"""The panel beside the form of a request, and its one click: to ask only for what is not available
yet. Without scripts the form itself answers, with the panel in it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from eligibility.models import User
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import NewRequestForm, RequestForm
from requests_app.intake.forms.area import FIELDS, AreaForm
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.selectors import request_page
from requests_app.views.area import REMAINING, AreaGiven, kept_area, told
from requests_app.views.draft_so_far import (
    Asked,
    asked_so_far,
    asked_so_far_of,
    demand_edit,
    told_of,
)
from requests_app.views.form import edit, new


@login_required
@require_POST
def panel(request: AuthenticatedRequest) -> HttpResponse:
    """As soon as the form says what is asked for and where."""
    asked = _asked(request, kept_area(request))
    return render(request, "requests_app/panel/answer.html", told_of(asked, request.user))


@login_required
@require_POST
def panel_of_change(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = _found(request.user, number)
    asked = _asked_of(request, imagery_request, kept_area(request))
    context = told_of(asked, request.user) | {"imagery_request": imagery_request}
    return render(request, "requests_app/panel/answer.html", context)


@login_required
@require_POST
def take_remaining(request: AuthenticatedRequest) -> HttpResponse:
    """The part of the area that is not available yet becomes the area of the form."""
    area = kept_area(request)
    given = _remaining_given(request, _asked(request, area), area)
    if request.headers.get("HX-Request"):
        return told(request, _area_form(request), given)
    _put_into_form(request, given)
    return new(request)


@login_required
@require_POST
def take_remaining_of_change(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = _found(request.user, number)
    area = kept_area(request)
    given = _remaining_given(request, _asked_of(request, imagery_request, area), area)
    if request.headers.get("HX-Request"):
        return told(request, _area_form(request), given, imagery_request)
    _put_into_form(request, given)
    return edit(request, number)


def _found(user: User, number: str) -> ImageryRequest:
    imagery_request = get_object_or_404(request_page(user), number=number)
    demand_edit(imagery_request, user)
    return imagery_request


def _asked(request: AuthenticatedRequest, area: UploadedArea | None) -> Asked:
    form = NewRequestForm(request.POST, user=request.user, area=area)
    return asked_so_far(form, area)


def _asked_of(
    request: AuthenticatedRequest, imagery_request: ImageryRequest, area: UploadedArea | None
) -> Asked:
    form = RequestForm.of_change(imagery_request, request.POST, area=area)
    return asked_so_far_of(imagery_request, form, area)


def _area_form(request: AuthenticatedRequest) -> AreaForm:
    form = AreaForm(request.POST)
    form.is_valid()
    return form


def _remaining_given(
    request: AuthenticatedRequest, asked: Asked, area: UploadedArea | None
) -> AreaGiven:
    """Where it is refused, the area stays what it was."""
    unchanged = AreaGiven(area, request.POST.get("area_given_by", ""))
    if asked.draft is None:
        return unchanged
    try:
        return AreaGiven(intake.keep_remaining(user=request.user, draft=asked.draft), REMAINING)
    except DomainError as refused:
        return AreaGiven(unchanged.area, unchanged.given_by, refused)


def _put_into_form(request: AuthenticatedRequest, given: AreaGiven) -> None:
    """The form is shown again with that area, checked and not sent; what the area was given by
    before is gone from it."""
    typed = request.POST.copy()
    typed["check"] = "1"
    if given.refused is not None:
        messages.warning(request, str(given.refused))
    elif given.area is not None and given.given_by == REMAINING:
        for name in {*FIELDS.values(), "place_query"}:
            typed.pop(name, None)
        typed["area_id"], typed["area_given_by"] = str(given.area.pk), ""
    request.POST = typed  # type: ignore[assignment]  # never written to, by its type

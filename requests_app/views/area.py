"""The area of a form: read as soon as it is given, and once more when the form is sent."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from eligibility.models import User
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.forms import put_refusals
from orbitrage.shared.text import is_key
from requests_app.aoi.reading import AreaRefused
from requests_app.features import map_of_upload
from requests_app.intake import services as intake
from requests_app.intake.forms.area import AreaForm, AreaWay
from requests_app.intake.forms.places import PlacesForm
from requests_app.intake.given_area import keep_given_area
from requests_app.models import ImageryRequest, UploadedArea

REMAINING = "rest"
"""Given by the panel: what remains of an area that the fields of the form still give whole."""


@dataclass(frozen=True)
class AreaGiven:
    """What a post says of the area. ``given_by``: the way by which ``area`` was given."""

    area: UploadedArea | None = None
    given_by: str = ""
    refused: DomainError | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """What to choose from, where a file has several."""
        return self.refused.layers if isinstance(self.refused, AreaRefused) else ()

    def tell(self, form: AreaForm) -> None:
        """On the form: why the area is refused, and what to choose from."""
        if self.refused is not None:
            put_refusals(form, self.refused, field=form.area_field)
        form.offer_layers(self.layers)


def area_given(request: AuthenticatedRequest) -> AreaGiven:
    """The area that the chosen way gives; where it gives nothing, the one read before."""
    form = AreaForm(request.POST or None, request.FILES or None)
    kept = kept_area(request)
    if kept is not None and request.POST.get("area_given_by") == REMAINING:
        given = AreaGiven(kept, REMAINING)
    elif form.is_valid() and form.given:
        given = _read(request.user, form)
    elif form.is_valid() and _is_taken_back(request, form):
        given = AreaGiven()
    else:
        given = AreaGiven(kept, request.POST.get("area_given_by", ""))
    if "swaps_axes" in request.POST and given.area is not None and given.area.looks_swapped:
        return _with_axes_swapped(request.user, given, given.area)
    return given


def _with_axes_swapped(user: User, given: AreaGiven, area: UploadedArea) -> AreaGiven:
    try:
        return replace(given, area=intake.swap_axes(user=user, area=area))
    except DomainError as refused:
        return replace(given, refused=refused)


def _read(user: User, form: AreaForm) -> AreaGiven:
    try:
        return AreaGiven(keep_given_area(user=user, form=form), form.way)
    except DomainError as refused:
        return AreaGiven(refused=refused)


def _is_taken_back(request: AuthenticatedRequest, form: AreaForm) -> bool:
    """A drawing that was cleared is no area any more. A file is sent once: it stays."""
    return form.way != AreaWay.UPLOAD and form.way == request.POST.get("area_given_by")


def kept_area(request: AuthenticatedRequest) -> UploadedArea | None:
    """The area that was read before, by its key."""
    return UploadedArea.objects.visible_to(request.user).filter(pk=area_id_in(request) or 0).first()


def area_id_in(request: HttpRequest) -> int | None:
    area_id = request.POST.get("area_id", "")
    return int(area_id) if is_key(area_id) else None


@login_required
@require_POST
def read_area(request: AuthenticatedRequest) -> HttpResponse:
    """What a form says of an area and shows of it as soon as it is given. Without scripts, the
    form says it when it is sent."""
    form = AreaForm(request.POST, request.FILES)
    if not form.is_valid():
        return told(request, form, AreaGiven(refused=_faults(form)))
    if form.given:
        return told(request, form, _read(request.user, form))
    if _is_taken_back(request, form):
        return told(request, form, AreaGiven())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def told(
    request: AuthenticatedRequest,
    form: AreaForm,
    given: AreaGiven,
    imagery_request: ImageryRequest | None = None,
) -> HttpResponse:
    """What is said of the area, and its map, in place of what stands in the form."""
    form.offer_layers(given.layers)
    context = {
        "form": form,
        "area": given.area,
        "given_by": given.given_by,
        "refusals": given.refused.refusals if given.refused else (),
        "map_area": map_of_upload(given.area),
        "imagery_request": imagery_request,
        "is_focused": given.given_by == REMAINING,
    }
    return render(request, "requests_app/area_read.html", context)


def _faults(form: AreaForm) -> DomainError:
    faults = [fault for found in form.errors.as_data().values() for fault in found]
    return DomainError(*(Refusal(fault.code or "", " ".join(fault.messages)) for fault in faults))


@login_required
@require_safe
def places(request: AuthenticatedRequest) -> HttpResponse:
    """The places whose name begins as typed, to choose from, and those chosen already."""
    context = {"form": PlacesForm(request.GET), "is_fragment": True}
    return render(request, "requests_app/places_found.html", context)

"""Areas of interest, in each of the ways of the form; and what the form would say of them."""

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

import shapely
from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from django.utils.translation import override
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from orbitrage.shared.api.bodies import Body, body_of, form_input
from orbitrage.shared.api.problems import of_form, of_refused_file, valid
from orbitrage.shared.geo import bounds_of, to_shapely, vertices_of
from places.models import Place
from places.selectors import find_places
from requests_app.aoi.reading import AreaRefused, bytes_of
from requests_app.aoi.repair import faults_of
from requests_app.intake import services as intake
from requests_app.intake.forms.area import FIELDS, AreaForm, AreaWay
from requests_app.intake.forms.places import PLACES_MAXIMUM
from requests_app.intake.given_area import keep_given_area
from requests_app.models import UploadedArea

router = Router(tags=["areas"])
MADE = {
    "responses": {
        201: {
            "links": {
                name: {"operationId": name, "parameters": {"area_id": "$response.body#/id"}}
                for name in ("read_area", "swap_axes")
            }
        }
    }
}
PlaceKey = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
LayerName = Annotated[str, StringConstraints(max_length=200)]


class KeysField(forms.TypedMultipleChoiceField):
    """Of rows that were not found in this very form: whether they are there is for the service."""

    def valid_value(self, value: Any) -> bool:  # noqa: ARG002 - Django's
        return True


class KeyedAreaForm(AreaForm):
    """Places are named by their keys, which `list_places` tells."""

    area_place = KeysField(required=False, coerce=int)


with override("en"):
    GivenArea = body_of(
        "GivenArea",
        KeyedAreaForm,
        leave_out=("area_way", "area_file", "layer", "layer_of", "place_query"),
        others={
            "area_way": (
                Literal[tuple(way.value for way in AreaWay if way != AreaWay.UPLOAD)],
                Field(description=_("Which of the other fields gives the area.")),
            ),
            "area_place": (
                Annotated[list[PlaceKey], Field(max_length=PLACES_MAXIMUM)] | None,
                Field(None, description=_("Keys of places: several make one area.")),
            ),
        },
    )


class AreaOut(Schema):
    id: int
    file_name: str
    area_km2: str
    bbox: list[float]
    parts: int
    vertices: int
    repaired: bool
    repair_change_km2: str | None
    faults: list[str]
    looks_swapped: bool
    geometry: dict[str, Any]


def area_as_json(area: UploadedArea) -> dict[str, Any]:
    """``bbox`` west > east when it crosses the 180° meridian."""
    polygons = to_shapely(area.geometry)
    change_km2 = area.repair_change_km2
    return {
        "id": area.pk,
        "file_name": area.file_name,
        "area_km2": str(area.area_km2),
        "bbox": list(bounds_of(polygons)),
        "parts": int(shapely.get_num_geometries(polygons)),
        "vertices": vertices_of(polygons),
        "repaired": area.repaired,
        "repair_change_km2": None if change_km2 is None else str(change_km2),
        "faults": [str(fault) for fault in faults_of(area.faults or [])],
        "looks_swapped": area.looks_swapped,
        "geometry": json.loads(area.geometry.geojson),
    }


def area_made(keep: Callable[[], UploadedArea]) -> Status[dict[str, Any]]:
    """What ``keep`` has read and kept; its refusal is one of what was sent."""
    try:
        return Status(201, area_as_json(keep()))
    except AreaRefused as refused:
        raise of_refused_file(refused) from refused


@router.post(
    "/areas",
    auth=Bearer(Scope.AREAS),
    response={201: AreaOut},
    operation_id="check_area",
    url_name="areas",
    summary=_("Have the file of an area checked, and kept for a request"),
    description=_(
        "GeoJSON, KML, KMZ, zipped Shapefile, GeoPackage, FlatGeobuf or WKT, at most 20 MiB. What "
        "is kept is forgotten after seven days unless a request is made of it."
    ),
    openapi_extra=MADE,
)
def check_area(
    request: HttpRequest,
    file: File[UploadedFile],
    layer: LayerName = Form(""),  # type: ignore[type-arg]  # noqa: B008 — as `Form[…]`, ninja demands it
) -> Status[dict[str, Any]]:
    def keep() -> UploadedArea:
        return intake.keep_area(
            user=person_of(request),
            data=bytes_of(file),
            file_name=(file.name or "").replace("\x00", ""),
            layer=layer.replace("\x00", ""),
        )

    return area_made(keep)


@router.post(
    "/areas/given",
    auth=Bearer(Scope.AREAS),
    response={201: AreaOut},
    operation_id="give_area",
    url_name="given_areas",
    summary=_("Have an area checked that is given otherwise than by a file, and kept"),
    description=_(
        "Drawn or typed, by a Sentinel-2 tile, by places (their keys from list_places) or by an "
        "earlier request."
    ),
    openapi_extra=MADE,
)
def give_area(request: HttpRequest, body: GivenArea) -> Status[dict[str, Any]]:  # type: ignore[valid-type]  # made at run time
    data, _files = form_input(cast("Body", body).model_dump())
    form = valid(KeyedAreaForm(data))
    if not form.given:
        form.add_error(FIELDS[form.way], form.missing())
        raise of_form(form)
    return area_made(lambda: keep_given_area(user=person_of(request), form=form))


@router.post(
    "/areas/{int:area_id}/swap",
    auth=Bearer(Scope.AREAS),
    response={201: AreaOut},
    operation_id="swap_axes",
    url_name="area_swap",
    summary=_("The same area with latitude and longitude swapped, where they look so"),
    openapi_extra=MADE,
)
def swap_axes(request: HttpRequest, area_id: int) -> Status[dict[str, Any]]:
    user = person_of(request)
    area = get_object_or_404(UploadedArea.objects.visible_to(user), pk=area_id)
    return area_made(lambda: intake.swap_axes(user=user, area=area))


class PlaceOut(Schema):
    id: int
    name: str
    kind: str
    code: str
    parent: str
    area_km2: str


class PlacesOut(Schema):
    items: list[PlaceOut]


class PlaceFilters(Schema):
    name: str = Field("", max_length=100, description=_("Its beginning, or the official code."))


@router.get(
    "/places",
    auth=Bearer(Scope.READ),
    response=PlacesOut,
    operation_id="list_places",
    url_name="places",
    summary=_("The places whose name begins so, the nearest to it first"),
)
def list_places(request: HttpRequest, wanted: Query[PlaceFilters]) -> dict[str, Any]:  # noqa: ARG001 — ninja knows it by this name
    return {"items": [place_as_json(place) for place in find_places(wanted.name)]}


def place_as_json(place: Place) -> dict[str, Any]:
    return {
        "id": place.pk,
        "name": place.name,
        "kind": place.kind,
        "code": place.code,
        "parent": place.parent_label,
        "area_km2": str(place.area_km2),
    }


@router.get(
    "/areas/{int:area_id}",
    auth=Bearer(Scope.READ),
    response=AreaOut,
    operation_id="read_area",
    url_name="area",
    summary=_("An area that was checked and is still kept"),
)
def read_area(request: HttpRequest, area_id: int) -> dict[str, Any]:
    mine = UploadedArea.objects.visible_to(person_of(request))
    return area_as_json(get_object_or_404(mine, pk=area_id))

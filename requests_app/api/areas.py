"""Areas of interest: a file in, what the upload form would say of it out."""

import json
from typing import Annotated, Any

import shapely
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import StringConstraints

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from orbitrage.shared.api.problems import of_refused_file
from orbitrage.shared.geo import bounds_of, to_shapely, vertices_of
from requests_app.aoi.reading import AreaRefused, bytes_of
from requests_app.intake import services as intake
from requests_app.models import UploadedArea

router = Router(tags=["areas"])
LayerName = Annotated[str, StringConstraints(max_length=200)]


class AreaOut(Schema):
    id: int
    file_name: str
    area_km2: str
    bbox: list[float]
    parts: int
    vertices: int
    repaired: bool
    repair_change_km2: str | None
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
        "geometry": json.loads(area.geometry.geojson),
    }


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
    openapi_extra={
        "responses": {
            201: {
                "links": {
                    "read_area": {
                        "operationId": "read_area",
                        "parameters": {"area_id": "$response.body#/id"},
                    }
                }
            }
        }
    },
)
def check_area(
    request: HttpRequest,
    file: File[UploadedFile],
    layer: Form[LayerName] = "",
) -> Status[dict[str, Any]]:
    try:
        kept = intake.keep_area(
            user=person_of(request),
            data=bytes_of(file),
            file_name=(file.name or "").replace("\x00", ""),
            layer=layer.replace("\x00", ""),
        )
    except AreaRefused as refused:
        raise of_refused_file(refused) from refused
    return Status(201, area_as_json(kept))


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

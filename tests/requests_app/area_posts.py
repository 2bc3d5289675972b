"""What tests of the ways to give an area post, and read of the answers."""

import io
import zipfile
from typing import Any

import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.requests_app import world

SQUARE = shapely.box(1.3, 43.5, 1.38, 43.58)
CORNERS = "1.3 43.5\n1.38 43.5\n1.38 43.58\n1.3 43.58"
WKT = "POLYGON ((1.3 43.5, 1.38 43.5, 1.38 43.58, 1.3 43.58, 1.3 43.5))"


def answers(programme: world.Programme, **area: Any) -> dict[str, Any]:
    """A whole form but for its area."""
    typed = {name: value for name, value in world.ANSWERS.items() if value not in (None, False)}
    return typed | area | {
        "sensor": programme.sensor.pk,
        "on_behalf": f"{programme.entity.pk}-0",
        "is_emergency": "no",
    }  # fmt: skip


def send_form(client, programme: world.Programme, **area: Any):
    typed = answers(programme, **area)
    return client.post(reverse("requests:new"), typed, headers={"accept-language": "en"})


def send_area(client, **area: Any):
    """As the page does as soon as an area is given."""
    return client.post(reverse("requests:read_area"), area, headers={"accept-language": "en"})


def errors(response) -> dict[str, list[str]]:
    found = response.context["form"].errors.as_data()
    return {name: [fault.code for fault in faults] for name, faults in found.items()}


def two_layers(name: str = "areas.zip") -> SimpleUploadedFile:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("north.geojson", shapely.to_geojson(shapely.box(1, 44, 1.1, 44.1)))
        archive.writestr("south.geojson", shapely.to_geojson(shapely.box(1, 43, 1.1, 43.1)))
    return SimpleUploadedFile(name, packed.getvalue())

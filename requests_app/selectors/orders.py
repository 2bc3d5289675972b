"""What the operator is asked for."""

from decimal import Decimal

from orbitrage.shared.plain import plain
from requests_app.aoi.operator_area import OperatorArea, operator_area
from requests_app.models import (
    ImageryRequest,
    RequestKind,
)


def order_area(request: ImageryRequest, wkb: bytes) -> OperatorArea:
    """The polygon to send to the operator for an area (EPSG:4326), within its limits."""
    minimum_area_km2, minimum_width_km = _order_limits(request)
    return operator_area(
        wkb,
        minimum_area_km2=minimum_area_km2,
        minimum_width_km=minimum_width_km,
        maximum_vertices=request.sensor.maximum_vertices,
    )


def order_area_within(request: ImageryRequest) -> OperatorArea:
    """That of an order which joins another: as it was asked for, with no minimum of its own."""
    vertices = request.sensor.maximum_vertices
    return operator_area(bytes(request.aoi.wkb), maximum_vertices=vertices)


def _order_limits(request: ImageryRequest) -> tuple[Decimal | None, Decimal | None]:
    sensor = request.sensor
    match request.request_kind:
        case RequestKind.TASKING:
            return sensor.tasking_minimum_area_km2, sensor.tasking_minimum_width_km
        case RequestKind.ARCHIVE:
            return sensor.archive_minimum_area_km2, sensor.archive_minimum_width_km
        case _:
            return None, None


ORDER_CHOICES = (
    "acquisition_mode",
    "base_to_height_minimum",
    "base_to_height_maximum",
    "acquisition_dates",
    "interval_days",
    "archive_scenes",
    "maximum_cloud_percent",
    "maximum_incidence_deg",
    "spectral_mode",
    "processing_level",
    "radiometry",
    "bit_depth",
    "file_format",
    "ordered_with",
)


def order_choices(request: ImageryRequest) -> dict[str, object]:
    """What the operator is asked for, as JSON; what was left open is left out."""
    chosen = {name: getattr(request, name) for name in ORDER_CHOICES}
    return {name: plain(value) for name, value in chosen.items() if value not in (None, [], "")}

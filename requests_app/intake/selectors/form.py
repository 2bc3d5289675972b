"""What the page of a form proposes, and what was begun there."""

from datetime import date

from django.contrib.gis.geos import MultiPolygon
from django.db.models import F, Q

from eligibility.models import User
from orbitrage.shared.geo import bounds_of, to_shapely
from requests_app.models import CloudAdvice, ImageryRequest, OrderPreset, UnfinishedForm

_EARLIER_PROPOSED = 20


def earlier_requests(user: User) -> list[tuple[str, str]]:
    """Numbers and titles of the latest that ``user`` may see: an area may be taken from them."""
    latest = ImageryRequest.objects.visible_to(user).order_by("-pk")
    return list(latest.values_list("number", "title")[:_EARLIER_PROPOSED])


def presets_in_force(on: date) -> list[OrderPreset]:
    """What the simple form proposes: of sensors that may be asked for."""
    rows = OrderPreset.objects.in_force(on).filter(sensor__is_offered=True)
    return list(rows.select_related("sensor").order_by("rank", "code"))


def cloud_advice(aoi: MultiPolygon, on: date) -> CloudAdvice | None:
    """The least share of clouds that it is wise to accept in the middle of the area: as its region
    has it, else its latitude. A bound belongs to the band that begins there, the pole to the last.
    """
    longitude_deg, latitude_deg = _middle_deg(aoi)
    around = Q(west_deg__isnull=True) | Q(
        west_deg__lte=longitude_deg,
        east_deg__gte=longitude_deg,
        south_deg__lte=latitude_deg,
        north_deg__gte=latitude_deg,
    )
    rows = CloudAdvice.objects.in_force(on).filter(
        around, latitude_from_deg__lte=abs(latitude_deg), latitude_to_deg__gte=abs(latitude_deg)
    )
    narrowest_first = (F("west_deg").asc(nulls_last=True), "-latitude_from_deg", "code")
    return rows.order_by(*narrowest_first).first()


def _middle_deg(aoi: MultiPolygon) -> tuple[float, float]:
    """Longitude and latitude; an area across the 180° meridian lies where it is, not in Africa."""
    west, south, east, north = bounds_of(to_shapely(aoi))
    middle = (west + east + (360 if west > east else 0)) / 2
    return (middle + 180) % 360 - 180, (south + north) / 2


def unfinished_forms(user: User, *, request_id: int | None = None) -> list[UnfinishedForm]:
    """What ``user`` has begun to type and not sent: of a first request, or of changes to one."""
    return list(UnfinishedForm.objects.visible_to(user).filter(request_id=request_id))

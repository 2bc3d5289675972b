"""A request as GeoJSON, for the map of its page."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from django.contrib.gis.geos import MultiPolygon, Point
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalogue.selectors import Coverage
from eligibility.permissions import Actor
from orbitrage.shared.geo import geodesic_area_km2, longest_side_km, to_shapely
from places.selectors import places_meeting
from quotas.amounts import say
from quotas.selectors import outside_circle
from requests_app.aoi.repair import faults_of
from requests_app.models import ImageryRequest, OfferState, RequestKind, UploadedArea
from requests_app.permissions import is_supply_officer
from requests_app.selectors import order_choices

Feature = dict[str, Any]


def request_features(request: ImageryRequest, covered: Coverage | None = None) -> dict[str, Any]:
    """A FeatureCollection: every area of the request, what of it is not ``covered`` yet, and what
    came."""
    features = [feature(area.geometry, area.role, area.label) for area in areas_of(request)]
    features += [
        feature(item.footprint, "item", item.identifier) for item in delivered_items(request)
    ]
    if covered is not None and covered.covered_km2 and covered.remaining is not None:
        features.append(feature(covered.remaining, "remaining", _("Not covered yet")))
    return {"type": "FeatureCollection", "features": features}


@dataclass(frozen=True)
class NamedArea:
    """One of the areas of a request, as its map and the caption of the map name it. ``change``: how
    it differs from what it was made of."""

    role: str
    label: str
    geometry: MultiPolygon
    area_km2: Decimal
    change: str = ""

    @property
    def extent(self) -> str:
        return extent_in_words(self.geometry)


def areas_of(request: ImageryRequest) -> list[NamedArea]:
    """What was asked for, what is granted or offered, what goes to the operator, if it is another,
    and what lies outside the visibility circle."""
    areas = [NamedArea("aoi", _("Area asked for"), request.aoi, request.area_km2)]
    if request.is_granted and request.granted_aoi is not None:
        area_km2 = request.decided_area_km2
        areas.append(NamedArea("granted", _("Area granted"), request.granted_aoi, area_km2))
    areas += [
        NamedArea("offer", _("Area offered"), offer.aoi, offer.area_km2)
        for offer in request.offers.all()
        if offer.state == OfferState.OPEN
    ]
    if request.operator_area_km2 != request.decided_area_km2:
        areas.append(_sent_to_the_operator(request))
    return areas + _outside(request)


def _sent_to_the_operator(request: ImageryRequest) -> NamedArea:
    is_decided = request.is_granted or request.is_offered
    decided = (request.granted_aoi if is_decided else None) or request.aoi
    more = say(request.operator_area_km2 - request.decided_area_km2, "km2")
    before, after = _corner_count(decided), _corner_count(request.operator_aoi)
    if before == after:
        change = _("%(more)s more.") % {"more": more}
    else:
        told = _("%(more)s more, with %(after)s corners instead of %(before)s.")
        change = told % {"more": more, "after": _whole(after), "before": _whole(before)}
    return NamedArea(
        "operator",
        _("Area sent to the operator"),
        request.operator_aoi,
        request.operator_area_km2,
        change,
    )


def _whole(count: int) -> str:
    return number_format(count, decimal_pos=0, use_l10n=True, force_grouping=True)


def _outside(request: ImageryRequest) -> list[NamedArea]:
    """The part of a tasking that the receiving station does not see."""
    if request.request_kind != RequestKind.TASKING:
        return []
    outside = outside_circle(
        sensor_id=request.sensor_id,
        aoi=request.granted_aoi or request.aoi,
        on=request.policy_on or timezone.localdate(),
    )
    if outside is None:
        return []
    area_km2 = geodesic_area_km2(to_shapely(outside))
    return [NamedArea("outside", _("Outside the visibility circle"), outside, area_km2)]


@dataclass(frozen=True)
class MapArea:
    """The area that a form is about, for its map and for whoever cannot see the map. ``geojson``
    is the text of a FeatureCollection; ``places``: departments and overseas territories it meets.
    """

    geojson: str
    extent: str
    places: str = ""


def map_area(geometry: MultiPolygon | None) -> MapArea:
    """Without an area, a map of nothing yet."""
    features = [] if geometry is None else [feature(geometry, "aoi", _("Area asked for"))]
    return MapArea(
        geojson=json.dumps({"type": "FeatureCollection", "features": features}),
        extent="" if geometry is None else extent_in_words(geometry),
        places="" if geometry is None else places_meeting(geometry),
    )


def map_of_upload(area: UploadedArea | None) -> MapArea:
    """What was read; and where it was mended, what was drawn and where the fault is."""
    if area is None or area.drawn is None:
        return map_area(area.geometry if area else None)
    crosses = _("The outline crosses itself here")
    features = [
        feature(area.drawn, "drawn", _("Outline as drawn")),
        feature(area.geometry, "aoi", _("Outline as mended")),
        # A point each: Leaflet binds no words to several in one.
        *(
            feature(Point(each.longitude, each.latitude), "fault", crosses)
            for each in faults_of(area.faults or [])
        ),
    ]
    return MapArea(
        geojson=json.dumps({"type": "FeatureCollection", "features": features}),
        extent=extent_in_words(area.geometry),
        places=places_meeting(area.geometry),
    )


def map_of_order(draft: ImageryRequest, covered: Coverage) -> MapArea | None:
    """What remains of the area, and what is ordered around it; None where both are the area."""
    features = []
    if draft.order_is_enlarged:
        label = _("Order of the operator's minimum")
        features.append(feature(draft.operator_aoi, "operator", label))
    if covered.covered_km2 and covered.remaining is not None:
        features.append(feature(covered.remaining, "remaining", _("Not covered yet")))
    if not features:
        return None
    features.append(feature(draft.aoi, "aoi", _("Area asked for")))
    return MapArea(
        geojson=json.dumps({"type": "FeatureCollection", "features": features}),
        extent=extent_in_words(draft.aoi),
    )


def may_take_order_file(request: ImageryRequest, actor: Actor) -> bool:
    return request.is_granted and is_supply_officer(request, actor)


def order_file(request: ImageryRequest) -> dict[str, Any]:
    """The polygon to order, as GeoJSON for the operator's own site."""
    polygon = feature(request.operator_aoi, "operator", request.number)
    polygon["properties"] |= {
        "area_km2": str(request.operator_area_km2),
        "sensor": request.sensor.name,
        **order_choices(request),
    }
    return {"type": "FeatureCollection", "features": [polygon]}


def delivered_items(request: ImageryRequest) -> list[Any]:
    """What came for the request, from the prefetched deliveries."""
    return [
        delivery.item
        for share in request.shares.all()
        for delivery in share.acquisition.deliveries.all()
    ]


def feature(geometry: MultiPolygon | Point, role: str, label: str) -> Feature:
    return {
        "type": "Feature",
        "geometry": json.loads(geometry.geojson),
        "properties": {"role": role, "label": label},
    }


def extent_in_words(geometry: MultiPolygon) -> str:
    """Bounding box in degrees and number of parts, for whoever cannot see the map."""
    west, south, east, north = (_degrees(value) for value in geometry.extent)
    parts = geometry.num_geom
    where = ngettext(
        "%(parts)s part, longitude %(west)s° to %(east)s°, latitude %(south)s° to %(north)s°.",
        "%(parts)s parts, longitude %(west)s° to %(east)s°, latitude %(south)s° to %(north)s°.",
        parts,
    ) % {"parts": parts, "west": west, "east": east, "south": south, "north": north}
    return f"{where} {_shape_in_words(geometry)}"


def _shape_in_words(geometry: MultiPolygon) -> str:
    """Corners, holes and the longest side: a square reads otherwise than a coast."""
    holes = _hole_count(geometry)
    corners = _corner_count(geometry)
    said = [ngettext("%(count)s corner", "%(count)s corners", corners) % {"count": _whole(corners)}]
    if holes:
        said.append(ngettext("%(count)s hole", "%(count)s holes", holes) % {"count": _whole(holes)})
    longest = number_format(f"{longest_side_km(to_shapely(geometry)):.1f}", use_l10n=True)
    said.append(_("longest side %(length)s km") % {"length": longest})
    return f"{', '.join(said)}."


def _corner_count(geometry: MultiPolygon) -> int:
    """The point that closes a ring is no corner of its own."""
    return geometry.num_points - geometry.num_geom - _hole_count(geometry)


def _hole_count(geometry: MultiPolygon) -> int:
    return sum(len(part.interiors) for part in shapely.get_parts(to_shapely(geometry)))


def _degrees(value: float) -> str:
    """To 0.001°, as the language writes it, without idle zeros."""
    return number_format(f"{value:.3f}".rstrip("0").rstrip("."), use_l10n=True)

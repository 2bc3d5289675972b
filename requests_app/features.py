"""A request as GeoJSON, for the map of its page."""

import json
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.models import ImageryRequest, OfferState

Feature = dict[str, Any]


def request_features(request: ImageryRequest) -> dict[str, Any]:
    """A FeatureCollection: the area, what goes to the operator, the open offer, what came."""
    features = [feature(request.aoi, "aoi", _("Area asked for"))]
    if request.operator_area_km2 > request.area_km2:
        features.insert(0, feature(request.operator_aoi, "operator", _("Sent to the operator")))
    features += [
        feature(offer.aoi, "offer", _("Area offered"))
        for offer in request.offers.all()
        if offer.state == OfferState.OPEN
    ]
    features += [
        feature(item.footprint, "item", item.identifier) for item in delivered_items(request)
    ]
    return {"type": "FeatureCollection", "features": features}


def delivered_items(request: ImageryRequest) -> list[Any]:
    """What came for the request, from the prefetched deliveries."""
    return [
        delivery.item
        for share in request.shares.all()
        for delivery in share.acquisition.deliveries.all()
    ]


def feature(geometry: MultiPolygon, role: str, label: str) -> Feature:
    return {
        "type": "Feature",
        "geometry": json.loads(geometry.geojson),
        "properties": {"role": role, "label": label},
    }


def extent_in_words(geometry: MultiPolygon) -> str:
    """Bounding box in degrees and number of parts, for whoever cannot see the map."""
    west, south, east, north = (_degrees(value) for value in geometry.extent)
    parts = geometry.num_geom
    return ngettext(
        "%(parts)s part, longitude %(west)s° to %(east)s°, latitude %(south)s° to %(north)s°.",
        "%(parts)s parts, longitude %(west)s° to %(east)s°, latitude %(south)s° to %(north)s°.",
        parts,
    ) % {"parts": parts, "west": west, "east": east, "south": south, "north": north}


def _degrees(value: float) -> str:
    """To 0.001°, as the language writes it, without idle zeros."""
    return number_format(f"{value:.3f}".rstrip("0").rstrip("."), use_l10n=True)

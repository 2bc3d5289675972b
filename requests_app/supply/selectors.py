"""What the supply side reads."""

from collections.abc import Iterable
from decimal import Decimal

import shapely
from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import MultiPolygon
from shapely.geometry.base import BaseGeometry

from catalogue.models import Item
from licences.kinds import kind_for
from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from quotas.models import Envelope
from requests_app.models import AcquisitionShare, Delivery, ImageryRequest


def delivered_km2(share: AcquisitionShare, request: ImageryRequest) -> Decimal:
    """Area of the granted AOI, in km², that all footprints delivered to the request cover together.

    Never more than what is granted: an edge cut in two is a longer geodesic, by some m².
    """
    covered = to_shapely(_granted(request)).intersection(_delivered_footprints(request))
    return min(_area_km2(covered), share.granted_km2)


def ordered_km2_under(share: AcquisitionShare, footprint: BaseGeometry) -> Decimal:
    """Area of the polygon that was ordered, in km², that one footprint (EPSG:4326) covers."""
    return _area_km2(to_shapely(share.acquisition.area).intersection(footprint))


def registered_identifiers(share: AcquisitionShare) -> set[str]:
    """Identifiers of the products that came for the share's order."""
    deliveries = Delivery.objects.filter(acquisition=share.acquisition_id)
    return set(deliveries.values_list("item__identifier", flat=True))


def served_km2(share: AcquisitionShare, request: ImageryRequest) -> Decimal:
    """Area of the granted AOI, in km², that was available when the request was submitted or has
    been delivered since: what it lacks to the whole did not come. At most what is granted."""
    granted, delivered = to_shapely(_granted(request)), _delivered_footprints(request)
    missing = shapely.Polygon() if request.missing_aoi is None else to_shapely(request.missing_aoi)
    return min(_area_km2(granted.difference(missing.difference(delivered))), share.granted_km2)


def has_images(request: ImageryRequest) -> bool:
    """Whether any of its orders brought something."""
    return Delivery.objects.filter(acquisition__shares__request=request).exists()


def _granted(request: ImageryRequest) -> MultiPolygon:
    return request.granted_aoi or request.aoi


def _delivered_footprints(request: ImageryRequest) -> BaseGeometry:
    """Union of the footprints of all that was delivered; an empty polygon before."""
    deliveries = Delivery.objects.filter(acquisition__shares__request=request)
    items = Item.objects.filter(pk__in=deliveries.values("item_id"))
    union = items.aggregate(union=Union("footprint"))["union"]
    return shapely.Polygon() if union is None else to_shapely(union)


def _area_km2(shape: BaseGeometry) -> Decimal:
    return Decimal(0) if shape.is_empty else geodesic_area_km2(shape)


def supply_contract_of(envelope_ids: Iterable[int]) -> str:
    """Reference of the contract behind the first of these envelopes that has one; else empty. A
    plan names those of its lines before that of its attempts."""
    wanted = list(envelope_ids)
    behind = Envelope.objects.filter(pk__in=wanted, contract__isnull=False)
    references = dict(behind.values_list("pk", "contract__reference"))
    return next((references[pk] for pk in wanted if pk in references), "")


def audience_of_delivery(request: ImageryRequest) -> list[str]:
    """Who may download what comes: the entity, and every member to whom the same kind of licence
    would be given. Both while their membership covers the request's sensor."""
    kind = kind_for(request.sensor.code, is_scientific=request.entity.category.is_scientific)
    return [f"entity:{request.entity_id}", f"licence:{kind}"]

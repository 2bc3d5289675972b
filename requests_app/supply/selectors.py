"""What the supply side reads."""

from decimal import Decimal

from django.contrib.gis.db.models import Union

from catalogue.models import Item
from licences.kinds import kind_for
from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from quotas.models import Envelope
from quotas.pricing import FundingPlan
from requests_app.models import AcquisitionShare, Delivery, ImageryRequest


def delivered_km2(share: AcquisitionShare, request: ImageryRequest) -> Decimal:
    """Area of the granted AOI, in km², that all footprints delivered to the request cover together.

    Never more than what is granted: an edge cut in two is a longer geodesic, by some m².
    """
    area = request.granted_aoi or request.aoi
    deliveries = Delivery.objects.filter(acquisition__shares__request=request)
    items = Item.objects.filter(pk__in=deliveries.values("item_id"))
    footprints = items.aggregate(union=Union("footprint"))["union"]
    if footprints is None:
        return Decimal(0)
    covered = to_shapely(area).intersection(to_shapely(footprints))
    if covered.is_empty:
        return Decimal(0)
    return min(geodesic_area_km2(covered), share.granted_km2)


def supply_contract_of(plan: FundingPlan) -> str:
    """Reference of the contract behind the plan's programme envelopes; empty when there is none."""
    envelope_ids = [envelope_id for line in plan.lines for envelope_id in line.envelope_ids]
    references = (
        Envelope.objects.filter(pk__in=envelope_ids, contract__isnull=False)
        .order_by("pk")
        .values_list("contract__reference", flat=True)
    )
    return references.first() or ""


def audience_of_delivery(request: ImageryRequest) -> list[str]:
    """Who may download what comes: the entity, and whoever holds a licence of the same kind."""
    kind = kind_for(request.sensor.code, request.entity.category.is_scientific)
    return [f"entity:{request.entity_id}", f"licence:{kind}"]

"""What the supply side reads."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal

import shapely
from shapely.geometry.base import BaseGeometry

from catalogue.models import Item
from licences.kinds import kind_for
from licences.models import Licence
from licences.selectors import latest_licence_of
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import to_shapely
from quotas.amounts import floor_area
from quotas.models import Envelope, SupplyContract
from quotas.selectors import charged_km2, consumed_by
from requests_app.images import Image, area_of, images_of
from requests_app.models import AcquisitionShare, Delivery, ImageryRequest, RequestKind
from requests_app.neighbours import has_order, is_still_near
from requests_app.selectors import decided_plan
from requests_app.supply import rules
from requests_app.supply.came import Came, dates_km2, scenes_km2


def delivered_km2(share: AcquisitionShare, request: ImageryRequest) -> Decimal:
    """Area granted, in km², that the footprints delivered to the request cover: all together or,
    where several images are granted, those of each image.

    Never more than what is granted: an edge cut in two is a longer geodesic, by some m².
    """
    images, products = _images(request), _products(request)
    if len(images) > 1:
        return min(_of_each_km2(request, images, products), share.granted_km2)
    covered = images[0].shape.intersection(_union(products))
    return min(area_of(covered), share.granted_km2)


def ordered_km2_under(share: AcquisitionShare, footprint: BaseGeometry) -> Decimal:
    """Area of the polygon that was ordered, in km², that one footprint (EPSG:4326) covers."""
    return area_of(to_shapely(share.acquisition.area).intersection(footprint))


def registered_identifiers(share: AcquisitionShare) -> set[str]:
    """Identifiers of the products that came for the share's order."""
    deliveries = Delivery.objects.filter(acquisition=share.acquisition_id)
    return set(deliveries.values_list("item__identifier", flat=True))


def served_km2(share: AcquisitionShare, request: ImageryRequest) -> Decimal:
    """Area granted, in km², that was available when the request was submitted or has been delivered
    since: what it lacks to the whole did not come. At most what is granted. Of several images
    nothing counts as available before."""
    return min(_served_by_km2(request, _products(request)), share.granted_km2)


def _served_by_km2(request: ImageryRequest, products: Sequence[Came]) -> Decimal:
    images = _images(request)
    if len(images) > 1:
        return _of_each_km2(request, images, products)
    missing = shapely.Polygon() if request.missing_aoi is None else to_shapely(request.missing_aoi)
    return area_of(images[0].shape.difference(missing.difference(_union(products))))


def refundable_km2(request: ImageryRequest, identifiers: Collection[str]) -> Decimal:
    """By how much less of what was granted would be served without these products, in km² as
    counted: what lies under another product that came, or was available before, stays useful. At
    most what is charged."""
    whole = _served_by_km2(request, _products(request))
    rest = _served_by_km2(request, _products(request, without=identifiers))
    counted = floor_area(max(whole - rest, Decimal(0)) * decided_plan(request).quota_multiplier)
    return min(counted, charged_on_quotas_km2(request))


def charged_on_quotas_km2(request: ImageryRequest) -> Decimal:
    """What stands charged, in km² as counted, those of a package too."""
    plan = decided_plan(request)
    of_packages_km2 = plan.package_km2(consumed_by(request.number))
    return charged_km2(request.number) + of_packages_km2 * plan.quota_multiplier


def has_images(request: ImageryRequest) -> bool:
    """Whether any of its orders brought something."""
    return Delivery.objects.filter(acquisition__shares__request=request).exists()


def _images(request: ImageryRequest) -> tuple[Image, ...]:
    if request.granted_aoi is None or request.granted_area_km2 is None:
        return images_of(request, aoi=request.aoi, area_km2=request.area_km2)
    return images_of(request, aoi=request.granted_aoi, area_km2=request.granted_area_km2)


def _products(request: ImageryRequest, *, without: Collection[str] = ()) -> list[Came]:
    deliveries = Delivery.objects.filter(acquisition__shares__request=request)
    items = Item.objects.filter(pk__in=deliveries.values("item_id")).exclude(identifier__in=without)
    found = items.order_by("pk").values_list("acquired_at", "footprint")
    return [Came(acquired_at, to_shapely(footprint)) for acquired_at, footprint in found]


def _union(products: Iterable[Came]) -> BaseGeometry:
    """An empty polygon before anything came."""
    return shapely.union_all([shapely.Polygon(), *(each.footprint for each in products)])


def _of_each_km2(
    request: ImageryRequest, images: Sequence[Image], products: Sequence[Came]
) -> Decimal:
    if request.request_kind == RequestKind.ARCHIVE:
        return scenes_km2(images, products)
    return dates_km2(images, products, interval_days=request.interval_days or 1)


def supply_contract_of(envelope_ids: Iterable[int]) -> str:
    """Reference of the contract behind the first of these envelopes that has one; else empty. A
    plan names those of its lines before that of its attempts."""
    wanted = list(envelope_ids)
    behind = Envelope.objects.filter(pk__in=wanted, contract__isnull=False)
    references = dict(behind.values_list("pk", "contract__reference"))
    return next((references[pk] for pk in wanted if pk in references), "")


def contract_of_order(request: ImageryRequest) -> SupplyContract | None:
    """That which its present order cites."""
    shares = AcquisitionShare.objects.filter(request=request).order_by("-pk")
    reference = shares.values_list("acquisition__supply_contract", flat=True).first()
    return SupplyContract.objects.filter(reference=reference).first() if reference else None


def contract_refusal(request: ImageryRequest, ends_on: date) -> Refusal | None:
    """Why the window of the order cannot go on to that day."""
    contract = contract_of_order(request)
    return rules.window_is_within_contract(
        ends_on=ends_on,
        present=request.window_ends_on,
        reference=contract.reference if contract else "",
        contract_ends_on=contract.ends_on if contract else None,
    )


def neighbour_refusal(request: ImageryRequest, *, again: bool = False) -> Refusal | None:
    """Why its order cannot leave within that of the neighbour it joins."""
    if not request.ordered_with:
        return None
    neighbour = ImageryRequest.objects.get(number=request.ordered_with)
    return rules.neighbour_stands(
        number=neighbour.number,
        state=str(neighbour.get_state_display()).lower(),
        has_order=has_order(neighbour),
        is_near=is_still_near(neighbour, request),
        again=again,
    )


def licence_refusal(request: ImageryRequest) -> Refusal | None:
    """Why nothing is ordered under the licence it has."""
    licence = latest_licence_of(request.number)
    if licence is None:
        return None
    return rules.licence_stands(
        number=licence.number,
        is_in_force=licence.state == Licence.State.ISSUED and not licence.is_expired,
        is_unsigned=licence.state == Licence.State.AWAITING,
    )


def audience_of_delivery(request: ImageryRequest) -> list[str]:
    """Who may download what comes: the entity, and every member to whom the same kind of licence
    would be given. Both while their membership covers the request's sensor."""
    kind = kind_for(request.sensor.code, is_scientific=request.entity.category.is_scientific)
    return [f"entity:{request.entity_id}", f"licence:{kind}"]

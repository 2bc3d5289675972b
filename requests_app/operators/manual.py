"""Orders that leave by mail: a person at the operator's enters them in the operator's system."""

import json

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from orbitrage.shared.plain import plain
from requests_app.models import Acquisition, AcquisitionState, ImageryRequest
from requests_app.selectors import order_choices


def place_order(acquisition_id: int) -> None:
    """Send the order and note that it is placed. Twice does no harm: the reference is the same."""
    acquisition = Acquisition.objects.select_related("sensor", "ordered_by").get(pk=acquisition_id)
    if acquisition.state != AcquisitionState.PLANNED:
        return
    with override("en"):
        order_message(acquisition).send()
    Acquisition.objects.filter(pk=acquisition.pk, state=AcquisitionState.PLANNED).update(
        state=AcquisitionState.PLACED,
        operator_reference=order_reference(acquisition),
        placed_at=timezone.now(),
    )


def order_reference(acquisition: Acquisition) -> str:
    return f"ORB-{acquisition.pk:06d}"


def order_message(acquisition: Acquisition) -> EmailMessage:
    """The order as a mail, its area and parameters attached as GeoJSON (EPSG:4326)."""
    reference = order_reference(acquisition)
    images, area_km2 = _request_of(acquisition).image_count, round(acquisition.area_km2, 2)
    message = EmailMessage(
        subject=_("Order %(reference)s, %(sensor)s, %(area)s km²")
        % {
            "reference": reference,
            "sensor": acquisition.sensor.name,
            "area": f"{images} × {area_km2}" if images > 1 else area_km2,
        },
        body=_("Please find attached the area and the parameters of this order."),
        to=[settings.ORBITRAGE_OPERATOR_EMAIL],
        reply_to=[acquisition.ordered_by.email],
        headers={"Message-ID": f"<order-{acquisition.pk}@{settings.ORBITRAGE_MAIL_DOMAIN}>"},
    )
    content = json.dumps(order_document(acquisition), ensure_ascii=False, indent=1)
    message.attach(f"{reference}.geojson", content, "application/geo+json")
    return message


def order_document(acquisition: Acquisition) -> dict[str, object]:
    """The order as a GeoJSON feature."""
    request = _request_of(acquisition)
    return {
        "type": "Feature",
        "geometry": json.loads(acquisition.area.geojson),
        "properties": {
            "reference": order_reference(acquisition),
            "customer_reference": request.number,
            "supply_contract": acquisition.supply_contract,
            "sensor": acquisition.sensor.code,
            "request_kind": acquisition.request_kind,
            "area_km2": str(acquisition.area_km2),
            "window_starts_on": plain(request.window_starts_on),
            "window_ends_on": plain(request.window_ends_on),
            **order_choices(request),
        },
    }


def _request_of(acquisition: Acquisition) -> ImageryRequest:
    """One request per acquisition in this version."""
    return acquisition.shares.select_related("request").get().request

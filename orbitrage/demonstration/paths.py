"""How a request gets to a state: the moves, each made by the person whose move it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import shapely
from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone

from eligibility.models import User
from orbitrage.demonstration.products import products_over
from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.selectors import available_items
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.supply.services import amendments


@dataclass(frozen=True)
class Walk:
    """A request on its way, with everybody who may move it."""

    request_id: int
    requester: User
    officers: Mapping[str, User]

    @property
    def request(self) -> ImageryRequest:
        return ImageryRequest.objects.select_related("sensor").get(pk=self.request_id)


def submit(walk: Walk) -> None:
    intake.submit(request_id=walk.request_id, user=walk.requester)


def cancel(walk: Walk) -> None:
    intake.cancel(request_id=walk.request_id, user=walk.requester)


def take(walk: Walk) -> None:
    review.take(request_id=walk.request_id, user=walk.officers["reviewer"])


def ask(walk: Walk) -> None:
    review.request_information(
        request_id=walk.request_id,
        user=walk.officers["reviewer"],
        question="À quelle échelle les images seront-elles exploitées ?",
    )


def recommend(walk: Walk) -> None:
    review.recommend(
        request_id=walk.request_id,
        user=walk.officers["reviewer"],
        opinion="Dossier complet, besoin clair, pas d'image récente au catalogue.",
        nationality_reviewed=True,
    )


def approve(walk: Walk) -> None:
    arbitration.approve(request_id=walk.request_id, user=walk.officers["arbitrator"])


def offer_centre(walk: Walk) -> None:
    """The middle of the area asked for, about a third of it."""
    arbitration.offer(
        request_id=walk.request_id,
        user=walk.officers["arbitrator"],
        polygon_wkb=bytes(centre_of(walk.request.aoi).wkb),
        note="L'enveloppe du trimestre ne permet pas de couvrir toute la zone.",
    )


def offer_with_its_price(walk: Walk) -> None:
    arbitration.offer(
        request_id=walk.request_id,
        user=walk.officers["arbitrator"],
        note="La part au-delà du quota est à la charge de l'entité.",
    )


def refuse(walk: Walk) -> None:
    arbitration.refuse(
        request_id=walk.request_id,
        user=walk.officers["arbitrator"],
        reason="already_available",
        items=[each.item.identifier for each in available_items(walk.request)],
        text="Des images récentes de cette zone sont déjà au catalogue : voyez-les d'abord."
        " Vous pouvez contester cette décision auprès du secrétariat dans les deux mois.",
    )


def defer(walk: Walk) -> None:
    arbitration.defer(
        request_id=walk.request_id,
        user=walk.officers["arbitrator"],
        until=timezone.localdate() + timedelta(days=45),
        reason="Examen à la prochaine révision des quotas.",
    )


def order(walk: Walk) -> None:
    supply.order(request_id=walk.request_id, user=walk.officers["supply_officer"])


def deliver(walk: Walk) -> None:
    _deliver(walk, complete=True)


def deliver_a_part(walk: Walk) -> None:
    _deliver(walk, complete=False)


def _deliver(walk: Walk, *, complete: bool) -> None:
    products = products_over(
        walk.request, acquired_at=timezone.now() - timedelta(days=3), share=1 if complete else 0.6
    )
    supply.register_delivery(
        request_id=walk.request_id,
        user=walk.officers["supply_officer"],
        products=products,
        complete=complete,
    )


def accept(walk: Walk) -> None:
    deliveries.accept_delivery(request_id=walk.request_id, user=walk.requester)


def dispute(walk: Walk) -> None:
    deliveries.dispute(
        request_id=walk.request_id,
        user=walk.requester,
        reason="Nuages sur le tiers sud de la zone, au-delà de ce qui était demandé.",
    )


def propose_inadmissible(walk: Walk) -> None:
    review.propose_inadmissible(
        request_id=walk.request_id,
        user=walk.officers["reviewer"],
        opinion="L'usage décrit est commercial : hors du programme.",
    )


def fail(walk: Walk) -> None:
    supply.fail(
        request_id=walk.request_id,
        user=walk.officers["supply_officer"],
        reason="Couverture nuageuse persistante pendant toute la fenêtre.",
    )


def propose_amendment(walk: Walk) -> None:
    amendments.propose_amendment(
        request_id=walk.request_id,
        user=walk.officers["supply_officer"],
        change="Jusqu'à 15 % de nuages au lieu de 10 %.",
        operator_confirmation="OP-2026-0178",
    )


ARBITRATION = (submit, take, recommend)
ORDER = (*ARBITRATION, approve, order)

PATHS: dict[str, tuple[Callable[[Walk], None], ...]] = {
    "draft": (),
    "submitted": (submit,),
    "in_review": (submit, take),
    "information_requested": (submit, take, ask),
    "inadmissible_proposed": (submit, take, propose_inadmissible),
    "in_arbitration": ARBITRATION,
    "offered": (*ARBITRATION, offer_centre),
    "offered_with_a_price": (*ARBITRATION, offer_with_its_price),
    "approved": (*ARBITRATION, approve),
    "refused": (*ARBITRATION, refuse),
    "deferred": (*ARBITRATION, defer),
    "cancelled": (submit, cancel),
    "ordered": ORDER,
    "amendment_proposed": (*ORDER, propose_amendment),
    "failed": (*ORDER, fail),
    "partially_delivered": (*ORDER, deliver_a_part),
    "delivered": (*ORDER, deliver),
    "disputed": (*ORDER, deliver, dispute),
    "closed": (*ORDER, deliver, accept),
}


def carry_to(
    state: str, request: ImageryRequest, *, requester: User, officers: Mapping[str, User]
) -> None:
    """Bring a draft to ``state``. Open data is closed as soon as it is submitted."""
    walk = Walk(request.pk, requester, officers)
    for move in (submit,) if request.sensor.is_open_data else PATHS[state]:
        move(walk)


def centre_of(area: MultiPolygon) -> MultiPolygon:
    """The part of ``area`` inside a box around its middle, 60 % of its width and height."""
    west, south, east, north = area.extent
    margin_x, margin_y = (east - west) / 5, (north - south) / 5
    box = shapely.box(west + margin_x, south + margin_y, east - margin_x, north - margin_y)
    return to_geos_multipolygon(to_shapely(area).intersection(box))

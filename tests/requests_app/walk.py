"""A file that is moved at random by everybody it passes by, from its draft to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection, transaction
from django.db.models import Q

from licences.models import Licence
from orbitrage.shared.models import OutboxMessage
from quotas import services as quotas
from quotas.models import Demand, Envelope, LedgerEntry
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries, offers
from requests_app.models import (
    Acquisition,
    AcquisitionShare,
    Delivery,
    ImageryRequest,
    Offer,
    RequestRevision,
    RevisionContent,
    TransitionNote,
    TransitionRecord,
)
from requests_app.proposals import proposed_rescission
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.requests_app import world

Rows = dict[str, list[dict[str, Any]]]


def west_of(area: MultiPolygon, share: float) -> MultiPolygon:
    """The western part of an area's rectangle, and of nothing but that."""
    west, south, east, north = area.extent
    return MultiPolygon(
        Polygon.from_bbox((west, south, west + share * (east - west), north)), srid=4326
    )


@dataclass(frozen=True)
class Walk:
    """One file and the people who move it. Every public method is one transition of that name."""

    programme: world.Programme
    request: ImageryRequest
    chance: Random

    def submit(self):
        intake.submit(request_id=self.request.pk, user=self.programme.requester)

    def recall(self):
        intake.recall(request_id=self.request.pk, user=self.programme.requester)

    def take(self):
        review.take(request_id=self.request.pk, user=self.programme.reviewer)

    def recommend(self):
        review.recommend(
            request_id=self.request.pk,
            user=self.programme.reviewer,
            opinion="Complete and useful.",
            nationality_reviewed=True,
        )

    def approve(self):
        arbitration.approve(request_id=self.request.pk, user=self.programme.arbitrator)

    def offer(self):
        smaller = west_of(self.request.aoi, 0.5)
        arbitration.offer(
            request_id=self.request.pk,
            user=self.programme.arbitrator,
            polygon_wkb=bytes(smaller.wkb),
        )

    def accept_offer(self):
        offers.accept_offer(request_id=self.request.pk, user=self.programme.requester)

    def withdraw_offer(self):
        arbitration.withdraw_offer(
            request_id=self.request.pk, user=self.programme.chair, reason="An error."
        )

    def decline_offer(self):
        offers.decline_offer(request_id=self.request.pk, user=self.programme.requester)

    def rescind(self):
        rescission.rescind(request_id=self.request.pk, user=self.programme.chair)

    def propose_rescission(self):
        rescission.propose_rescission(
            request_id=self.request.pk, user=self.programme.arbitrator, reason="An error."
        )

    def reject_rescission(self):
        rescission.reject_rescission(
            request_id=self.request.pk, user=self.programme.chair, reason="It is right."
        )

    def order(self):
        supply.order(request_id=self.request.pk, user=self.programme.supply_officer)

    def register_delivery(self):
        """Of all that was ordered or, as often, of its western part: the rest is refunded."""
        area = self.request.granted_aoi
        if self.chance.random() < 0.5:
            area = west_of(area, 0.6)
        identifier = f"DS_PHR1A_{self.chance.getrandbits(64)}"
        supply.register_delivery(
            request_id=self.request.pk,
            user=self.programme.supply_officer,
            products=[world.product(area, identifier=identifier)],
            complete=True,
        )

    def stop_order(self):
        supply.stop_order(
            request_id=self.request.pk, user=self.programme.supply_officer, reason="Agreed."
        )

    def fail(self):
        supply.fail(
            request_id=self.request.pk, user=self.programme.supply_officer, reason="No scene."
        )

    def accept_delivery(self):
        deliveries.accept_delivery(request_id=self.request.pk, user=self.programme.requester)

    def dispute(self):
        deliveries.dispute(
            request_id=self.request.pk, user=self.programme.requester, reason="Clouds."
        )

    def refund_part(self):
        disputes.refund_part(
            request_id=self.request.pk,
            user=self.programme.secretariat,
            refunded_km2=REFUNDED_KM2,
            reason="One cloud.",
        )

    def retask(self):
        disputes.retask(
            request_id=self.request.pk,
            user=self.programme.arbitrator,
            window_ends_on=world.in_days(90),
            reason="Clouds.",
        )


AMPLE_KM2 = world.km2("200_000")
REFUNDED_KM2 = world.km2("1.5")
WAYS: dict[str, tuple[Callable[[Walk], None], ...]] = {
    "draft": (Walk.submit,),
    "submitted": (Walk.take, Walk.take, Walk.recall),
    "in_review": (Walk.recommend,),
    "in_arbitration": (Walk.approve, Walk.offer),
    "offered": (Walk.accept_offer, Walk.withdraw_offer, Walk.decline_offer),
    "approved": (Walk.order, Walk.order, Walk.propose_rescission),
    "ordered": (Walk.register_delivery, Walk.register_delivery, Walk.stop_order, Walk.fail),
    "delivered": (Walk.accept_delivery, Walk.dispute, Walk.dispute),
    "disputed": (Walk.refund_part, Walk.retask),
}
"""What may be done to a file in each state; it ends where nothing may."""


def ways_of(request: ImageryRequest) -> tuple[Callable[[Walk], None], ...]:
    """The order of a decision waits for who has proposed to rescind it."""
    if proposed_rescission(request) is not None:
        return Walk.rescind, Walk.rescind, Walk.reject_rescission
    return WAYS[request.state]


def new_file(programme: world.Programme) -> ImageryRequest:
    """The draft of a tasking of about 57 km², apart from all others: what touches shares a cap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_app_uploadedarea_id_seq')")
        (place,) = cursor.fetchone()
    aoi = world.square(west=-150 + place % 1_000 * 0.3, south=40 + place // 1_000 * 0.3)
    return world.draft(programme, aoi=aoi, **world.tasking())


def open_ample_envelopes(programme: world.Programme) -> None:
    """Envelopes that a thousand files do not exhaust; one file is submitted to open them. Attempts
    are under a contract of few, and none of these files asks for one."""
    world.submitted(programme, **world.tasking())
    for envelope in Envelope.objects.exclude(unit="attempts"):
        cause = quotas.Cause(decision=uuid4(), reason="test")
        with transaction.atomic():
            quotas.grant(envelope_id=envelope.pk, amount=AMPLE_KM2, cause=cause)


def rows_of(request: ImageryRequest) -> Rows:
    """Every row of this file, whole, in every table that a transition writes."""
    number = request.number
    found = {
        ImageryRequest: Q(pk=request.pk),
        TransitionRecord: Q(request=request),
        TransitionNote: Q(record__request=request),
        RequestRevision: Q(request=request),
        RevisionContent: Q(revision__request=request),
        Offer: Q(request=request),
        Acquisition: Q(shares__request=request),
        AcquisitionShare: Q(request=request),
        Delivery: Q(acquisition__shares__request=request),
        LedgerEntry: Q(request_number=number),
        Demand: Q(request_number=number),
        Licence: Q(request_number=number),
        OutboxMessage: Q(stream=number),
    }
    return {
        model.__name__: list(model._default_manager.filter(rows).order_by("pk").values())
        for model, rows in found.items()
    }

"""A programme with its real policy, one person per role, and the way to any state by services."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.management import call_command
from django.utils import timezone

from catalogue.metadata import ItemMetadata
from eligibility.models import Cell, Entity, Sensor, Terms, User, UserCategory
from eligibility.services import suspend_membership
from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.review import services as review
from requests_app.supply import services as supply
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    EntityFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    TermsAcceptanceFactory,
    UserFactory,
)

CELL_ROLES = ("reviewer", "arbitrator", "chair", "supply_officer")


def square(*, west: float = 1.3, south: float = 43.5, size_deg: float = 0.08) -> MultiPolygon:
    """A square of degrees near Toulouse; 0.08° is about 57 km²."""
    return MultiPolygon(
        Polygon.from_bbox((west, south, west + size_deg, south + size_deg)), srid=4326
    )


def strip(*, width_deg: float) -> MultiPolygon:
    """The western part of the usual square: 0.048° is 60 % of its 0.08°."""
    return MultiPolygon(Polygon.from_bbox((1.3, 43.5, 1.3 + width_deg, 43.58)), srid=4326)


@dataclass
class Programme:
    sensor: Sensor
    cell: Cell
    entity: Entity
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


def load_policy() -> None:
    call_command("load_policy", verbosity=0)


def programme(
    *,
    sensor: str = "pleiades",
    category: str = "scientific-public",
    cell: str = "pleiades-science",
) -> Programme:
    """The policy that the project ships, one member entity, and everybody a file passes by."""
    load_policy()
    found = Programme(
        sensor=Sensor.objects.get(code=sensor),
        cell=Cell.objects.get(code=cell),
        entity=EntityFactory(category=UserCategory.objects.get(code=category)),
    )
    MembershipFactory(entity=found.entity, sensors=list(Sensor.objects.all()))
    for role, affiliation in (
        ("requester", "member"),
        ("colleague", "member"),
        ("entity_contact", "entity_contact"),
        ("legal_representative", "legal_representative"),
    ):
        person = UserFactory(full_name=role.replace("_", " ").title())
        AffiliationFactory(user=person, entity=found.entity, role=affiliation)
        found.people[role] = person
    for role in CELL_ROLES:
        found.people[role] = CellMemberFactory(cell=found.cell, role=role).user
    for role in ("secretariat", "observer"):
        found.people[role] = ProgrammeRoleFactory(role=role).user
    found.people["stranger"] = UserFactory()
    for terms in Terms.objects.exclude(kind="site"):
        TermsAcceptanceFactory(
            terms=terms, entity=found.entity, user=found.people["legal_representative"]
        )
    return found


def area_of(user: User, aoi: MultiPolygon | None = None) -> UploadedArea:
    geometry = aoi or square()
    return UploadedArea.objects.create(
        uploaded_by=user,
        file_name="area.geojson",
        geometry=geometry,
        area_km2=geodesic_area_km2(to_shapely(geometry)),
    )


ANSWERS: dict[str, Any] = {
    "title": "Cover of the commune",
    "purpose": "Mapping of built-up areas",
    "public_service_mission": "",
    "request_kind": "archive",
    "acquisition_mode": "mono",
    "window_starts_on": None,
    "window_ends_on": None,
    "maximum_cloud_percent": 10,
    "maximum_incidence_deg": 30,
    "spectral_mode": "pansharpened",
    "processing_level": "ortho",
    "on_shortfall": "release",
    "agrees_to_enlargement": False,
}


def tasking_window() -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "request_kind": "tasking",
        "window_starts_on": today + timedelta(days=10),
        "window_ends_on": today + timedelta(days=100),
    }


def tasking() -> dict[str, Any]:
    """A new acquisition of an area below the operator's minimum, to whose enlargement one agrees."""
    return tasking_window() | {"agrees_to_enlargement": True}


def draft(found: Programme, *, aoi: MultiPolygon | None = None, **answers: Any) -> ImageryRequest:
    request = intake.draft_of(
        user=found.requester,
        entity=found.entity,
        mandate=None,
        sensor=found.sensor,
        area=area_of(found.requester, aoi),
        answers=ANSWERS | answers,
    )
    return intake.create_draft(draft=request, user=found.requester)


def submitted(found: Programme, **wanted: Any) -> ImageryRequest:
    request = draft(found, **wanted)
    return intake.submit(request_id=request.pk, user=found.requester)


def in_review(found: Programme, **wanted: Any) -> ImageryRequest:
    request = submitted(found, **wanted)
    return review.take(request_id=request.pk, user=found.reviewer)


def in_arbitration(found: Programme, **wanted: Any) -> ImageryRequest:
    request = in_review(found, **wanted)
    return review.recommend(
        request_id=request.pk,
        user=found.reviewer,
        opinion="Complete and useful.",
        nationality_reviewed=True,
    )


def approved(found: Programme, **wanted: Any) -> ImageryRequest:
    request = in_arbitration(found, **wanted)
    return arbitration.approve(request_id=request.pk, user=found.arbitrator)


def offered(
    found: Programme, *, polygon: MultiPolygon | None = None, **wanted: Any
) -> ImageryRequest:
    request = in_arbitration(found, **wanted)
    smaller = polygon or square(size_deg=0.05)
    return arbitration.offer(
        request_id=request.pk, user=found.arbitrator, polygon_wkb=bytes(smaller.wkb)
    )


def priced_offer(found: Programme, **wanted: Any) -> ImageryRequest:
    """129 km² asked: 100 km² are free and the rest is paid for."""
    request = in_arbitration(found, **{"aoi": square(size_deg=0.12)} | wanted)
    return arbitration.offer(request_id=request.pk, user=found.arbitrator)


def accepted_price(found: Programme, request: ImageryRequest) -> ImageryRequest:
    return offers.accept_offer(
        request_id=request.pk, user=found.entity_contact, purchase_reference="PO-2026-17"
    )


def rescind(
    found: Programme, request_id: int, *, second: str = "arbitrator", reason: str = "An error."
) -> ImageryRequest:
    """Proposed by somebody else, confirmed by the chair."""
    rescission.propose_rescission(request_id=request_id, user=found.people[second], reason=reason)
    return rescission.rescind(request_id=request_id, user=found.chair)


def ordered(found: Programme, **wanted: Any) -> ImageryRequest:
    request = approved(found, **wanted)
    return supply.order(request_id=request.pk, user=found.supply_officer)


def product(
    footprint: MultiPolygon,
    *,
    identifier: str = "DS_PHR1A_1",
    mission: str = "PHR1A",
    acquired_at: datetime | None = None,
) -> supply.Product:
    metadata = ItemMetadata(
        identifier=identifier,
        mission=mission,
        footprint=to_shapely(GEOSGeometry(memoryview(footprint.wkb), srid=4326)),
        acquired_at=acquired_at or timezone.now(),
        cloud_cover_percent=2.0,
        incidence_angle_deg=12.0,
        sun_elevation_deg=55.0,
        processing_level="ORTHO",
        spectral_mode="PMS",
        resolution_m=0.5,
        metadata_sha256=f"{abs(hash(identifier)):064x}"[-64:],
        incidence_angles_deg=(12.0,),
        sun_elevations_deg=(55.0,),
    )
    return supply.Product(metadata, f"DIM_{identifier}.XML")


def delivered(
    found: Programme, *, footprint: MultiPolygon | None = None, **wanted: Any
) -> ImageryRequest:
    request = ordered(found, **wanted)
    return supply.register_delivery(
        request_id=request.pk,
        user=found.supply_officer,
        products=[product(footprint or square())],
        complete=True,
    )


def partly_delivered(
    found: Programme, *, footprint: MultiPolygon | None = None, **wanted: Any
) -> ImageryRequest:
    """A tasking of which 60 % have come, unless told otherwise."""
    request = ordered(found, **tasking() | wanted)
    return supply.register_delivery(
        request_id=request.pk,
        user=found.supply_officer,
        products=[product(footprint or strip(width_deg=0.048))],
        complete=False,
    )


def closed(found: Programme, **wanted: Any) -> ImageryRequest:
    request = delivered(found, **wanted)
    return deliveries.accept_delivery(request_id=request.pk, user=found.requester)


def let_window_pass(request: ImageryRequest) -> None:
    ImageryRequest.objects.filter(pk=request.pk).update(
        window_starts_on=in_days(-9), window_ends_on=in_days(-1)
    )


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def km2(value: str) -> Decimal:
    return Decimal(value)


def suspend(found: Programme) -> None:
    suspend_membership(
        membership_id=found.entity.memberships.get().pk,
        reason="fee unpaid",
        by_user_id=found.secretariat.pk,
    )

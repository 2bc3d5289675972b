"""The invented country of ``fixtures/demo/demonstration.toml``: entities, people, requests."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils import timezone
from pyproj import Geod

from eligibility.models import (
    Affiliation,
    Cell,
    Entity,
    Mandate,
    ProgrammeRole,
    Sensor,
    User,
    UserCategory,
)
from eligibility.selectors.pages import managed_sensors
from eligibility.services import set_territory
from licences.models import Licence
from orbitrage.demonstration import events, people
from orbitrage.demonstration.paths import carry_to
from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon, to_shapely
from places.models import Place
from places.outlines import boxes_around, names_of
from quotas import services as quotas
from quotas.rules import period_of
from quotas.selectors import figures_in_force
from requests_app.intake import services as intake
from requests_app.models import ImageryRequest, UploadedArea

CELL_ROLES = ("reviewer", "arbitrator", "chair", "supply_officer")
CIRCLE_VERTICES = 64


def circle(longitude: float, latitude: float, radius_km: float) -> MultiPolygon:
    """A geodesic circle on WGS 84, as a polygon of ``CIRCLE_VERTICES`` corners (EPSG:4326)."""
    geod = Geod(ellps="WGS84")
    corners = [
        geod.fwd(longitude, latitude, -360 * corner / CIRCLE_VERTICES, radius_km * 1000)[:2]
        for corner in range(CIRCLE_VERTICES)
    ]
    return MultiPolygon(Polygon([*corners, corners[0]]), srid=4326)


class Demonstration:
    """What ``fixtures/demo/demonstration.toml`` says, brought about."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said
        self.entities: dict[str, Entity] = {}
        self.mandates: dict[str, Mandate] = {}
        self.officers: dict[str, User] = {}
        self.accounts: dict[str, User] = {}
        self.requests: dict[str, ImageryRequest] = {}

    def load(self) -> None:
        for row in self.said["entity"]:
            self.entities[row["key"]] = self._entity(row)
        for row in self.said["person"]:
            people.affiliate(self.entities[row["entity"]], self._account(row), row["role"])
        for row in self.said["officer"]:
            self.officers[row["role"]] = self._officer(row)
        for row in self.said["mandate"]:
            self._mandate(row)
        for entity in self.entities.values():
            self._make_member(entity)
        for row in self.said["package"]:
            self._package(row)
        for row in self.said["request"]:
            self._request(row)
        for row in self.said["revision"]:
            self._revision(row)
        self._events()

    def _events(self) -> None:
        for row in self.said["co_requester"]:
            events.join(self.requests[row["request"]], row)
        for row in self.said["message"]:
            events.write(self.requests[row["request"]], self.accounts[row["author"]], row)
        for row in self.said["copy"]:
            events.copy(self.requests[row["request"]], row)
        for row in self.said["suspension"]:
            events.suspend(self.entities[row["entity"]], self.officers["secretariat"], row)

    def _make_member(self, entity: Entity) -> None:
        """One whose legal representative there is also has the documents of it."""
        signatory = self._one_of(entity, "legal_representative", "entity_contact")
        membership = people.make_member(entity, signatory)
        if entity.affiliations.filter(role="legal_representative").exists():
            events.give_documents(membership, self.officers["secretariat"])

    def _entity(self, row: dict[str, Any]) -> Entity:
        return Entity.objects.create(
            name=row["name"],
            acronym=row["acronym"],
            category=UserCategory.objects.get(code=row["category"]),
            city=row["city"],
            country=row.get("country", "FR"),
            postal_address=f"1 place de la République\n{row['city']}",
        )

    def give_territories(self) -> None:
        """Once the places are known: to the entities of which the data name one."""
        for row in self.said["entity"]:
            entity = Entity.objects.get(name=row["name"])
            if "territory" in row and not entity.territory_name:
                places = list(Place.objects.filter(code__in=row["territory"]).order_by("name"))
                set_territory(
                    entity_id=entity.pk,
                    by_user_id=self._one_of(entity, "entity_contact").pk,
                    outline=to_geos_multipolygon(boxes_around(places)),
                    name=names_of(places),
                )

    def open_regions(self) -> None:
        """Once the places are known: one awaits its signature, another is open."""
        if Licence.objects.filter(subject=Licence.Subject.REGION).exists():
            return
        secretary = ProgrammeRole.objects.filter(role="secretariat").order_by("pk")[0].user
        names = {row["key"]: row["name"] for row in self.said["entity"]}
        for row in self.said["extension"]:
            entity = Entity.objects.get(name=names[row["entity"]])
            events.open_region(entity, secretary, row)

    def _account(self, row: dict[str, Any]) -> User:
        user = User.objects.create_user(
            email=row["email"], full_name=row["name"], language=row.get("language", "fr")
        )
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        self.accounts[user.email] = user
        return user

    def _officer(self, row: dict[str, Any]) -> User:
        user = self._account(row)
        if row["role"] in CELL_ROLES:
            for cell in Cell.objects.all():
                people.appoint(cell, user, row["role"])
        else:
            ProgrammeRole.objects.create(user=user, role=row["role"], since=timezone.localdate())
        return user

    def _mandate(self, row: dict[str, Any]) -> None:
        mandate = Mandate.objects.create(
            contractor=self.entities[row["contractor"]],
            principal=self.entities[row["principal"]],
            contract_reference=row["reference"],
            starts_on=timezone.localdate(),
            ends_on=timezone.localdate() + timedelta(days=365),
        )
        mandate.sensors.set(managed_sensors())
        self.mandates[row["principal"]] = mandate

    def _one_of(self, entity: Entity, *roles: str) -> User:
        """The person of one of ``roles``, in that order; anybody when nobody holds one."""
        affiliations = Affiliation.objects.filter(entity=entity).select_related("user")
        by_role: dict[str, User] = {}
        for affiliation in affiliations.order_by("pk"):
            by_role.setdefault(affiliation.role, affiliation.user)
        return next(
            (by_role[role] for role in roles if role in by_role), next(iter(by_role.values()))
        )

    def _request(self, row: dict[str, Any]) -> None:
        entity = self.entities[row["entity"]]
        requester = self._one_of(entity, "member", "entity_contact")
        aoi = circle(row["longitude"], row["latitude"], row["radius_km"])
        area = UploadedArea.objects.create(
            uploaded_by=requester,
            file_name=f"{row['title'].split(',')[0]}.geojson",
            geometry=aoi,
            area_km2=geodesic_area_km2(to_shapely(aoi)),
        )
        sensor = Sensor.objects.get(code=row["sensor"])
        draft = intake.draft_of(
            user=requester,
            entity=entity,
            mandate=None,
            sensor=sensor,
            area=area,
            answers=self._answers(row),
        )
        request = intake.create_draft(
            draft=draft, user=requester, co_requesters=row.get("co_requesters", ())
        )
        self.requests[row["title"]] = request
        carry_to(row["state"], request, requester=requester, officers=self.officers)

    def _package(self, row: dict[str, Any]) -> None:
        entity = self.entities[row["entity"]]
        contact = self._one_of(entity, "entity_contact")
        quotation = quotas.quote_package(
            user=contact, entity_id=entity.pk, package_code=row["code"]
        )
        quotas.accept_package(
            user=contact,
            quotation_number=quotation.number,
            purchase_reference=row["purchase_reference"],
        )

    def _revision(self, row: dict[str, Any]) -> None:
        """A draft for the next period: the second person publishes it."""
        today = timezone.localdate()
        sensor = Sensor.objects.get(code=row["sensor"])
        rows = figures_in_force(sensor.pk, today)
        figure = next(each for each in rows if each.measure == row["measure"])
        quotas.draft_revision(
            sensor_id=sensor.pk,
            user=self.officers["secretariat"],
            valid_from=period_of("quarter", today).ends_on + timedelta(days=1),
            reason=row["reason"],
            figures=[
                quotas.ProposedFigure(
                    revises_id=figure.pk,
                    amount=Decimal(row["amount"]),
                    late_return=figure.late_return,
                    source="Comité de direction",
                    is_example=True,
                )
            ],
        )

    def _answers(self, row: dict[str, Any]) -> dict[str, Any]:
        today = timezone.localdate()
        is_tasking = row["kind"] == "tasking"
        first_day, last_day = row.get("window_days", (20, 140))
        return {
            "title": row["title"],
            "purpose": row["purpose"],
            "public_service_mission": "",
            "request_kind": row["kind"],
            "acquisition_mode": row.get("acquisition_mode", "mono"),
            "window_starts_on": today + timedelta(days=first_day) if is_tasking else None,
            "window_ends_on": today + timedelta(days=last_day) if is_tasking else None,
            "maximum_cloud_percent": 10,
            "maximum_incidence_deg": 30,
            "spectral_mode": "pansharpened",
            "processing_level": "ortho",
            "on_shortfall": "release",
            "uses_prefunded": row.get("uses_prefunded", False),
            "agrees_to_enlargement": True,
        }

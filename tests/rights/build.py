"""One programme with a person per role and one object per state, for the rights table.

Everything is built once, in one transaction that its owner rolls back.
"""

from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone

from eligibility.models import ApiToken, Cell, Entity, Scope, Sensor, Terms, User, UserCategory
from eligibility.services import create_token
from tests.eligibility.factories import (
    AffiliationFactory,
    CellMemberFactory,
    EntityFactory,
    MandateFactory,
    MembershipFactory,
    ProgrammeRoleFactory,
    TermsAcceptanceFactory,
    UserFactory,
)
from tests.requests_app import world as path
from tests.requests_app.world import CELL_ROLES
from tests.rights.addresses import add_objects
from tests.rights.states import add_requests
from tests.rights.world import PASSWORD, ROLES, World


def _leave_the_numbers_of_examples() -> None:
    """Pages give R2026-000123 as an example; no request here has it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE requests_app_request_number RESTART WITH 500001")


def build() -> World:
    _leave_the_numbers_of_examples()
    programme = path.programme()
    partner = EntityFactory(name="Partner laboratory", category=programme.entity.category)
    contractor = EntityFactory(name="Contractor", category=programme.entity.category)
    other = _other_member()
    people = _people(programme, partner, contractor)
    for person in people.values():
        person.set_password(PASSWORD)
    User.objects.bulk_update(people.values(), ["password"])
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True)
        for person in people.values()
    )
    built = World(programme, people, {}, other)
    built.other_people = {
        role: AffiliationFactory(entity=other, role=role).user
        for role in ("member", "entity_contact")
    }
    mandate = MandateFactory(
        contractor=contractor, principal=programme.entity, sensors=[programme.sensor]
    )
    add_requests(built, mandate)
    add_objects(built)
    built.areas = {role: path.area_of(person).pk for role, person in people.items()}
    half = path.square(west=3.95, south=43.55, size_deg=0.1)
    built.areas_half_available = {
        role: path.area_of(person, half).pk for role, person in people.items()
    }
    _add_tokens(built)
    built.clients = {role: _signed_in(people.get(role)) for role in ROLES}
    _suspend(people["suspended_member"])
    return built


def _other_member() -> Entity:
    """A member of another category, whose requests go to another cell."""
    category = UserCategory.objects.get(code="institutional")
    entity = EntityFactory(name="Unrelated body", category=category)
    MembershipFactory(entity=entity, sensors=list(Sensor.objects.all()))
    signatory = AffiliationFactory(entity=entity, role="legal_representative").user
    for terms in Terms.objects.exclude(kind="site"):
        TermsAcceptanceFactory(terms=terms, entity=entity, user=signatory)
    return entity


def _people(programme: path.Programme, partner: Entity, contractor: Entity) -> dict[str, User]:
    people = dict(programme.people)
    people["co_requester"] = AffiliationFactory(entity=partner).user
    people["contractor"] = AffiliationFactory(entity=contractor).user
    people["suspended_member"] = AffiliationFactory(entity=programme.entity).user
    people["reviewer_other"] = CellMemberFactory(cell=programme.cell, role="reviewer").user
    other_cell = Cell.objects.get(code="spot-science")
    people["other_cell_officer"] = UserFactory()
    for role in CELL_ROLES:
        CellMemberFactory(cell=other_cell, user=people["other_cell_officer"], role=role)
    people["staff"] = UserFactory(is_staff=True)
    people["staff_secretariat"] = ProgrammeRoleFactory(user__is_staff=True).user
    people["superuser"] = UserFactory(is_staff=True, is_superuser=True)
    return people


def _signed_in(user: User | None) -> Client:
    client = Client(headers={"accept-language": "en"})
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _add_tokens(built: World) -> None:
    """Used today already: a read writes nothing."""
    for role, person in built.people.items():
        token, built.tokens[role] = create_token(
            user_id=person.pk, name=role, scopes=Scope.values, days=30
        )
        if role == "requester":
            built.objects["token of the requester"] = {"pk": token.pk}
    ApiToken.objects.update(last_used_on=timezone.localdate())
    built.objects["area of the requester"] = {"area_id": built.areas["requester"]}
    built.objects["swapped area of the requester"] = {"area_id": _swapped_area(built)}


def _swapped_area(built: World) -> int:
    """As an area reads whose latitudes were typed first, of a member with a territory."""
    entity = built.programme.entity
    entity.territory = path.square(west=0.4, south=42.6, size_deg=1.7)
    entity.save(update_fields=["territory"])
    area = path.area_of(built.people["requester"], path.square(west=43.5, south=1.3))
    area.looks_swapped = True
    area.save(update_fields=["looks_swapped"])
    return area.pk


def _suspend(user: User) -> None:
    user.suspended_at, user.is_active = timezone.now(), False
    user.save(update_fields=["suspended_at", "is_active"])

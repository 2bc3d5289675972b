"""The territory of an entity: who says what it is, and that swapped axes are recognised by it."""

import tomllib

import pytest
import shapely
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from eligibility.models import Entity
from eligibility.services import set_territory
from orbitrage.demonstration.country import Demonstration
from orbitrage.management.commands.load_demo import load_places
from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from requests_app.territories import territories_of
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    ProgrammeRoleFactory,
)
from tests.eligibility.pages import queries_of, text
from tests.eligibility.refusing import refused
from tests.places.factories import PlaceFactory

pytestmark = pytest.mark.django_db

HERAULT = to_geos_multipolygon(shapely.Polygon([(2.5, 43.2), (4.2, 43.5), (3.5, 44)]))
LA_REUNION = to_geos_multipolygon(shapely.box(55.2, -21.4, 55.9, -20.8))


def page_of(entity) -> str:
    return reverse("entity_territory", args=[entity.pk])


def boxes(entity) -> list[tuple[float, ...]]:
    entity.refresh_from_db()
    return sorted(part.extent for part in entity.territory)


@pytest.mark.parametrize("role", ["entity_contact", "legal_representative"])
def test_who_answers_for_the_entity_says_where_it_is_at_work(client, role):
    somebody = AffiliationFactory(role=role)
    entity = somebody.entity
    places = [
        PlaceFactory(name="Hérault", kind="department", code="34", geometry=HERAULT),
        PlaceFactory(name="La Réunion", kind="region", code="04", geometry=LA_REUNION),
    ]
    client.force_login(somebody.user)

    client.post(page_of(entity), {"area_place": [place.pk for place in places]})

    assert boxes(entity) == [HERAULT.extent, LA_REUNION.extent]
    assert (entity.territory_name, entity.territory_set_by) == (
        "Hérault (34), La Réunion (04)", somebody.user,
    )  # fmt: skip
    page = text(client.get(reverse("eligibility:entity", args=[entity.pk])))
    assert "Hérault (34), La Réunion (04)" in page
    assert page_of(entity) in page


def test_secretariat_says_it_for_an_entity(client):
    entity, place = EntityFactory(), PlaceFactory(name="Lunel", code="34145")
    client.force_login(ProgrammeRoleFactory().user)

    client.post(page_of(entity), {"area_place": place.pk})

    entity.refresh_from_db()
    assert entity.territory_name == "Lunel (34145)"


def test_territory_is_looked_for_by_name(client):
    contact = AffiliationFactory(role="entity_contact")
    place = PlaceFactory(name="Montpellier")
    client.force_login(contact.user)

    response = client.post(page_of(contact.entity), {"place_query": "montp"})

    assert response.context["form"].errors.as_data()["place_query"][0].code == "place_not_chosen"
    assert f'name="area_place" value="{place.pk}"' in response.text


def test_members_set_no_territory_and_write_nothing():
    member = AffiliationFactory()

    codes = refused(
        set_territory,
        entity_id=member.entity_id,
        by_user_id=member.user_id,
        outline=HERAULT,
        name="Hérault (34)",
    )

    assert codes == ("not_entity_contact",)
    assert Entity.objects.get(pk=member.entity_id).territory is None


def test_named_territory_has_an_outline_and_a_date():
    entity = EntityFactory(territory=HERAULT)

    with pytest.raises(IntegrityError, match="whole"), transaction.atomic():
        Entity.objects.filter(pk=entity.pk).update(territory_name="Hérault")


def test_french_entity_that_said_none_has_the_programme_s():
    PlaceFactory(kind="region", geometry=HERAULT)
    PlaceFactory(kind="overseas", geometry=LA_REUNION)
    PlaceFactory(kind="commune")

    of_nobody = territories_of([EntityFactory()])

    assert [each.bounds for each in of_nobody] == [HERAULT.extent, LA_REUNION.extent]
    assert territories_of([EntityFactory(country="PE")]) == []
    assert territories_of([EntityFactory(territory=HERAULT)]) == [to_shapely(HERAULT)]


def test_demonstration_says_where_some_are_at_work():
    path = settings.BASE_DIR / "fixtures" / "demo" / "demonstration.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in said["entity"]:
        entity = EntityFactory(name=row["name"], acronym=row["acronym"])
        AffiliationFactory(entity=entity, role="entity_contact")
    load_places()

    Demonstration(said).give_territories()

    told = Entity.objects.exclude(territory_name="").order_by("acronym")
    assert list(told.values_list("acronym", "territory_name")) == [
        ("BRM", "Brest Métropole (242900314)"),
        ("DREAM", "Occitanie (76)"),
        ("IGL", "Hérault (34)"),
        ("OVOI", "La Réunion (04)"),
        ("UGAR-LEF", "Occitanie (76)"),
    ]


def test_page_takes_as_many_queries_for_three_places_as_for_one(client):
    contact = AffiliationFactory(role="entity_contact")
    client.force_login(contact.user)
    PlaceFactory(name="Villeneuve")
    address = page_of(contact.entity) + "?place_query=villeneuve"
    for_one = queries_of(client, address)
    PlaceFactory.create_batch(2, name="Villeneuve")

    assert queries_of(client, address) == for_one

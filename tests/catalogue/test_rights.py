"""Who opens which image: each right is to the images of one sensor."""

from dataclasses import replace

import pytest

from catalogue.models import Item
from catalogue.services import ingest
from catalogue.sources.dimap import read_dimap
from eligibility.models import Entity, Sensor, User
from licences.selectors import audience_of
from tests.catalogue.dimap_text import dimap
from tests.eligibility.factories import (
    AffiliationFactory,
    MandateFactory,
    SensorFactory,
    SpotFactory,
    UserFactory,
    member_entity,
)

pytestmark = pytest.mark.django_db

MISSIONS = {"pleiades": "PHR1A", "pleiades-neo": "PNEO3", "spot67": "SPOT6"}
LICENCES = {
    "pleiades": "licence:pleiades_scientific",
    "pleiades-neo": "licence:pleiades_scientific",
    "spot67": "licence:spot_member",
}


@pytest.fixture
def sensors() -> dict[str, Sensor]:
    neo = SensorFactory(code="pleiades-neo", name="Pléiades Neo", mission_codes=["PNEO3"])
    return {"pleiades": SensorFactory(), "pleiades-neo": neo, "spot67": SpotFactory()}


def catalogue(sensors: dict[str, Sensor], entity: Entity) -> None:
    """Per sensor, an image for the entity, one for the licence, and one for all members."""
    for code, sensor in sensors.items():
        for key in (f"entity:{entity.pk}", LICENCES[code], "member"):
            bring(f"{code} {key.partition(':')[0]}", sensor, key)


def bring(name: str, sensor: Sensor, key: str) -> None:
    metadata = replace(read_dimap(dimap()), identifier=name, mission=MISSIONS[sensor.code])
    ingest(metadata=metadata, audience=[key], sensor_id=sensor.pk)


def opened_by(user: User) -> set[str]:
    return set(Item.objects.visible_to(audience_of(user)).values_list("identifier", flat=True))


def all_of(*codes: str) -> set[str]:
    return {f"{code} {kind}" for code in codes for kind in ("entity", "licence", "member")}


def test_entity_opens_what_its_membership_covers_and_no_more(sensors):
    entity = member_entity(*sensors.values())
    catalogue(sensors, entity)
    user = AffiliationFactory(entity=entity).user
    assert opened_by(user) == all_of("pleiades", "pleiades-neo", "spot67")

    entity.memberships.get().sensors.remove(sensors["pleiades"])

    assert opened_by(user) == all_of("pleiades-neo", "spot67")


@pytest.mark.parametrize("code", ["pleiades", "pleiades-neo", "spot67"])
def test_contractor_opens_what_its_mandate_covers_and_no_more(sensors, code):
    principal = member_entity(*sensors.values())
    catalogue(sensors, principal)
    mandate = MandateFactory(principal=principal, sensors=[sensors[code]])
    contractor = AffiliationFactory(entity=mandate.contractor).user

    assert opened_by(contractor) == all_of(code)


def test_contractor_opens_nothing_that_its_principal_no_longer_does(sensors):
    principal = member_entity(*sensors.values())
    catalogue(sensors, principal)
    mandate = MandateFactory(principal=principal, sensors=[sensors["spot67"]])
    contractor = AffiliationFactory(entity=mandate.contractor).user
    assert opened_by(contractor) == all_of("spot67")

    principal.memberships.get().sensors.remove(sensors["spot67"])

    assert opened_by(contractor) == set()


def test_contractor_that_is_a_member_adds_no_sensor_to_its_mandate(sensors):
    principal = member_entity(*sensors.values())
    catalogue(sensors, principal)
    contractor = member_entity(sensors["pleiades"])
    MandateFactory(principal=principal, contractor=contractor, sensors=[sensors["spot67"]])

    opened = opened_by(AffiliationFactory(entity=contractor).user)

    assert opened == all_of("spot67") | {"pleiades licence", "pleiades member"}


def test_other_member_opens_what_is_for_members_and_licences_of_its_sensors(sensors):
    catalogue(sensors, member_entity(*sensors.values()))
    other = AffiliationFactory(entity=member_entity(sensors["pleiades"])).user

    assert opened_by(other) == {"pleiades licence", "pleiades member"}


def test_account_without_entity_opens_open_images_only(sensors):
    catalogue(sensors, member_entity(*sensors.values()))
    bring("free", sensors["spot67"], "open")

    assert opened_by(UserFactory()) == {"free"}

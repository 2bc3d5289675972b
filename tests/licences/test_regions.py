"""The extension that opens a region's images: written by the secretariat, signed, then in force."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from licences import regions, signing
from licences.kinds import get_kind
from licences.models import Licence
from licences.selectors import regions_open
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)
from tests.places.factories import PlaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary():
    return ProgrammeRoleFactory(role="secretariat").user


@pytest.fixture
def asked(secretary):
    """What is asked for over Brittany, of last year, from tomorrow on."""
    SensorFactory(code="spot67", name="SPOT 6/7")
    today = timezone.localdate()
    entity = EntityFactory(name="Région Bretagne")
    AffiliationFactory(entity=entity, role="legal_representative")
    return {
        "decision": uuid4(),
        "user": secretary,
        "kind": get_kind("spot_open_data"),
        "entity": entity,
        "place": PlaceFactory(kind="region", code="53", name="Bretagne"),
        "vintage": today.year - 1,
        "opens_on": today + timedelta(days=1),
    }


def test_extension_names_region_vintage_and_day(asked):
    licence = regions.open_region(**asked)

    record = licence.record
    assert (record["region_name"], record["vintage"]) == ("Bretagne", asked["vintage"])
    assert record["opens_on"] == asked["opens_on"].isoformat()
    assert (licence.state, licence.subject) == ("awaiting", "region")
    assert licence.area_km2 == asked["place"].area_km2


def test_extension_is_in_force_once_signed_and_from_its_day(asked):
    licence = regions.open_region(**asked)
    signatory = asked["entity"].affiliations.get().user
    assert list(regions_open(asked["opens_on"])) == []

    signing.sign(licence_id=licence.pk, user=signatory, text_sha256=licence.record_sha256)

    assert list(regions_open(asked["opens_on"] - timedelta(days=1))) == []
    assert list(regions_open(asked["opens_on"])) == [licence]


def test_who_wrote_it_does_not_sign_it(asked, secretary):
    licence = regions.open_region(**asked)

    with pytest.raises(signing.SignatureRefused):
        signing.sign(licence_id=licence.pk, user=secretary, text_sha256=licence.record_sha256)


def test_entity_without_a_signatory_is_refused(asked):
    asked["entity"].affiliations.update(until=timezone.localdate() - timedelta(days=1))

    with pytest.raises(regions.ExtensionRefused) as refused:
        regions.open_region(**asked)

    assert refused.value.codes == ("signatory_missing",)


def test_decision_repeated_gives_one_extension(asked):
    assert regions.open_region(**asked) == regions.open_region(**asked)

    assert Licence.objects.count() == 1


def test_vintage_of_a_region_is_opened_once(asked):
    number = regions.open_region(**asked).number

    with pytest.raises(regions.ExtensionRefused) as refused:
        regions.open_region(**asked | {"decision": uuid4()})

    assert refused.value.codes == ("region_opened_already",)
    assert number in refused.value.refusals[0].message


# --- The page -------------------------------------------------------------------------------------


def posted(asked, **changes):
    return {
        "decision": str(asked["decision"]),
        "kind": "spot_open_data",
        "entity": asked["entity"].pk,
        "place": asked["place"].pk,
        "vintage": asked["vintage"],
        "opens_on": asked["opens_on"].isoformat(),
    } | changes


def test_secretariat_writes_an_extension(client, asked, secretary):
    client.force_login(secretary)

    response = client.post(reverse("licences:region_new"), posted(asked))

    licence = Licence.objects.get()
    assert response.url == licence.get_absolute_url()
    assert client.get(response.url).status_code == 200


def test_nobody_else_does(client, asked):
    for user in (UserFactory(), AffiliationFactory(entity=asked["entity"]).user):
        client.force_login(user)
        assert client.get(reverse("licences:region_new")).status_code == 404
        assert client.post(reverse("licences:region_new"), posted(asked)).status_code == 404
    assert not Licence.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vintage": 2999}, "2999 is to come"),
        ({"opens_on": "2020-01-01"}, "is past: images cannot have been open since."),
        ({"vintage": "soon"}, "Enter a whole number."),
        ({"kind": "pleiades_institutional"}, "is not one of the available choices"),
        ({"decision": "again"}, "Enter a valid UUID."),
    ],
)
def test_wrong_answers_are_told_and_kept(client, asked, secretary, changes, said):
    client.force_login(secretary)

    page = client.post(
        reverse("licences:region_new"), posted(asked, **changes), headers={"accept-language": "en"}
    )

    assert page.status_code == 200
    assert said in page.text
    assert not Licence.objects.exists()

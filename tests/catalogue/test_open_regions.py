"""Images of a region become open on their day, and say by what and since when."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from catalogue.models import Item
from catalogue.periodic import open_regions
from licences import services, signing
from licences.models import Licence, Signature
from licences.selectors import ANYBODY
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    SensorFactory,
    UserFactory,
)
from tests.licences.factories import region_record_of

pytestmark = pytest.mark.django_db

YEAR = 2024
INSIDE = (1.445, 43.605, 1.455, 43.615)
ACROSS = (1.455, 43.605, 1.465, 43.615)


def box(*bounds):
    return MultiPolygon(Polygon.from_bbox(bounds), srid=4326)


@pytest.fixture
def spot():
    return SensorFactory(code="spot67", name="SPOT 6/7")


@pytest.fixture
def extension(signed_extension):
    return signed_extension(opens_on=timezone.localdate())


@pytest.fixture
def signed_extension():
    """An extension in force, of a day that one says."""

    def make(opens_on):
        record = region_record_of(vintage=YEAR, opens_on=opens_on, valid_from=opens_on)
        licence = services.issue(record=record, decision=uuid4(), entity_id=EntityFactory().pk)
        Signature.objects.create(
            licence=licence,
            user=UserFactory(),
            name="Anne Le Goff",
            role="legal_representative",
            text_sha256=licence.record_sha256,
        )
        licence.state = Licence.State.ISSUED
        licence.save(update_fields=["state"])
        return licence

    return make


def image(spot, **changes):
    usual = {
        "sensor": spot,
        "footprint": box(*INSIDE),
        "acquired_at": datetime(YEAR, 6, 1, tzinfo=UTC),
        "audience": ["member@spot67"],
    }
    return ItemFactory(**usual | changes)


def reread(item):
    return Item.objects.get(pk=item.pk)


def test_covered_image_is_open_and_says_by_what_and_since_when(spot, extension):
    item = image(spot)
    assert not Item.objects.visible_to(ANYBODY).exists()

    assert open_regions() == 1

    item.refresh_from_db()
    assert item.audience == ["member@spot67", "open"]
    assert (item.opened_by, item.opened_on) == (extension.number, timezone.localdate())
    assert list(Item.objects.visible_to(ANYBODY)) == [item]


@pytest.mark.parametrize(
    "changes",
    [
        {"footprint": box(*ACROSS)},
        {"acquired_at": datetime(YEAR - 1, 12, 31, 23, 59, 59, tzinfo=UTC)},
        {"acquired_at": datetime(YEAR + 1, 1, 1, tzinfo=UTC)},
    ],
    ids=["across the border", "the year before", "the year after"],
)
def test_image_that_is_not_covered_stays_closed(spot, extension, changes):
    item = image(spot, **changes)

    assert open_regions() == 0

    item.refresh_from_db()
    assert (item.audience, item.opened_by) == (["member@spot67"], "")


def test_image_of_another_sensor_stays_closed(spot, extension):
    image(SensorFactory(code="pleiades"), audience=["member@pleiades"])

    assert open_regions() == 0


def test_nothing_opens_before_its_day(spot, signed_extension):
    signed_extension(opens_on=timezone.localdate() + timedelta(days=1))
    image(spot)

    assert open_regions() == 0


def test_nothing_opens_by_an_extension_that_nobody_has_signed(spot):
    today = timezone.localdate()
    record = region_record_of(vintage=YEAR, opens_on=today, valid_from=today)
    services.issue(record=record, decision=uuid4(), entity_id=EntityFactory().pk)
    image(spot)

    assert open_regions() == 0


def test_image_is_opened_once_and_one_that_comes_later_is_opened_then(spot, extension):
    first = image(spot)
    assert open_regions() == 1
    later = image(spot)

    assert open_regions() == 1

    assert {item.opened_by for item in (reread(first), reread(later))} == {extension.number}
    assert reread(first).audience.count("open") == 1


def test_opened_image_cannot_be_closed_in_silence(spot, extension):
    item = image(spot)
    open_regions()

    with pytest.raises(IntegrityError, match="item_opened_says"), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(audience=["member@spot67"])


def test_page_of_an_open_image_says_so_to_anybody(spot, extension):
    item = image(spot)
    open_regions()

    page = Client().get(item.get_absolute_url(), headers={"accept-language": "en"})

    assert extension.number in page.text


def test_one_statement_opens_them_all(spot, extension, django_assert_num_queries):
    for _ in range(5):
        image(spot)

    with django_assert_num_queries(2):
        assert open_regions() == 5


def test_images_open_as_soon_as_their_day_is_there_and_the_extension_is_signed(spot):
    item, signatory = image(spot), AffiliationFactory(role="legal_representative")
    today = timezone.localdate()
    extension = services.issue(
        record=region_record_of(vintage=YEAR, opens_on=today, valid_from=today),
        decision=uuid4(),
        entity_id=signatory.entity_id,
    )
    outbox.drain(HANDLERS)
    assert reread(item).opened_by == ""

    signing.sign(licence_id=extension.pk, user=signatory.user, text_sha256=extension.record_sha256)
    outbox.drain(HANDLERS)

    assert (reread(item).opened_by, reread(item).opened_on) == (extension.number, today)

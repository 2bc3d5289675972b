import datetime as dt

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, connection

from catalogue.models import Item
from catalogue.selectors import CoverageCriteria
from licences.selectors import Audience
from tests.catalogue.factories import ItemFactory, box
from tests.eligibility.factories import SpotFactory

pytestmark = pytest.mark.django_db


def audience(*keys: str) -> Audience:
    return Audience(user_id=None, keys=frozenset(keys))


def test_item_is_visible_to_each_key_of_its_audience_and_to_no_other():
    item = ItemFactory(audience=["licence:pleiades_scientific", "entity:7"])

    seen = {
        key: list(Item.objects.visible_to(audience(*key)))
        for key in [
            ("entity:7",),
            ("open", "licence:pleiades_scientific"),
            ("entity:70",),
            ("open", "member", "licence:spot_member"),
            (),
        ]
    }

    assert list(seen.values()) == [[item], [item], [], [], []]


def test_days_of_the_criteria_are_whole_days_in_paris():
    before, first, last, after = (
        ItemFactory(acquired_at=dt.datetime.fromisoformat(instant))
        for instant in (
            "2024-06-30T21:59:59+00:00",
            "2024-06-30T22:00:00+00:00",
            "2024-07-02T21:59:59+00:00",
            "2024-07-02T22:00:00+00:00",
        )
    )
    criteria = CoverageCriteria(acquired_from=dt.date(2024, 7, 1), acquired_to=dt.date(2024, 7, 2))

    found = set(Item.objects.matching(criteria))

    assert (before in found, after in found) == (False, False)
    assert found == {first, last}


def test_cloud_criterion_leaves_out_cloudier_and_unknown():
    clear = ItemFactory(cloud_cover_percent=10)
    ItemFactory(cloud_cover_percent=10.01)
    ItemFactory(cloud_cover_percent=None)

    assert list(Item.objects.matching(CoverageCriteria(maximum_cloud_percent=10))) == [clear]
    assert Item.objects.matching(CoverageCriteria()).count() == 3


def test_sensor_criterion_keeps_one_sensor():
    ItemFactory()
    spot = ItemFactory(sensor=SpotFactory(), mission="SPOT6")

    assert list(Item.objects.matching(CoverageCriteria(sensor_id=spot.sensor_id))) == [spot]


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("item_audience_not_empty", {"audience": []}),
        ("item_cloud_is_percent", {"cloud_cover_percent": 100.1}),
        ("item_angles_are_degrees", {"incidence_angle_deg": -90.5}),
        ("item_angles_are_degrees", {"sun_elevation_deg": 91}),
        ("item_metadata_sha256_is_hex", {"metadata_sha256": "X" * 64}),
        ("item_footprint_within_180", {"footprint": box(179, 0, 181, 1)}),
        (
            "item_footprint_valid",
            {"footprint": GEOSGeometry("SRID=4326;MULTIPOLYGON (((0 0, 1 1, 1 0, 0 1, 0 0)))")},
        ),
        ("catalogue_item_identifier_key", {"identifier": "TAKEN"}),
    ],
)
def test_what_must_never_be_is_refused_by_the_database(constraint, values):
    ItemFactory(identifier="TAKEN")

    with pytest.raises(IntegrityError, match=constraint):
        ItemFactory(**values)


def test_footprint_and_audience_are_indexed():
    with connection.cursor() as cursor:
        indexes = connection.introspection.get_constraints(cursor, Item._meta.db_table).values()

    kinds = {(tuple(each["columns"]), each["type"]) for each in indexes if each["index"]}
    assert {(("footprint",), "gist"), (("audience",), "gin")} <= kinds

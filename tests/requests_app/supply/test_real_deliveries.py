"""Deliveries described by real metadata: what came is measured, and the account is settled."""

import csv
import json
from decimal import Decimal

import pytest
import shapely
from pyproj import Geod

from catalogue.models import Item
from catalogue.sources.dimap import read_dimap
from eligibility.models import Sensor
from requests_app.models import AcquisitionShare, Delivery
from requests_app.states import State
from requests_app.supply import services as supply
from tests.catalogue.factories import box
from tests.requests_app import world
from tests.requests_app.books import balances, consumed, postings

pytestmark = pytest.mark.django_db

HAITI = "airbus_dimap/Stars__DIM_PHR1A_PMS_202108151541301_ORT_5881313101.XML"
PANCHROMATIC = "airbus_dimap/Stars__DIM_PHR1A_P_202108201553330_ORT_5888578101-1.XML"
MULTISPECTRAL = "airbus_dimap/Stars__DIM_PHR1A_MS_202108201553330_ORT_5888578101-2.XML"
SANTIAGO = "airbus_dimap/Stars__DIM_SPOT6_PMS_202012141415240_ORT_5588528101.XML"
WGS84 = Geod(ellps="WGS84")


def footprint(shared_data, name):
    """The outline as the facts file has it, read by other hands."""
    with (shared_data / "dimap" / "FACTS_dimap.csv").open(encoding="utf-8") as file:
        (row,) = [row for row in csv.DictReader(file) if row["file"] == name]
    return shapely.Polygon(json.loads(row["footprint_lon_lat"]))


def covered_km2(aoi, *outlines):
    """Geodesic area of the AOI under the outlines, apart from our own code."""
    common = shapely.from_wkb(bytes(aoi.wkb)).intersection(shapely.union_all(outlines))
    area_m2, _perimeter_m = WGS84.geometry_area_perimeter(shapely.geometry.polygon.orient(common))
    return Decimal(str(area_m2 / 1e6)).quantize(Decimal("0.000001"))


def product(shared_data, name):
    path = shared_data / "dimap" / name
    return supply.Product(read_dimap(path.read_bytes()), path.name)


def deliver(programme, request, *products):
    return supply.register_delivery(
        request_id=request.pk, user=programme.supply_officer, products=products, complete=True
    )


def test_pleiades_over_haiti_delivers_the_whole_of_an_area_inside_it(programme, shared_data):
    aoi = box(-73.12, 18.40, -73.07, 18.45)
    request = world.ordered(programme, aoi=aoi, **world.tasking())

    delivered = deliver(programme, request, product(shared_data, HAITI))

    expected = covered_km2(aoi, footprint(shared_data, HAITI))
    assert expected == delivered.area_km2
    assert (delivered.state, AcquisitionShare.objects.get().delivered_km2) == (
        State.DELIVERED,
        expected,
    )
    assert balances(request.number) == consumed(entity=expected, programme=expected)
    assert postings(request.number, "register_delivery") == []


def test_pleiades_over_haiti_is_charged_for_what_lies_inside(programme, shared_data):
    """The area reaches west and north beyond the image."""
    aoi = box(-73.16, 18.40, -73.08, 18.48)
    request = world.ordered(programme, aoi=aoi, **world.tasking())

    deliver(programme, request, product(shared_data, HAITI))

    share = AcquisitionShare.objects.get()
    expected = covered_km2(aoi, footprint(shared_data, HAITI))
    assert Decimal(20) < expected < request.area_km2 - 5
    assert abs(share.delivered_km2 - expected) <= Decimal("0.000010")
    charged = share.delivered_km2
    assert balances(request.number) == consumed(entity=charged, programme=charged)
    assert postings(request.number, "register_delivery") == [
        ("refund", "entity km2", charged - request.area_km2),
        ("refund", "programme km2", charged - request.area_km2),
    ]


def test_two_products_of_one_pass_count_together(programme, shared_data):
    aoi = box(-74.03, 18.24, -73.95, 18.32)
    names = (PANCHROMATIC, MULTISPECTRAL)
    request = world.ordered(programme, aoi=aoi, **world.tasking())

    deliver(programme, request, *(product(shared_data, name) for name in names))

    expected = covered_km2(aoi, *(footprint(shared_data, name) for name in names))
    assert abs(AcquisitionShare.objects.get().delivered_km2 - expected) <= Decimal("0.000010")
    assert Delivery.objects.count() == 2


def test_spot_over_santiago_is_charged_for_what_lies_inside(spot, shared_data):
    aoi = box(-70.20, -33.60, -69.99, -33.45)
    request = world.ordered(spot, aoi=aoi, **world.tasking())

    deliver(spot, request, product(shared_data, SANTIAGO))

    share = AcquisitionShare.objects.get()
    expected = covered_km2(aoi, footprint(shared_data, SANTIAGO))
    assert Decimal(80) < expected < request.area_km2 - 100
    assert abs(share.delivered_km2 - expected) <= Decimal("0.000010")
    charged = share.delivered_km2
    outside = {"programme attempts": (0, 1)}  # Chile is outside the circle of Montpellier
    in_km2 = consumed(entity=charged, programme=charged)
    assert balances(request.number) == in_km2 | outside
    item = Item.objects.get()
    assert (item.mission, item.sensor) == ("SPOT6", Sensor.objects.get(code="spot67"))

import re
from decimal import Decimal

import pytest
from shapely.geometry import MultiPolygon, Point, box, mapping

from licences.documents.area_map import area_of, coordinate, locator_of, map_of
from licences.documents.basemap import outlines_within
from licences.documents.sheet import sheet
from orbitrage.shared.documents import wording
from tests.licences.frozen import CODE, frozen


def numbers(svg, css_class):
    paths = re.findall(rf'<path class="{css_class}" d="([^"]*)"', svg)
    return [
        tuple(map(float, pair.split(",")))
        for path in paths
        for pair in re.findall(r"-?[\d.]+,-?[\d.]+", path)
    ]


@pytest.mark.parametrize(
    ("degrees", "is_longitude", "language", "text"),
    [
        (1.44, True, "fr", "1°26′24″\u00a0E"),
        (-1.44, True, "fr", "1°26′24″\u00a0O"),
        (-1.44, True, "en", "1°26′24″\u00a0W"),
        (-21.115, False, "fr", "21°06′54″\u00a0S"),
        (181.5, True, "en", "178°30′00″\u00a0W"),
        (180.0, True, "fr", "180°"),
        (59.99999, False, "en", "60°00′00″\u00a0N"),
    ],
)
def test_coordinates_are_written_with_their_hemisphere(degrees, is_longitude, language, text):
    assert coordinate(degrees, is_longitude=is_longitude, language=language) == text


def test_area_across_the_antimeridian_is_in_one_piece():
    halves = MultiPolygon([box(179, -18, 180, -17), box(-180, -18, -179.5, -17)])

    area = area_of(mapping(halves))

    assert area.bounds == (179, -18, 180.5, -17)


def test_area_spread_over_the_world_is_left_as_it_is():
    parts = MultiPolygon([box(-61.8, 15.8, -61, 16.5), box(55.2, -21.4, 55.8, -20.8)])

    assert area_of(mapping(parts)).bounds == parts.bounds


@pytest.mark.parametrize(
    "area",
    [
        box(1.44, 43.6, 1.4401, 43.6001),
        box(-5, 42, 8, 51),
        box(179, -18, 181, -17),
        box(-60, -80, 60, -60),
        Point(2, 47).buffer(0.2).difference(Point(2, 47).buffer(0.1)),
    ],
    ids=["tiny", "country", "antimeridian", "polar", "hole"],
)
def test_area_is_drawn_whole_inside_its_frame(area):
    svg = map_of(MultiPolygon([area]), "fr", 118, 94)

    drawn = numbers(svg, "area")
    assert len(drawn) >= 5
    assert all(0 < x < 118 and 0 < y < 94 for x, y in drawn)
    assert "locator" not in svg
    assert "km" in svg or "\u00a0m<" in svg


def test_scale_bar_is_as_long_as_it_says():
    """One degree of latitude at 45° is 111.13 km (WGS 84)."""
    svg = map_of(MultiPolygon([box(5, 44.5, 6, 45.5)]), "en", 118, 94)

    ys = [y for _, y in numbers(svg, "area")]
    mm_per_km = (max(ys) - min(ys)) / 111.13
    half = float(re.search(r'class="scale" [^>]*width="([\d.]+)" height="1"', svg)[1])
    (said_km,) = re.findall(r">([\d,]+)\u00a0km<", svg)
    assert 2 * half / mm_per_km == pytest.approx(float(said_km), rel=0.002)


def test_small_far_part_is_ringed():
    lone = MultiPolygon([box(0, 0, 4, 4), box(9, 0, 9.001, 0.001)])

    assert map_of(lone, "fr", 118, 94).count('class="small"') == 1


def test_land_is_found_on_both_sides_of_the_antimeridian():
    around_fiji = outlines_within(176, -20, 184, -15)

    assert around_fiji
    assert all(part.bounds[0] >= 176 and part.bounds[2] <= 184 for part in around_fiji)
    assert max(part.bounds[2] - part.bounds[0] for part in around_fiji) < 3


def test_locator_widens_until_land_is_seen():
    svg = locator_of(MultiPolygon([box(-149.9, -17.8, -149.1, -17.4)]), 49, 40)

    assert 'class="land"' in svg
    assert 'class="dot"' in svg


def test_page_counts_parts_holes_and_vertices():
    ring = box(2, 47, 3, 48).difference(box(2.4, 47.4, 2.6, 47.6))
    record = frozen(
        area_geojson=mapping(MultiPolygon([ring, box(5, 47, 5.1, 47.1)])), area_km2=Decimal(9000)
    )

    page = sheet(record, sha256="0" * 64, check_code=CODE, language="fr")

    assert (page["part_count"], page["hole_count"], page["vertex_count"]) == ("2", "1", "12")
    assert [part["vertices"] for part in page["parts"]] == ["8", "4"]


@pytest.mark.parametrize(
    ("area_km2", "language", "text"),
    [
        ("1234.505", "fr", "1\u202f234,51\u00a0km²"),
        ("1234.505", "en", "1,234.51\u00a0km²"),
        ("0.000089", "fr", "0,000089\u00a0km²"),
        ("0.009999", "en", "0.009999\u00a0km²"),
        ("0", "fr", "0,00\u00a0km²"),
    ],
)
def test_areas_are_written_to_the_hundredth(area_km2, language, text):
    assert wording.area(Decimal(area_km2), language) == text

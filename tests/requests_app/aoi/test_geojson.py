"""GeoJSON is read strictly, and says where it is wrong."""

import json

import pytest
import shapely

from requests_app.aoi.geojson import read_geojson, read_geojson_sequence
from requests_app.aoi.unusable import Unusable

PROJ_STRING = json.dumps(
    {
        "type": "Feature",
        "geometry": None,
        "crs": {"type": "name", "properties": {"name": "+proj=lcc +nadgrids=/etc/hostname"}},
    }
).encode()
RING = [[1, 43], [2, 43], [2, 44], [1, 43]]


def feature(geometry: object) -> dict[str, object]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def collection(*geometries: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": [feature(each) for each in geometries]}


def polygon(*rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": list(rings)}


def read(document: object):
    return read_geojson(json.dumps(document).encode(), layer_name="area")


def refusal_of(data: bytes) -> tuple[str, dict[str, object]]:
    with pytest.raises(Unusable) as unusable:
        read_geojson(data, layer_name="area")
    return unusable.value.code, unusable.value.facts


def test_fault_is_placed_by_feature_ring_and_position():
    document = collection(polygon(RING), polygon(RING, [[1, 43], [2, "43"], [2, 44], [1, 43]]))

    assert refusal_of(json.dumps(document).encode()) == (
        "invalid_coordinates",
        {"reason": "not_a_position", "feature": 2, "ring": 2, "position": 2},
    )


def test_syntax_fault_is_placed_by_line_and_column():
    assert refusal_of(b'{"type": "Polygon",\n "coordinates": [}') == (
        "invalid_json",
        {"line": 2, "column": 18},
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            b'{"type":"Polygon","coordinates":[[[true,1],[2,1],[2,2],[true,1]]]}',
            "invalid_coordinates",
        ),
        (b'{"type":"Polygon","coordinates":[[[NaN,1],[2,1],[2,2],[1,1]]]}', "invalid_coordinates"),
        (
            b'{"type":"Polygon","coordinates":[[[1e999,1],[2,1],[2,2],[1,1]]]}',
            "invalid_coordinates",
        ),
        (b'{"type":"Polygon","coordinates":[[[1,1],[2,1]]]}', "invalid_coordinates"),
        (b'{"type":"Polygon","coordinates":{}}', "invalid_coordinates"),
        (b'{"type":"FeatureCollection","features":{}}', "not_geojson"),
        (b'{"type":"polygon","coordinates":[]}', "not_geojson"),
        (b'{"type":"Topology","objects":{}}', "unsupported_format"),
        (b'{"geometryType":"esriGeometryPolygon","features":[]}', "unsupported_format"),
        (b'"/etc/hostname"', "not_geojson"),
        (b"[" * 100_000, "nested_too_deep"),
        (b'{"type":"GeometryCollection","geometries":[' * 70 + b"]}" * 70, "nested_too_deep"),
        (b'{"name":"\xe9"}', "invalid_encoding"),
        (b'{"type":"Feature","geometry":null,"crs":{"type":"link"}}', "unknown_crs"),
        (PROJ_STRING, "unknown_crs"),
    ],
)
def test_what_is_not_a_plain_area_is_refused(data, code):
    assert refusal_of(data)[0] == code


def test_height_is_dropped():
    layer = read(polygon([[1, 43, 9], [2, 43, 9], [2, 44, 9], [1, 43, 9]]))

    assert not layer.polygons[0].has_z


def test_open_ring_is_closed_and_counted():
    layer = read(polygon(RING[:-1]))

    assert (layer.closed_rings, layer.polygons[0].exterior.is_closed) == (1, True)


def test_polygons_are_found_in_nested_collections():
    inner = {"type": "GeometryCollection", "geometries": [polygon(RING)]}
    outer = {
        "type": "GeometryCollection",
        "geometries": [inner, {"type": "Point", "coordinates": [0, 0]}],
    }

    layer = read(outer)

    assert (len(layer.polygons), layer.points) == (1, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("EPSG:2154", "EPSG:2154"),
        ("urn:ogc:def:crs:EPSG::2154", "EPSG:2154"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
    ],
)
def test_reference_system_of_the_old_specification_is_taken(name, expected):
    document = collection(polygon(RING)) | {"crs": {"type": "name", "properties": {"name": name}}}

    assert read(document).crs == expected


def test_newline_delimited_documents_are_one_layer():
    lines = [json.dumps(feature(polygon(RING))).encode()] * 2

    layer = read_geojson_sequence(b"\x1e" + b"\n\x1e".join(lines), layer_name="area")

    assert len(layer.polygons) == 2


def test_fault_in_a_sequence_is_placed_by_its_line():
    with pytest.raises(Unusable) as unusable:
        read_geojson_sequence(b'{"type":"Feature","geometry":null}\n{', layer_name="area")

    assert unusable.value.facts["line"] == 2


def test_empty_polygon_is_no_polygon():
    assert read(polygon()).polygons == []
    assert read(polygon([])).polygons == []
    assert read(polygon(RING)).polygons == [shapely.Polygon(RING)]

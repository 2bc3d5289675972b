"""KML and archives, before any library of formats sees them."""

import io
import struct
import zipfile

import pytest
import shapely

from requests_app.aoi.archives import open_archive, rebuilt
from requests_app.aoi.formats import content_of, split_name
from requests_app.aoi.kml import checked_kml, leads_out
from requests_app.aoi.shapefile import deleted_records, index_of, shapefile_archive
from requests_app.aoi.unusable import Unusable
from requests_app.aoi.warm_up import sound_files
from requests_app.aoi.wkb import is_plain_multipolygon

KML = (
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon><outerBoundaryIs><LinearRing>'
    b"<coordinates>%s</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
)


def code_of(call, *arguments) -> str:
    with pytest.raises(Unusable) as unusable:
        call(*arguments)
    return unusable.value.code


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


def test_kml_of_another_encoding_comes_out_in_utf8():
    text = "<?xml version='1.0' encoding='ISO-8859-1'?><kml><name>é</name></kml>"

    document = checked_kml(text.encode("latin-1"))

    assert "é".encode() in document.data
    assert b"encoding" not in document.data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "unsafe_xml"),
        (b'<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/a.dtd"><kml/>', "unsafe_xml"),
        (b"<kml>" + b"<Folder>" * 70 + b"</Folder>" * 70 + b"</kml>", "nested_too_deep"),
        (b"<kml><Folder></kml>", "invalid_xml"),
        (b"<svg/>", "not_kml"),
        (KML % b"1, 43 2,43 2,44 1, 43", "invalid_coordinates"),
        (KML % b"one,two", "invalid_coordinates"),
    ],
)
def test_kml_that_is_unsafe_or_wrong_is_refused(data, code):
    assert code_of(checked_kml, data) == code


def test_network_links_and_places_are_counted():
    document = checked_kml(b"<kml><NetworkLink/><NetworkLink/><Placemark/></kml>")

    assert (document.facts.network_links, document.facts.placemarks) == (2, 1)


@pytest.mark.parametrize(
    ("href", "document", "answer"),
    [
        ("../../etc/hostname", "doc.kml", True),
        ("../doc.kml", "layers/zone.kml", False),
        ("..\\..\\evil", "layers/zone.kml", True),
        ("http://127.0.0.1:9/../a", "doc.kml", False),
    ],
)
def test_link_that_climbs_out_of_the_archive_is_seen(href, document, answer):
    assert leads_out(href, document=document) is answer


@pytest.mark.parametrize("name", ["../a.kml", "/a.kml", "..\\a.kml", "C:/a.kml"])
def test_member_whose_name_leads_out_is_refused(name):
    assert code_of(open_archive, zipped((name, b""))) == "archive_unsafe"


def test_member_that_is_a_link_is_refused():
    link = zipfile.ZipInfo("area.kml")
    link.external_attr = 0o120777 << 16

    assert code_of(open_archive, zipped((link, b"/etc/hostname"))) == "archive_unsafe"


def test_archive_with_too_many_members_is_refused():
    members = [(f"{number}.txt", b"") for number in range(1_001)]

    assert code_of(open_archive, zipped(*members)) == "archive_too_many_members"


def test_archive_that_unpacks_too_large_is_refused():
    assert code_of(open_archive, zipped(("a.shp", bytes(130 * 2**20)))) == "archive_too_large"


def test_member_whose_local_header_contradicts_the_directory_is_refused():
    data = bytearray(zipped(("area.geojson", b"{}")))
    data[14] ^= 0xFF

    archive = open_archive(bytes(data))

    assert code_of(archive.read, "area.geojson") == "archive_unreadable"


def test_junk_of_other_systems_is_ignored():
    data = zipped(("__MACOSX/._a.kml", b""), (".DS_Store", b""), ("a/._b.kml", b""), ("b.kml", b""))

    assert list(open_archive(data).members) == ["b.kml"]


def sound_shapefile() -> dict[str, bytes]:
    archive = open_archive(sound_files()["sound.zip"])
    return {name: archive.read(name) for name in archive.members}


def test_index_of_a_shapefile_is_made_again():
    shp = sound_shapefile()["area.shp"]

    shx = index_of(shp)

    assert len(shx) == 108
    assert struct.unpack(">ii", shx[100:]) == (50, (len(shp) - 108) // 2)


def test_shapefile_comes_out_under_plain_names_without_attributes():
    members = {
        f"Dossier/ZONE{name.removeprefix('area').upper()}": data
        for name, data in sound_shapefile().items()
    }
    archive = open_archive(rebuilt({**members, "Dossier/ZONE.DBF": b"x"}))

    clean = open_archive(shapefile_archive(archive, "Dossier/ZONE.SHP"))

    assert sorted(clean.members) == ["area.prj", "area.shp", "area.shx"]


def test_shapes_deleted_in_the_table_are_known():
    column = struct.pack("<11sc4xB15x", b"NAME", b"C", 3)
    header = struct.pack("<4xIHH20x", 3, 65, 4) + column + b"\r"
    dbf = header + b" abc" + b"*abc" + b" abc" + b"\x1a"

    found = deleted_records(open_archive(rebuilt({"a.shp": b"", "a.dbf": dbf})), "a.shp")

    assert found == {1}


def test_table_without_a_column_is_refused():
    dbf = struct.pack("<4xIHH20x", 0, 33, 1) + b"\r\x1a"
    archive = open_archive(rebuilt({"a.shp": b"", "a.dbf": dbf}))

    assert code_of(deleted_records, archive, "a.shp") == "shapefile_table_damaged"


def test_oversized_projection_is_refused():
    members = {**sound_shapefile(), "area.prj": b"x" * 70_000}

    assert code_of(shapefile_archive, open_archive(rebuilt(members)), "area.shp") == "unknown_crs"


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\xef\xbb\xbf {", "json"),
        (b"PK\x03\x04", "zip"),
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"<kml/>", "xml"),
        (b"\x89PNG\r\n", "PNG"),
        ('{"a"'.encode("utf-16"), "json"),
    ],
)
def test_content_is_told_from_its_first_bytes(data, content):
    assert content_of(data) == content


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b/Zone.KML", ("Zone", ".kml")), ("C:\\x\\zone.tar.zip", ("zone.tar", ".zip"))],
)
def test_name_is_split_whatever_the_system_it_comes_from(name, expected):
    assert split_name(name) == expected


def test_only_a_plain_multipolygon_passes_from_the_sandbox():
    sound = shapely.to_wkb(shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]))
    nested = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])])

    assert is_plain_multipolygon(sound)
    assert is_plain_multipolygon(shapely.to_wkb(shapely.MultiPolygon()))
    assert not is_plain_multipolygon(sound + b"\0")
    assert not is_plain_multipolygon(sound[:-1])
    assert not is_plain_multipolygon(b"")
    assert not is_plain_multipolygon(shapely.to_wkb(nested))
    assert not is_plain_multipolygon(shapely.to_wkb(shapely.box(0, 0, 1, 1)))
    # A part that claims to be a multi-polygon again: the way to a bottomless recursion.
    assert not is_plain_multipolygon(sound[:10] + b"\x06" + sound[11:])

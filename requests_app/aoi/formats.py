"""From a name and bytes to layers: which format it claims to be, and whether it is."""

from dataclasses import replace

from requests_app.aoi.archives import Archive, open_archive
from requests_app.aoi.geojson import read_geojson, read_geojson_sequence
from requests_app.aoi.kml import KmlDocument, checked_kml, leads_out
from requests_app.aoi.layers import Layer, UnreadLayer, choose
from requests_app.aoi.limits import MAXIMUM_FILE_BYTES, MAXIMUM_LAYERS
from requests_app.aoi.shapefile import deleted_records, shapefile_archive, stated_crs
from requests_app.aoi.unusable import Unusable
from requests_app.aoi.vectors import marked_geopackage, read_layer, vector_layers
from requests_app.aoi.wkt import read_wkt

_ONE_DOCUMENT = (".geojson", ".json")
_SEQUENCE = (".geojsonl", ".geojsons", ".geojsonseq", ".ndjson", ".jsonl")
_ACCEPTED = (*_ONE_DOCUMENT, *_SEQUENCE, ".wkt", ".kml", ".kmz", ".zip", ".gpkg", ".fgb")
_MAGIC = {
    b"PK": "zip",
    b"SQLite format 3\0": "gpkg",
    b"fgb\3": "fgb",
    b"\x89PNG": "PNG",
    b"GIF8": "GIF",
    b"\xff\xd8\xff": "JPEG",
    b"%PDF": "PDF",
    b"\0\0\x27\x0a": "shp",
    b"\x1f\x8b": "gzip",
}
_WKT = (b"SRID", b"POLYGON", b"MULTI", b"GEOMETRYCOLLECTION", b"POINT", b"LINESTRING")
_CONTENT = {
    **dict.fromkeys((*_ONE_DOCUMENT, *_SEQUENCE), "json"),
    ".wkt": "wkt",
    ".kml": "xml",
    ".kmz": "zip",
    ".zip": "zip",
    ".gpkg": "gpkg",
    ".fgb": "fgb",
}
_NAMES = {".gpkg": "GeoPackage", ".fgb": "FlatGeobuf", ".kml": "KML"}
# In an archive, the first kind that is there is what was meant.
_INSIDE = ((".shp",), (".gpkg",), (".geojson", ".json"), (".kml",), (".fgb",))


def layer_of(data: bytes, *, filename: str, wanted: str | None) -> Layer:
    """The one layer to take the area from. Raises Unusable."""
    if not data:
        raise Unusable("empty_file")
    if len(data) > MAXIMUM_FILE_BYTES:
        raise Unusable("file_too_large", maximum_mib=MAXIMUM_FILE_BYTES // 2**20)
    stem, suffix = split_name(filename)
    _check_content(data, suffix)
    if suffix == ".zip":
        return choose(_zip_layers(open_archive(data)), wanted)
    if suffix == ".kmz":
        return _choose_kml(_kmz_documents(open_archive(data), stem), wanted)
    if suffix == ".kml":
        return _choose_kml({stem: checked_kml(data)}, wanted)
    return choose(_file_layers(data, stem, suffix), wanted)


def split_name(filename: str) -> tuple[str, str]:
    """Stem and lower-case suffix. Raises Unusable unsupported_format."""
    base = filename.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = base.rpartition(".")
    if not dot or f".{suffix.lower()}" not in _ACCEPTED:
        raise Unusable("unsupported_format", format=(dot + suffix)[:20] if dot else "?")
    return stem or base, f".{suffix.lower()}"


def content_of(data: bytes) -> str:
    """What the first bytes say: json, wkt, xml, zip, gpkg, fgb, or a name of something else."""
    for magic, name in _MAGIC.items():
        if data.startswith(magic):
            return name
    text = data[:512].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x1e")
    if text.startswith(b"<"):
        return "HTML" if text[:200].lower().startswith((b"<!doctype html", b"<html")) else "xml"
    if text[:1] in {b"{", b"["}:
        return "json"
    return "wkt" if text[:24].lstrip().upper().startswith(_WKT) else "?"


def _check_content(data: bytes, suffix: str) -> None:
    expected, found = _CONTENT[suffix], content_of(data)
    if found == expected or (found == "?" and expected == "json"):
        return
    if found == "?" and expected == "zip":
        raise Unusable("archive_unreadable")
    if found == "?":
        raise Unusable("unreadable_file", format=_NAMES.get(suffix, expected.upper()))
    raise Unusable("wrong_extension", extension=suffix, found=found)


def _file_layers(data: bytes, stem: str, suffix: str) -> list[UnreadLayer]:
    if suffix in _SEQUENCE:
        return [UnreadLayer(stem, lambda: read_geojson_sequence(data, layer_name=stem))]
    if suffix == ".wkt":
        return [UnreadLayer(stem, lambda: read_wkt(data, layer_name=stem))]
    if suffix in _ONE_DOCUMENT:
        return [UnreadLayer(stem, lambda: read_geojson(data, layer_name=stem))]
    if suffix == ".gpkg":
        data = marked_geopackage(data)
    return vector_layers(data, stem=stem, format_name=_NAMES[suffix])


def _zip_layers(archive: Archive) -> list[UnreadLayer]:
    for suffixes in _INSIDE:
        names = archive.with_suffix(*suffixes)
        if len(names) > MAXIMUM_LAYERS:
            raise Unusable("too_many_layers", layers=len(names), maximum=MAXIMUM_LAYERS)
        if names:
            return [layer for name in names for layer in _member_layers(archive, name)]
    raise _nothing_inside(archive)


def _member_layers(archive: Archive, name: str) -> list[UnreadLayer]:
    stem, suffix = split_name(name) if not name.lower().endswith(".shp") else (name[:-4], ".shp")
    if suffix == ".shp":
        return [UnreadLayer(stem, lambda: _shapefile_layer(archive, name, stem))]
    if suffix == ".kml":
        return vector_layers(_document(archive, name).data, stem=stem, format_name="KML")
    return _file_layers(archive.read(name), stem, suffix)


def _shapefile_layer(archive: Archive, name: str, stem: str) -> Layer:
    layer = read_layer(
        shapefile_archive(archive, name),
        0,
        name=stem,
        format_name="Shapefile",
        without=deleted_records(archive, name),
    )
    # What GDAL makes nothing of is stated all the same: it is the reader after it that refuses it.
    return layer if layer.crs else replace(layer, crs=stated_crs(archive, name))


def _kmz_documents(archive: Archive, stem: str) -> dict[str, KmlDocument]:
    """``doc.kml``; where that only links to its neighbours in the archive, the neighbours."""
    names = archive.with_suffix(".kml")
    if not names:
        raise _nothing_inside(archive)
    if len(names) > MAXIMUM_LAYERS:
        raise Unusable("too_many_layers", layers=len(names), maximum=MAXIMUM_LAYERS)
    checked = {name: _document(archive, name) for name in names}
    main = [name for name in names if name.lower() == "doc.kml"]
    others = {name[:-4]: checked[name] for name in names if name not in main}
    if main and (not others or checked[main[0]].facts.placemarks):
        return {stem: checked[main[0]]}
    return others


def _document(archive: Archive, name: str) -> KmlDocument:
    document = checked_kml(archive.read(name))
    for href in document.facts.hrefs:
        if leads_out(href, document=name):
            raise Unusable("archive_unsafe", member=href[:80], reason="path")
    return document


def _choose_kml(documents: dict[str, KmlDocument], wanted: str | None) -> Layer:
    layers: list[UnreadLayer] = []
    for stem, document in documents.items():
        if document.facts.placemarks:
            layers += vector_layers(document.data, stem=stem, format_name="KML")
    links = sum(document.facts.network_links for document in documents.values())
    if links and not layers:
        raise Unusable("network_link", links=links)
    return choose(layers, wanted)


def _nothing_inside(archive: Archive) -> Unusable:
    return Unusable("archive_without_data", members=sorted(archive.members)[:5])

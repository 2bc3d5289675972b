"""The sentence of every code the reader of areas can give."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orbitrage.shared.errors import Refusal

ACCEPTED_FORMATS = "GeoJSON, KML, KMZ, Shapefile (.zip), GeoPackage, FlatGeobuf, WKT"
_FACT_CHARACTERS = 120

SENTENCES = {
    "empty_file": gettext_lazy("The file is empty (0 bytes)."),
    "file_too_large": gettext_lazy("The file is larger than the %(maximum_mib)s MiB accepted."),
    "unsupported_format": gettext_lazy(
        "%(format)s is not a format we read. Accepted: %(accepted)s."
    ),
    "wrong_extension": gettext_lazy(
        "The file is named %(extension)s but its content is %(found)s. Give it its right name, "
        "or export it again."
    ),
    "unreadable_file": gettext_lazy("The file cannot be read as %(format)s: it is damaged."),
    "invalid_json": gettext_lazy(
        "The file is not valid JSON: error at line %(line)s, column %(column)s."
    ),
    "invalid_xml": gettext_lazy(
        "The file is not well-formed XML: error at line %(line)s, column %(column)s."
    ),
    "invalid_encoding": gettext_lazy(
        "The characters of the file are not %(encoding)s (first fault at byte %(byte)s). Save it "
        "as UTF-8."
    ),
    "nested_too_deep": gettext_lazy("The file is nested deeper than %(maximum)s levels."),
    "unsafe_xml": gettext_lazy(
        "The file declares a document type (DOCTYPE), which is not accepted in KML."
    ),
    "invalid_wkt": gettext_lazy("The text is not well-known text (WKT): %(detail)s."),
    "not_geojson": gettext_lazy("The file is JSON, but not GeoJSON."),
    "not_kml": gettext_lazy("The file is XML, but not KML: it starts with <%(root)s>."),
    "invalid_geometry": gettext_lazy("The geometry cannot be worked with: %(detail)s."),
    "archive_unreadable": gettext_lazy("The archive cannot be opened: it is damaged or cut short."),
    "archive_too_large": gettext_lazy(
        "The archive unpacks to more than the %(maximum_mib)s MiB accepted."
    ),
    "archive_too_many_members": gettext_lazy(
        "The archive has %(members)s members; %(maximum)s at most are accepted."
    ),
    "archive_encrypted": gettext_lazy("The archive is protected by a password: %(member)s."),
    "archive_without_data": gettext_lazy(
        "The archive holds no file we read (%(accepted)s); it holds: %(members)s."
    ),
    "shapefile_table_damaged": gettext_lazy(
        "The attribute table of the Shapefile has no column: %(member)s is damaged. Export it "
        "again."
    ),
    "network_link": gettext_lazy(
        "The file only links to other files (%(links)s network links). Save the places "
        "themselves and upload that file."
    ),
    "no_polygon": gettext_lazy(
        "There is no polygon in the file (found: %(points)s points, %(lines)s lines, "
        "%(unreadable)s unreadable geometries)."
    ),
    "zero_area": gettext_lazy(
        "The area is 0 km²: the %(polygons)s polygons of the file have no surface."
    ),
    "no_crs": gettext_lazy(
        "The file does not say its coordinate reference system: add the .prj file, or export in "
        "WGS 84."
    ),
    "unknown_crs": gettext_lazy(
        "The coordinate reference system is not understood: %(crs)s. Export in WGS 84."
    ),
    "choose_layer": gettext_lazy(
        "The file has several layers of polygons; choose one: %(layers)s."
    ),
    "unknown_layer": gettext_lazy(
        "The file has no layer named %(layer)s; its layers are: %(layers)s."
    ),
    "too_many_layers": gettext_lazy(
        "The file has %(layers)s layers; %(maximum)s at most are accepted."
    ),
    "too_many_features": gettext_lazy(
        "The layer has %(features)s features or more; %(maximum)s at most are accepted."
    ),
    "too_many_vertices": gettext_lazy(
        "The area has %(vertices)s vertices; %(maximum)s at most are accepted."
    ),
    "out_of_range": gettext_lazy(
        "%(positions)s positions are not longitude and latitude in degrees, the first being "
        "%(x)s, %(y)s. Is the coordinate reference system right?"
    ),
    "took_too_long": gettext_lazy(
        "Reading the file was stopped after %(limit_s)s s of computing. Simplify the area."
    ),
    "too_much_memory": gettext_lazy(
        "Reading the file was stopped at %(limit_mib)s MiB of memory. Simplify the area."
    ),
    "reader_stopped": gettext_lazy("The file made the reader stop: it is damaged."),
    "reader_unavailable": gettext_lazy(
        "Files cannot be read at the moment. Nothing is wrong with yours; try again later."
    ),
}

_POSITION_REASONS = {
    "not_finite": gettext_lazy("a coordinate is not a finite number"),
    "not_a_feature": gettext_lazy("a feature is expected here"),
    "unknown_geometry": gettext_lazy("the geometry has no known type"),
    "not_a_list": gettext_lazy("a list of positions is expected here"),
    "not_a_position": gettext_lazy("a position is two numbers, longitude then latitude"),
    "ring_too_short": gettext_lazy("a ring needs at least 4 positions"),
}
_MEMBER_REASONS = {
    "path": gettext_lazy("it leads out of the archive"),
    "special": gettext_lazy("it is a link or a device"),
    "twice": gettext_lazy("it is there twice"),
}
_PLACES = {
    "line": gettext_lazy("line %(number)s"),
    "feature": gettext_lazy("feature %(number)s"),
    "ring": gettext_lazy("ring %(number)s"),
    "position": gettext_lazy("position %(number)s"),
}


def refusal(code: str, facts: Mapping[str, Any], **ours: object) -> Refusal:
    """``facts`` come out of the sandbox: shown as text, cut short, without control characters."""
    known = {name: printable(value) for name, value in facts.items()} | ours
    if code == "invalid_coordinates":
        return Refusal(code, _invalid_coordinates(known))
    if code == "archive_unsafe":
        return Refusal(code, _archive_unsafe(known))
    if code == "archive_unreadable" and "member" in known:
        return Refusal(code, _damaged_member(known))
    if code not in SENTENCES:
        code = "reader_stopped"
    # A fact that a broken reader left out shows as "?", never as an error.
    return Refusal(code, str(SENTENCES[code]) % _Forgiving(known, accepted=ACCEPTED_FORMATS))


class _Forgiving(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


def printable(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(printable(one) for one in value[:20])
    text = str(value)
    shown = "".join(character if character.isprintable() else " " for character in text)
    return shown if len(shown) <= _FACT_CHARACTERS else shown[:_FACT_CHARACTERS] + "…"


def _invalid_coordinates(facts: Mapping[str, Any]) -> str:
    reason = _POSITION_REASONS.get(facts.get("reason", ""), _POSITION_REASONS["not_a_position"])
    where = ", ".join(
        str(words) % {"number": facts[name]} for name, words in _PLACES.items() if name in facts
    )
    return _("The coordinates cannot be read: %(reason)s (%(where)s).") % {
        "reason": reason,
        "where": where or _("somewhere in the file"),
    }


def _archive_unsafe(facts: Mapping[str, Any]) -> str:
    return _("The archive is not safe to open: %(member)s: %(reason)s.") % {
        "member": facts.get("member", "?"),
        "reason": _MEMBER_REASONS.get(facts.get("reason", ""), _MEMBER_REASONS["path"]),
    }


def _damaged_member(facts: Mapping[str, Any]) -> str:
    return _("A file of the archive is damaged: %(member)s.") % {"member": facts["member"]}


def closed_rings(number: int) -> str:
    return ngettext(
        "%(number)s ring was not closed; it was closed.",
        "%(number)s rings were not closed; they were closed.",
        number,
    ) % {"number": number}


def left_out(number: int) -> str:
    return ngettext(
        "%(number)s point or line was left out.",
        "%(number)s points and lines were left out.",
        number,
    ) % {"number": number}


def unreadable_geometries(number: int) -> str:
    return ngettext(
        "%(number)s geometry could not be read and was left out.",
        "%(number)s geometries could not be read and were left out.",
        number,
    ) % {"number": number}


def read_from(crs_name: str) -> str:
    """``crs_name`` is the file's own word."""
    message = _("Its coordinates are in %(crs)s; they were read as WGS 84.")
    return message % {"crs": printable(crs_name)[:80]}


def heights_left_out() -> str:
    return _("Its heights were left out: an area has none.")


def split_at_antimeridian() -> str:
    return _("The area crosses the 180° meridian; it was cut there.")


def duplicate_rings(number: int) -> str:
    return ngettext(
        "%(number)s ring was there twice; it was left out once.",
        "%(number)s rings were there twice; they were left out once.",
        number,
    ) % {"number": number}


def slivers(number: int) -> str:
    return ngettext(
        "%(number)s sliver of less than 0.3 m was closed or left out.",
        "%(number)s slivers of less than 0.3 m were closed or left out.",
        number,
    ) % {"number": number}


def repaired(polygons: int, change: str, place: str) -> str:
    return ngettext(
        "%(polygons)s polygon crosses itself, at %(place)s: mended with your agreement, it changes "
        "the area by %(change)s.",
        "%(polygons)s polygons cross themselves, the first at %(place)s: mended with your "
        "agreement, they change the area by %(change)s.",
        polygons,
    ) % {"polygons": polygons, "place": place, "change": change}

"""KML is looked through before GDAL sees it: entities, links, depth, encoding, coordinates."""

import posixpath
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from requests_app.aoi.limits import MAXIMUM_XML_DEPTH
from requests_app.aoi.unusable import Unusable

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
# GDAL tells KML without a file name by these words near its start.
_RECOGNISED_BY = '<!-- <kml xmlns="http://www.opengis.net/kml/2.2"> -->'
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TUPLE = re.compile(rf"{_NUMBER},{_NUMBER}(?:,{_NUMBER})?,?")


@dataclass
class KmlFacts:
    root: str = ""
    encoding: str = ""
    network_links: int = 0
    placemarks: int = 0
    open_elements: list[str] = field(default_factory=list)
    texts: list[str] | None = None
    hrefs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class KmlDocument:
    """In UTF-8, and what was seen in it."""

    data: bytes
    facts: KmlFacts


def checked_kml(data: bytes) -> KmlDocument:
    """Raises Unusable."""
    facts = KmlFacts()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = lambda _version, encoding, _alone: _note_encoding(facts, encoding)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, _attributes: _open_element(facts, name)
    parser.EndElementHandler = lambda _name: _close_element(facts, parser)
    parser.CharacterDataHandler = lambda text: _take_text(facts, text)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unusable("invalid_xml", line=error.lineno, column=error.offset + 1) from error
    except LookupError as error:
        raise Unusable("invalid_encoding", encoding=facts.encoding[:40], byte=0) from error
    if facts.root != "kml":
        raise Unusable("not_kml", root=facts.root[:40])
    return KmlDocument(_in_utf8(data, facts.encoding), facts)


def _note_encoding(facts: KmlFacts, encoding: str | None) -> None:
    facts.encoding = encoding or ""


def _refuse_doctype(*_declaration: object) -> None:
    raise Unusable("unsafe_xml")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _open_element(facts: KmlFacts, name: str) -> None:
    local = _local(name)
    facts.root = facts.root or local
    facts.open_elements.append(local)
    if len(facts.open_elements) > MAXIMUM_XML_DEPTH:
        raise Unusable("nested_too_deep", maximum=MAXIMUM_XML_DEPTH)
    facts.network_links += local == "NetworkLink"
    facts.placemarks += local in {"Placemark", "GroundOverlay"}
    if local == "href" or (local == "coordinates" and "Polygon" in facts.open_elements):
        facts.texts = []


def _take_text(facts: KmlFacts, text: str) -> None:
    if facts.texts is not None:
        facts.texts.append(text)


def _close_element(facts: KmlFacts, parser: expat.XMLParserType) -> None:
    local = facts.open_elements.pop()
    if facts.texts is None:
        return
    text = "".join(facts.texts)
    facts.texts = None
    if local == "href":
        facts.hrefs.append(text.strip())
    else:
        _check_coordinates(text, parser.CurrentLineNumber)


def _check_coordinates(text: str, line: int) -> None:
    for position, item in enumerate(text.split(), start=1):
        if not _TUPLE.fullmatch(item):
            raise Unusable(
                "invalid_coordinates", reason="not_a_position", line=line, position=position
            )


def leads_out(href: str, *, document: str) -> bool:
    """Does a relative link of a document in an archive climb out of the archive?"""
    if ":" in href.partition("/")[0]:
        return False
    path = posixpath.join(posixpath.dirname(document), href.replace("\\", "/"))
    return posixpath.normpath(path).startswith("..")


def _in_utf8(data: bytes, declared: str) -> bytes:
    """GDAL's reader knows fewer encodings than expat."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else declared or "utf-8"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unusable("invalid_encoding", encoding=encoding[:40], byte=0) from error
    return (_RECOGNISED_BY + _DECLARATION.sub("", text.removeprefix("\ufeff"))).encode()

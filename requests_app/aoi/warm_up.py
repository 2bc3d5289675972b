"""Small sound files, one of each format: read first, so that nothing is left to load later."""

import codecs
import io
import struct

import numpy as np
import pyproj
import shapely
from pyogrio import raw

from requests_app.aoi.archives import rebuilt
from requests_app.aoi.formats import layer_of
from requests_app.aoi.geometry import normalise

_LAMBERT93 = "EPSG:2154"
_SQUARE = shapely.box(574_000.0, 6_279_000.0, 575_000.0, 6_280_000.0)
_ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
    *("ascii", "latin-1", "iso8859-15", "cp1252", "cp437", "cp850", "iso8859-2", "cp1250"),
)
_BOW_TIE = b'{"type":"Polygon","coordinates":[[[179,0],[-179,1],[-179,0],[179,1],[179,0]]]}'
_KML = b"""<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon><outerBoundaryIs>
<LinearRing><coordinates>1,43 2,43 2,44 1,43</coordinates></LinearRing></outerBoundaryIs></Polygon>
</Placemark></kml>"""


def sound_files() -> dict[str, bytes]:
    """By name. Made afresh: GDAL's writers are warmed as well, and are never used again."""
    shapefile = {
        "area.shp": _one_square_shp(),
        "area.prj": pyproj.CRS(_LAMBERT93).to_wkt("WKT1_ESRI").encode(),
    }
    return {
        "sound.geojson": _BOW_TIE,
        "sound.geojsonl": _BOW_TIE + b"\n" + _BOW_TIE,
        "sound.wkt": b"POLYGON ((1 43, 2 43, 2 44, 1 43))",
        "sound.kml": _KML,
        "sound.kmz": rebuilt({"doc.kml": _KML}),
        "sound.zip": rebuilt(shapefile),
        "sound.gpkg": _written("GPKG"),
        "sound.fgb": _written("FlatGeobuf"),
    }


def load_encodings() -> None:
    """Python imports an encoding when it first meets it: too late for those of a file."""
    for name in _ENCODINGS:
        codecs.lookup(name)


def read_one_of_each(files: dict[str, bytes]) -> None:
    """Raises what the readers raise: a library that cannot read these must not be used."""
    for filename, data in files.items():
        normalise(layer_of(data, filename=filename, wanted=None))


def _written(driver: str) -> bytes:
    target = io.BytesIO()
    square = shapely.to_wkb(np.array([_SQUARE], dtype=object))
    raw.write(
        target,
        square,
        [],
        [],
        crs=_LAMBERT93,
        driver=driver,
        geometry_type="Polygon",
        layer="area",
    )
    return target.getvalue()


def _one_square_shp() -> bytes:
    """ESRI Shapefile Technical Description, 1998: a main file of one polygon."""
    positions = shapely.get_coordinates(_SQUARE)
    bounds = struct.pack("<4d", *_SQUARE.bounds)
    content = struct.pack("<i", 5) + bounds + struct.pack("<iii", 1, len(positions), 0)
    content += positions.astype("<f8").tobytes()
    record = struct.pack(">ii", 1, len(content) // 2) + content
    length_words = (100 + len(record)) // 2
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length_words) + struct.pack("<ii", 1000, 5)
    return head + bounds + struct.pack("<4d", 0, 0, 0, 0) + record

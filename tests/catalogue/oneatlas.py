"""Answers of the operator's archive search."""

import copy
import json

NAME = "DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750"
SQUARE = [[[-122.6, 37.5], [-122.2, 37.5], [-122.2, 37.9], [-122.6, 37.9], [-122.6, 37.5]]]


def feature(name=NAME, **properties):
    facts = {
        "acquisitionIdentifier": name,
        "acquisitionDate": "2017-04-18T21:44:25.958Z",
        "cloudCover": 84.8,
        "incidenceAngle": 17.19,
        "productType": "mono",
        "resolution": 0.7,
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": copy.deepcopy(SQUARE)},
        "properties": facts | properties,
    }


def answer(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()

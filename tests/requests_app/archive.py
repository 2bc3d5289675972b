"""Scenes of the archive, recorded over the area that tests ask for."""

from tests.catalogue.oneatlas import feature

HERE = "DS_PHR1B_202404181057160_FR1_PX_E001N43_0720_04750"


def over_the_area(name=HERE, *, west=1.2, **facts):
    found = feature(name, **({"cloudCover": 4, "incidenceAngle": 12} | facts))
    corners = [[west, 43.4], [west + 0.3, 43.4], [west + 0.3, 43.7], [west, 43.7], [west, 43.4]]
    found["geometry"]["coordinates"] = [corners]
    return found

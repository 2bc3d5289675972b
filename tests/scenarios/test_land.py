from decimal import Decimal

import pytest

from orbitrage.shared.geo import geodesic_area_km2, to_shapely
from tests.scenarios.land import EAST_OF_KM2, EAST_OF_SPOT_KM2, land, land_for_spot


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("km2", EAST_OF_KM2)
def test_land_is_as_large_as_it_says(km2, place):
    assert geodesic_area_km2(to_shapely(land(km2, place=place))) == Decimal(km2)


@pytest.mark.parametrize("km2", EAST_OF_SPOT_KM2)
def test_land_for_spot_is_as_large_as_it_says(km2):
    assert geodesic_area_km2(to_shapely(land_for_spot(km2))) == Decimal(km2)

import pytest

from tests.requests_app import world


@pytest.fixture
def spot(programme):
    """The same programme where SPOT goes: another cell, with its own officers."""
    return world.programme(sensor="spot67", cell="spot-science")

import pytest

from tests.requests_app import world


@pytest.fixture
def institution(programme):
    """Whose cell serves Pléiades and SPOT 6/7."""
    return world.programme(category="institutional", cell="institutional")

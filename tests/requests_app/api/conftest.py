import pytest
from django.core.cache import cache

from requests_app.models import UploadedArea
from tests.requests_app import world
from tests.requests_app.api.calling import Program, program_of


@pytest.fixture(autouse=True)
def calls_are_counted_anew():
    cache.clear()


@pytest.fixture
def requester(programme) -> Program:
    return program_of(programme.requester)


@pytest.fixture
def area(programme) -> UploadedArea:
    return world.area_of(programme.requester)

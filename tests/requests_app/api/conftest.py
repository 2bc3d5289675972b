import pytest
from django.core.cache import cache

from tests.requests_app.api.calling import Program, program_of


@pytest.fixture(autouse=True)
def calls_are_counted_anew():
    cache.clear()


@pytest.fixture
def requester(programme) -> Program:
    return program_of(programme.requester)

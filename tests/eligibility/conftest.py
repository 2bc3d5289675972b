import pytest

from tests.eligibility.factories import ProgrammeRoleFactory


@pytest.fixture
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def secretariat():
    return ProgrammeRoleFactory().user

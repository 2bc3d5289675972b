import pytest
from django.core.cache import cache

from orbitrage_client import account
from requests_app.models import UploadedArea
from tests.requests_app import world
from tests.requests_app.api.calling import Program, program_of, secret_of
from tests.requests_app.api.shell import Shell


@pytest.fixture(autouse=True)
def calls_are_counted_anew():
    cache.clear()


@pytest.fixture
def requester(programme) -> Program:
    return program_of(programme.requester)


@pytest.fixture
def area(programme) -> UploadedArea:
    return world.area_of(programme.requester)


@pytest.fixture
def shell(committed_programme, live_server, monkeypatch, tmp_path, capsys) -> Shell:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv(account.URL, live_server.url)
    monkeypatch.setenv(account.TOKEN, secret_of(committed_programme.requester))
    return Shell(capsys)


@pytest.fixture
def area_file(tmp_path):
    path = tmp_path / "commune.geojson"
    path.write_text(world.square().geojson)
    return path

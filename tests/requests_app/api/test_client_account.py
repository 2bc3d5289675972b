"""The command line: whose token it keeps, and to whom it shows it."""

import stat

import pytest

from eligibility.models import Sensor
from orbitrage_client import account

pytestmark = pytest.mark.django_db(transaction=True)


def test_token_is_kept_for_its_owner_alone(shell, live_server, monkeypatch):
    shell("login", live_server.url)
    monkeypatch.delenv(account.TOKEN)
    monkeypatch.delenv(account.URL)

    told = shell("whoami")

    assert (shell.code, told.splitlines()[0].partition(" <")[0]) == (0, "Requester")
    assert stat.S_IMODE(account.kept_in().stat().st_mode) == 0o600


def test_token_that_was_kept_is_shown_to_no_other_service(shell, live_server, monkeypatch):
    shell("login", live_server.url)
    monkeypatch.delenv(account.TOKEN)
    monkeypatch.setenv(account.URL, "https://elsewhere.invalid")

    shell("whoami")

    assert shell.code == 3


def test_token_does_not_travel_in_clear(shell):
    shell("login", "http://images.example.org")

    assert (shell.code, account.kept_in().exists()) == (2, False)


def test_logout_forgets_the_token(shell, live_server):
    shell("login", live_server.url)

    shell("logout")

    assert not account.kept_in().exists()


def test_token_that_is_not_taken_has_its_exit_code(shell, monkeypatch):
    monkeypatch.setenv(account.TOKEN, "orb_wrong")

    shell("whoami")

    assert (shell.code, shell.error.partition(":")[0]) == (3, "not_authenticated")


def test_service_that_is_away_has_its_exit_code(shell, monkeypatch):
    monkeypatch.setenv(account.URL, "http://localhost:9")
    monkeypatch.setattr("orbitrage_client.service.TRIES", 1)

    shell("whoami")

    assert shell.code == 5


def test_sensors_are_those_offered(shell):
    told = shell("sensors")

    offered = Sensor.objects.filter(is_offered=True).order_by("pk")
    assert [line.split()[0] for line in told.splitlines()] == [each.code for each in offered]

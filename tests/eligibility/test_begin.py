import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from eligibility.models import Cell, ProgrammeRole, User
from tests.eligibility.factories import (
    ProgrammeRoleFactory,
)

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


CELLS = """
[[cell]]
code = "agency-cell"
name_fr = "Cellule de l'agence"
name_en = "Cell of the agency"
email = "cell@agency.example"
decision_delay_days = 10
valid_from = 2026-01-01
source = "Decision of the agency"
"""


def begin(tmp_path, **changes) -> str:
    (tmp_path / "cells.toml").write_text(CELLS, encoding="utf-8")
    out = StringIO()
    options = {
        "name": "Agency of images",
        "sender": "images@agency.example",
        "languages": "fr,en",
        "email": "Office@agency.example",
        "full_name": "Grace Hopper",
        "cells": tmp_path / "cells.toml",
        "environment": tmp_path / "orbitrage.env",
        **changes,
    }
    call_command("begin", stdout=out, **options)
    return out.getvalue()


def test_first_run_opens_the_office_and_writes_the_settings(tmp_path):
    begin(tmp_path)

    role = ProgrammeRole.objects.get()
    assert (role.role, role.user.email, role.user.is_staff) == (
        "secretariat",
        "office@agency.example",
        True,
    )
    assert Cell.objects.get().code == "agency-cell"
    assert (tmp_path / "orbitrage.env").read_text(encoding="utf-8") == (
        'ORBITRAGE_NAME="Agency of images"\n'
        'ORBITRAGE_MAIL_FROM="Agency of images <images@agency.example>"\n'
        'ORBITRAGE_LANGUAGES="fr,en"\n'
    )


def test_first_run_prints_the_link_to_choose_a_password(client, tmp_path):
    printed = begin(tmp_path)

    path = re.search(r"https?://[^/\s]+(/accounts/\S+)", printed).group(1)
    form = client.get(path, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})

    assert User.objects.get().check_password(PASSWORD)


def test_first_run_may_be_repeated_for_the_same_person(tmp_path):
    begin(tmp_path)
    begin(tmp_path)

    assert (User.objects.count(), ProgrammeRole.objects.count()) == (1, 1)


def test_second_office_is_refused_and_nothing_is_written(tmp_path):
    ProgrammeRoleFactory()

    with pytest.raises(CommandError):
        begin(tmp_path)

    assert not User.objects.filter(email="office@agency.example").exists()
    assert not Cell.objects.exists()
    assert not (tmp_path / "orbitrage.env").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "not an address"},
        {"email": "neither"},
        {"languages": "fr,it"},
        {"name": 'An "agency"'},
        {"name": ""},
    ],
)
def test_first_run_with_a_wrong_answer_writes_nothing(tmp_path, wrong, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO())

    with pytest.raises(CommandError):
        begin(tmp_path, **wrong)

    assert not User.objects.exists()
    assert not (tmp_path / "orbitrage.env").exists()

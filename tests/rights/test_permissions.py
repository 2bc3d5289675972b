"""Every address × every role: `permissions.csv`, written by hand, against the real pages."""

import pytest
from django.contrib import admin
from django.db import transaction

from quotas.forms import ACT_FORMS
from requests_app.actions import ACTIONS
from tests.rights.api import API, operations
from tests.rights.fingerprint import changed_tables, fingerprint
from tests.rights.table import (
    ACT,
    DONE,
    MOVE,
    WRITES,
    Row,
    groups,
    rows,
    try_and_undo,
    try_cell,
    url_names,
)
from tests.rights.world import ROLES, World
from tests.sizes import size

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

NTH = size(small=9, large=1)
METHODS = ("GET", "POST")
# Of a model's pages in the administration, what is not asked for here is the same page.
ADMIN_METHODS = {
    "changelist": ("GET",),
    "history": ("GET",),
    "change": ("GET", "POST"),
    "add": ("POST",),
    "delete": ("POST",),
}


# --- The table is whole ---------------------------------------------------------------------------


def wanted_addresses() -> set[tuple[str, str]]:
    wanted = set()
    wanted |= operations()
    of_pages = {name for name in url_names() if not name.startswith(f"{API}:")}
    for name in of_pages - {MOVE, ACT, "admin:app_list"}:
        kind = name.rpartition("_")[2]
        is_of_a_model = name.startswith("admin:") and name.count("_") >= 2
        methods = ADMIN_METHODS[kind] if is_of_a_model and kind in ADMIN_METHODS else METHODS
        wanted |= {(name, method) for method in methods}
    labels = {model._meta.app_label for model in admin.site._registry}
    with_argument = [f"{MOVE} {name}" for name in ACTIONS]
    with_argument += [f"{ACT} {kind}" for kind in ACT_FORMS]
    with_argument += [f"admin:app_list {label}" for label in labels]
    return wanted | {(name, method) for name in with_argument for method in METHODS}


def test_every_address_has_a_row():
    assert wanted_addresses() - {(row.url, row.method) for row in rows()} == set()


def test_every_row_has_an_address():
    known = set(url_names())

    assert [row.url for row in rows() if row.name not in known] == []


def test_no_row_is_written_twice():
    keys = [(row.url, row.method, row.object_name) for row in rows()]

    assert sorted(set(keys)) == sorted(keys)


def test_number_of_cells(proof):
    cells = sum(len(row.expected) for row in rows())

    proof("cells of the rights table", cells)

    assert cells == len(rows()) * len(ROLES) > 5_000


# --- Every cell -----------------------------------------------------------------------------------


def is_written(row: Row, role: str) -> bool:
    """Whether this cell may change the database: a post that is answered by another page."""
    return row.method != "GET" and row.expected[role] in (WRITES, DONE)


def cells_of(group: str) -> list[tuple[Row, str]]:
    """All of them in `make prove`; in every run each ninth, so that each role and each address
    has its turn."""
    board = (
        (row, role, line + column)
        for line, row in enumerate(groups()[group])
        for column, role in enumerate(ROLES)
    )
    return [(row, role) for row, role, place in board if place % NTH == 0]


@pytest.mark.parametrize("group", groups())
def test_cells(world: World, group: str):
    """Each answers as written, and names no request the role may not see.

    Cells that should write are undone one by one; after all others nothing has changed.
    """
    found, cells = [], cells_of(group)

    with transaction.atomic():
        before = fingerprint()
        for row, role in cells:
            if not is_written(row, role):
                found += try_cell(world, row, role)
        changed = changed_tables(before)
        for row, role in cells:
            if is_written(row, role):
                found += try_and_undo(world, row, role)
        transaction.set_rollback(True)

    assert "\n".join(found) == ""
    assert changed == []

"""The rights table: rows written by hand from the specification, and how one cell is tried."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from orbitrage.shared.api.problems import MEDIA_TYPE as PROBLEM
from requests_app.actions import ACTIONS
from tests.rights.api import API, answered, call
from tests.rights.payloads import payload
from tests.rights.world import ROLES, World

TABLE = Path(__file__).resolve().parent.parent / "permissions.csv"
MOVE, ACT = "requests:move", "quotas:act"
FILES = (
    "licences:list_file", "requests:list_file", "quotas:statement_file", "quotas:entity_file", "quotas:cell_file",
    f"{API}:list_file",
)  # fmt: skip
CHOSEN = {
    "licences:download": {"language": "fr"},
    "licences:specimen": {"language": "fr"},
    "quotas:quotation_pdf": {"language": "fr"},
    f"{API}:licence_pdf": {"language": "fr"},
    f"{API}:move_form": {"name": "cancel"},
} | {name: {"extension": "csv"} for name in FILES}
"""What else stands in an address."""
LOGIN, ADMIN_LOGIN = "/accounts/login/", "/admin/login/"
WRITES = "302"
DONE = "done"
"""What a program is answered instead: 200, 201 or 204."""
REFUSED = "refused"
"""Sent back to the page with the reason, nothing written."""


@dataclass(frozen=True)
class Row:
    """``url`` is the name of an address, with the transition or the app where it takes one."""

    url: str
    method: str
    object_name: str
    expected: dict[str, str]

    @property
    def group(self) -> str:
        family = self.url.rpartition(":")[0] or self.url.partition("_")[0]
        return f"{family} {self.object_name}" if family in ("requests", API) else family

    @property
    def is_of_licences(self) -> bool:
        return self.url.startswith(("licences:", f"{API}:licence"))

    @property
    def is_of_api(self) -> bool:
        return self.url.startswith(f"{API}:")

    @property
    def name(self) -> str:
        return self.url.partition(" ")[0]


def rows() -> list[Row]:
    with TABLE.open(newline="") as file:
        typed = [
            Row(line["url"], line["method"], line["object"], {role: line[role] for role in ROLES})
            for line in csv.DictReader(file)
        ]
    return typed + [_over_the_api(row) for row in typed if _is_of_a_page_that_moves(row)]


def _is_of_a_page_that_moves(row: Row) -> bool:
    return (row.name, row.method) == (MOVE, "POST") and row.url.partition(" ")[2] in ACTIONS


def _over_the_api(row: Row) -> Row:
    """A program that makes a move is answered as a page is: the row of the one is that of both.
    Where the page shows its form again, the call is refused."""
    transition = row.url.partition(" ")[2]
    said = {"login": "401", WRITES: DONE, "200": "422"}
    expected = {role: said.get(told, told) for role, told in row.expected.items()}
    return Row(f"{API}:move_{transition}", "POST", row.object_name, expected)


def groups() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows():
        found.setdefault(row.group, []).append(row)
    return found


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_names(pattern, inner)


# --- Trying a cell --------------------------------------------------------------------------------


def address(world: World, row: Row) -> str:
    if row.name == "admin:None":
        return "/admin/no-such-page/"
    argument = row.url.partition(" ")[2]
    if row.name == "admin:app_list":
        return reverse(row.name, kwargs={"app_label": argument})
    if row.object_name == "a row":
        return reverse(row.name, args=[world.first_row(row.name)])
    arguments = dict(world.objects[row.object_name])
    if row.name == "account_reset_password_from_key":
        arguments["uidb36"] = "1"
    if row.name == "admin:view_on_site":
        arguments = {"content_type_id": "1", "object_id": "1"}
    if row.name == MOVE:
        arguments["transition"] = argument
    if row.name == ACT:
        arguments["kind"] = argument
    return reverse(row.name, kwargs=arguments | CHOSEN.get(row.name, {}))


def ask(world: World, row: Row, role: str) -> HttpResponse:
    """One request as ``role``; the browser forgets what this answer sets."""
    client = world.clients[role]
    cookies = client.cookies.copy()
    cache.clear()
    if row.is_of_api:
        return call(world, row.url, row.method, address(world, row), role, row.object_name)
    try:
        if row.method == "GET":
            return client.get(address(world, row))
        return client.post(address(world, row), payload(world, row.url, role, row.object_name))
    finally:
        client.cookies = cookies


def outcome(row: Row, response: HttpResponse) -> str:
    if row.is_of_api:
        return answered(row.url, row.method, response)
    if response.status_code != 302:
        return str(response.status_code)
    path = urlsplit(response["Location"]).path
    return {LOGIN: "login", ADMIN_LOGIN: "admin"}.get(path, WRITES)


def try_cell(world: World, row: Row, role: str) -> list[str]:
    """What is wrong with one cell, in words."""
    where = f"{row.method} {row.url} [{row.object_name}] as {role}"
    response = ask(world, row, role)
    found, written = outcome(row, response), row.expected[role]
    wanted = WRITES if written == REFUSED else written
    wrong = [] if found == wanted else [f"{where}: {written} expected, {found} found"]
    if not row.url.startswith("admin:"):
        secret = all_numbers(world) - numbers_known(world, role, of_licences=row.is_of_licences)
        told = requests_named(response) & secret
        wrong += [f"{where}: tells of {number}" for number in sorted(told)]
    return wrong


def try_and_undo(world: World, row: Row, role: str) -> list[str]:
    with transaction.atomic():
        wrong = try_cell(world, row, role)
        transaction.set_rollback(True)
    return wrong


# --- What a page tells ----------------------------------------------------------------------------

REQUEST_NUMBER = re.compile(r"R\d{4}-\d{6}")
DRAFTS = ("draft", "open_data")
OF_THE_ENTITY = ("requester", "colleague", "entity_contact", "legal_representative")
OF_THE_CELL = ("reviewer", "reviewer_other", "arbitrator", "chair", "supply_officer")
OF_THE_PROGRAMME = ("secretariat", "observer", "staff_secretariat")


def text_of(response: HttpResponse) -> str:
    return b"".join(response).decode(errors="replace")


def requests_named(response: HttpResponse) -> set[str]:
    """But for the address that was asked for, which a refusal of the API says again."""
    kind = response.get("Content-Type", "")
    if "pdf" in kind:
        return set()
    text = text_of(response)
    if kind == PROBLEM:
        text = json.dumps({**json.loads(text), "instance": ""})
    return set(REQUEST_NUMBER.findall(text))


def visible(world: World, role: str) -> set[str]:
    """Names of the requests a role may see, by the rule of the specification."""
    of_entity = set(world.requests) - {"unrelated"}
    if role in ("requester", "co_requester"):
        return of_entity
    if role in OF_THE_ENTITY + OF_THE_CELL:
        return of_entity - set(DRAFTS)
    if role in OF_THE_PROGRAMME:
        return of_entity - set(DRAFTS) | {"unrelated"}
    return {"mandated"} if role == "contractor" else set()


def all_numbers(world: World) -> set[str]:
    return {request.number for request in world.requests.values()}


def numbers_known(world: World, role: str, *, of_licences: bool) -> set[str]:
    names = visible(world, role)
    if role == "contractor" and of_licences:
        # Who works for an entity under mandate uses its licences, which name their request.
        names = set(world.requests) - {"unrelated"}
    return {world.requests[name].number for name in names}

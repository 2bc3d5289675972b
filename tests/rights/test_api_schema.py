"""What the description of the API allows is tried, operation by operation, by three people each."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from orbitrage.api import api
from tests.requests_app import world as path
from tests.rights.api import API, body_of
from tests.rights.table import CHOSEN, DONE, Row, rows
from tests.rights.world import World
from tests.sizes import size

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

CALLS = size(small=6, large=60)
CALLS_AT_LEAST, DONE_AT_LEAST = size(small=6, large=50), 0.2
# Beside whoever may: somebody who sees and may not, and the programme's own staff.
OTHERS = ("colleague", "secretariat")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
Told = dict[str, Counter[str]]


def operations() -> dict[str, tuple[str, str]]:
    """By operation id, the name of its address in the rights table and its method."""
    views = [
        view for router in api._get_bound_routers() for view in router.path_operations.values()
    ]
    return {
        operation.operation_id: (f"{API}:{operation.url_name}", operation.methods[0])
        for view in views
        for operation in view.operations
    }


def opening(url: str, method: str) -> tuple[Row, str]:
    """A row of the rights table, and the first role that is let in by it."""
    for row in rows():
        if (row.url, row.method) == (url, method):
            for role, told in row.expected.items():
                if told in ("200", DONE):
                    return row, role
    raise AssertionError(f"nobody may {method} {url}")


@pytest.fixture(scope="module", autouse=True)
def connection_outlives_a_call() -> Iterator[None]:
    """As with Django's own client: the world stands in a transaction of this connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def read_and_closed(application: Any) -> Any:
    """As a server does: what is sent is read whole, then closed."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        with closing(application(environ, start_response)) as sent:
            return [b"".join(sent)]

    return answer


@pytest.fixture(scope="module")
def schema(connection_outlives_a_call: None) -> Any:
    headers = {"Accept-Language": "en"}
    application = read_and_closed(get_wsgi_application())
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, headers=headers)


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Prints the table when all have been called."""
    table: Told = {}
    yield table
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    say = reporter.write_line if reporter else print
    say("\n| operation | calls | 2xx | 4xx | 5xx |\n|---|---:|---:|---:|---:|")
    for name, counts in table.items():
        figures = " | ".join(str(counts[each]) for each in ("2xx", "4xx", "5xx"))
        say(f"| {name} | {counts.total()} | {figures} |")


def examples_of(world: World, row: Row, role: str) -> tuple[dict[str, Any], Any]:
    """Path parameters and body with which ``role`` is let do it."""
    parameters = {name: str(value) for name, value in world.objects[row.object_name].items()}
    parameters |= CHOSEN.get(row.url, {})
    if row.method == "GET":
        return parameters, None
    if row.url == f"{API}:areas":
        file = SimpleUploadedFile("area.geojson", path.square().geojson.encode())
        return parameters, encode_multipart(BOUNDARY, {"file": file})
    return parameters, body_of(world, row.url, row.method, role, row.object_name)


@pytest.mark.parametrize("operation_id", sorted(operations()))
def test_operation_answers_as_described(
    world: World, schema: Any, told: Told, proof: Any, operation_id: str
):
    row, allowed = opening(*operations()[operation_id])
    operation = schema.find_operation_by_id(operation_id)
    counts, turn = Counter[str](), itertools.count()

    @settings(max_examples=CALLS, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=st.data(), _salt=st.integers(min_value=0, max_value=2**62))
    def call(data: Any, _salt: int) -> None:
        case, place = data.draw(operation.as_strategy()), next(turn)
        role = (allowed, allowed, OTHERS[0], allowed, allowed, OTHERS[1])[place % 6]
        parameters, body = examples_of(world, row, role)
        if place % 3 < 2:
            case.path_parameters = parameters
        if place % 3 == 0:
            case.query = {}
            case.headers.clear()
        if place % 3 == 0 and body is not None:
            case.body = body
            case.media_type = case.media_type or "application/json"
            if isinstance(body, bytes):
                case.headers["Content-Type"] = MULTIPART_CONTENT
        counts[answer_of(world, case, role)] += 1

    call()

    told[operation_id] = counts
    classes = ", ".join(f"{counts[each]:,} {each}" for each in ("2xx", "4xx", "5xx"))
    proof(f"calls of {operation_id}: {classes}", counts.total())
    assert counts["5xx"] == 0
    assert counts.total() >= CALLS_AT_LEAST
    assert counts["2xx"] / counts.total() >= DONE_AT_LEAST, counts


def answer_of(world: World, case: Any, role: str) -> str:
    """The class of the status; what was written is undone."""
    cache.clear()
    said = {"Authorization": f"Bearer {world.tokens[role]}", "Accept-Language": "en"}
    case.headers.update(said)
    with transaction.atomic():
        response = case.call()
        transaction.set_rollback(True)
    case.validate_response(response, checks=CHECKS)
    return f"{response.status_code // 100}xx"


@pytest.mark.parametrize(
    ("made_by", "url", "found_by"),
    [
        ("create_request", f"{API}:requests", ["read_request", "change_request", "preview_request", "submit"]),
        ("give_area", f"{API}:given_areas", ["read_area"]),
    ],
)  # fmt: skip
def test_what_was_made_is_found_by_its_links(
    world: World, schema: Any, made_by: str, url: str, found_by: list[str]
):
    """Follows the links of the description; each alone, and undone."""
    cache.clear()
    bodies = {"change_request": {"title": "Changed"}}
    with transaction.atomic():
        made = called(world, schema, made_by, {}, body_of(world, url, "POST", "requester", ""))
        links = schema.find_operation_by_id(made_by).definition.raw["responses"]["201"]["links"]
        for name in found_by:
            places = links[name]["parameters"].items()
            parameters = {key: str(made.json()[told.rpartition("/")[2]]) for key, told in places}
            with transaction.atomic():
                assert called(world, schema, name, parameters, bodies.get(name)).status_code == 200
                transaction.set_rollback(True)
        transaction.set_rollback(True)


def called(world: World, schema: Any, name: str, parameters: dict[str, str], body: Any) -> Any:
    operation = schema.find_operation_by_id(name)
    sent = {"body": body, "media_type": "application/json"} if body else {}
    case = operation.Case(path_parameters=parameters, **sent)
    case.headers = {"Authorization": f"Bearer {world.tokens['requester']}", "Accept-Language": "en"}
    response = case.call()
    case.validate_response(response, checks=CHECKS)
    return response

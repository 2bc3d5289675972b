"""What is sent to break the service, or to see what is somebody else's."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orbitrage.api import described
from orbitrage.shared.models import IdempotentAnswer
from requests_app.messages.services import write_message
from requests_app.models import Attachment, ImageryRequest, MessageKind
from tests.requests_app import attached, world
from tests.requests_app.api.calling import BASE, Program, codes, new_request, program_of
from tests.rights.fingerprint import changed_tables, fingerprint

pytestmark = pytest.mark.django_db

NUL = "a\x00b"
DEEP = "[" * 2_000 + "]" * 2_000


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path.removeprefix(BASE), operation)
        for path, methods in described("en")["paths"].items()
        for method, operation in methods.items()
    ]


def is_problem(response: Any) -> bool:
    is_refused = 400 <= response.status_code < 500
    return is_refused and response["Content-Type"] == "application/problem+json" and codes(response)


def sent(program: Program, method: str, path: str, text: str, kind: str = "application/json"):
    return program.client.generic(method, f"{BASE}{path}", text, kind, headers=program.headers)


# --- Somebody else's ------------------------------------------------------------------------------


@pytest.fixture
def theirs(programme) -> dict[str, str]:
    """A value of the requester's for every parameter that stands in a path."""
    request = world.delivered(programme)
    note = write_message(
        request_id=request.pk,
        user=programme.requester,
        kind=MessageKind.SHARED,
        attachments=[attached.upload()],
    )
    return {
        "number": request.number,
        "area_id": str(world.area_of(programme.requester).pk),
        "key": str(Attachment.objects.get(message=note).key),
        "name": "cancel",
        "language": "fr",
        "pk": str(programme.entity.pk),
        "code": programme.cell.code,
        "extension": "csv",
    }


OWN_LIST = "/requests/list.{extension}"


def filled(path: str, values: dict[str, str], licence: str) -> str:
    known = values | ({"number": licence} if path.startswith("/licences") else {})
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return path


def test_nothing_of_another_is_there_under_any_address(programme, theirs):
    licence = ImageryRequest.objects.get(number=theirs["number"]).licence_number
    stranger = program_of(programme.stranger)
    stranger.get("/me")
    before = fingerprint()

    found = {
        (method, path): sent(stranger, method, filled(path, theirs, licence), "{}").status_code
        for method, path, _operation in operations()
        if "{" in path.replace(OWN_LIST, "")
    }

    # A body that is required and not there is refused before the request is looked for.
    assert set(found.values()) <= {404, 422}
    assert [each for each in found if each[0] == "GET" and found[each] != 404] == []
    assert changed_tables(before) == []


def test_owner_finds_what_a_stranger_does_not(programme, theirs, requester):
    """Control: every one of these addresses is of something."""
    licence = ImageryRequest.objects.get(number=theirs["number"]).licence_number
    missing = [
        path
        for method, path, _operation in operations()
        if method == "GET"
        and "{" in path
        and requester.get(filled(path, theirs, licence)).status_code == 404
    ]

    # Statements of a cell are of its officers; the document is made by a worker.
    assert missing == ["/licences/{number}/{language}.pdf", "/quotas/cells/{pk}"]


@pytest.mark.parametrize(
    "value", ["0", "-1", "1e5", "9" * 50, "' OR 1=1--", "..%2f..", "%00", "%ff", "é", "a" * 2_000]
)
def test_odd_value_in_an_address_is_not_there(requester, value):
    for method, path, _operation in operations():
        if "{" not in path:
            continue
        while "{" in path:
            path = path[: path.index("{")] + value + path[path.index("}") + 1 :]
        response = sent(requester, method, path, "{}")
        assert is_problem(response), (method, path, response.status_code)
        assert response.status_code in (404, 422), (method, path, response.status_code)


# --- Keys -----------------------------------------------------------------------------------------


def test_key_of_another_person_gives_nothing_of_theirs(programme, requester, area):
    mine = requester.post("/requests", new_request(programme, area), key="k-1").json()
    body = new_request(programme, area)

    response = program_of(programme.colleague).post("/requests", body, key="k-1")

    assert (response.status_code, mine["number"] in response.content.decode()) == (422, False)
    assert IdempotentAnswer.objects.count() == 1


def test_answer_kept_under_a_key_is_shown_to_no_token_that_may_not_do_it(programme, area):
    program_of(programme.requester).post("/requests", new_request(programme, area), key="k-1")

    response = program_of(programme.requester, "read").post(
        "/requests", new_request(programme, area), key="k-1"
    )

    assert (response.status_code, codes(response)) == (403, ["scope_missing"])


def test_answer_kept_under_a_key_is_shown_to_nobody_who_may_not_see_it(programme):
    """Whoever lost sight of a request meanwhile is not told of it by the answer of before."""
    request = world.submitted(programme)
    colleague = program_of(programme.colleague)
    path = f"/requests/{request.number}/copy"
    colleague.post(path, key="k-1")
    programme.colleague.affiliations.all().delete()

    again = colleague.post(path, key="k-1")

    assert again.status_code == 404


# --- Bodies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{", "application/json"),
        (DEEP, "application/json"),
        ('{"a":' * 2_000 + "1" + "}" * 2_000, "application/json"),
        ("NaN", "application/json"),
        ("9" * 5_000, "application/json"),
        ('"' + "x" * 100_000 + '"', "application/json"),
        ("\xff\xfe", "application/json"),
        ("[]", "application/json"),
        ("null", "application/json"),
        ("{}", "text/plain"),
        ("{}", ""),
        ("{}", "application/json; charset=utf-7"),
        ("a=b", "application/x-www-form-urlencoded"),
        ("--x\r\n", "multipart/form-data; boundary=x"),
        ("x", "multipart/form-data"),
        ("<a/>", "application/xml"),
    ],
)
def test_body_that_is_nothing_is_refused_by_every_operation(requester, text, kind):
    """A move without a body does not read what it is sent."""
    for method, path, operation in operations():
        if method == "GET" or "requestBody" not in operation:
            continue
        path = path.replace("{number}", "R2026-000000").replace("{area_id}", "1")
        response = sent(requester, method, path, text, kind)
        assert is_problem(response), (method, path, response.status_code, response.content)


@pytest.mark.parametrize("value", [NUL, "\ud800", "\x1b[2J", "x" * 1_000_000, [], {}, 1e308, True])
def test_odd_value_of_any_field_is_refused_and_never_fails(programme, requester, area, value):
    draft = world.draft(programme)
    whole = new_request(programme, area)

    for name in whole:
        response = requester.post("/requests", whole | {name: value})
        is_taken = (value is True and name == "is_emergency") or (
            value == "\x1b[2J" and name == "purpose"  # lines of text: the client cleans them
        )
        assert is_taken or is_problem(response), (name, response.status_code)
    for name in ("window_starts_on", "maximum_cloud_percent", "purpose", "uses_prefunded"):
        response = requester.patch(f"/requests/{draft.number}", {name: value})
        assert response.status_code < 500
    told = requester.patch(f"/requests/{draft.number}", {"maximum_cloud_percent": value})
    assert is_problem(told)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "0.1", '"1e9999"'])
def test_odd_number_is_refused(programme, number):
    request = world.delivered(programme)
    program_of(programme.requester).post(
        f"/requests/{request.number}/do/dispute",
        {"reason": "Clouds.", "products": ["DS_PHR1A_1"]},
    )

    response = sent(
        program_of(programme.secretariat),
        "POST",
        f"/requests/{request.number}/do/refund_part",
        f'{{"refunded_km2": {number}, "reason": "One cloud.", "products": ["DS_PHR1A_1"]}}',
    )

    assert response.status_code in (400, 409, 422, 200)
    assert (response.status_code == 200) == (number == "0.1")


def test_file_in_a_body_is_checked_as_an_upload_is(programme, requester):
    request = world.in_review(programme)
    bomb = json.dumps({"attachments": [{"name": "a.txt", "content": "x" * (21 * 2**20)}]})

    response = sent(requester, "POST", f"/requests/{request.number}/messages", bomb)

    assert response.status_code in (409, 413)
    assert Attachment.objects.count() == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00.geojson", "", "x" * 5_000 + ".zip"])
def test_name_of_a_file_is_only_a_name(requester, name):
    file = SimpleUploadedFile("a.geojson", world.square().geojson.encode())
    file._name = name
    response = requester.client.post(f"{BASE}/areas", {"file": file}, headers=requester.headers)

    assert response.status_code == 201 or is_problem(response)


# --- Methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_method_that_no_operation_has_is_refused(requester, method):
    for path in {path for _method, path, _operation in operations()}:
        path = path.replace("{", "").replace("}", "")
        response = sent(requester, method, path, "{}")
        assert response.status_code in (404, 405), (method, path, response.status_code)
        assert is_problem(response)


def test_method_is_not_overridden_by_a_header(programme, requester):
    draft = world.draft(programme)
    headers = requester.headers | {"x-http-method-override": "PATCH"}

    response = requester.client.get(f"{BASE}/requests/{draft.number}", headers=headers)

    assert response.json()["title"] == draft.title


def test_limit_counts_what_is_refused(programme, requester, settings):
    settings.ORBITRAGE_API_CALLS_PER_MINUTE = 2

    answers = [requester.post("/requests", {}) for _ in range(3)]

    assert [response.status_code for response in answers] == [422, 422, 429]

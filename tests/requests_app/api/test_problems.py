"""Errors of every kind have one shape."""

import pytest

from tests.requests_app.api.calling import codes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("GET", "/requests/no-such-number", 404, "not_found"),
        ("GET", "/requests/a%00b", 404, "not_found"),
        ("DELETE", "/requests", 405, "method_not_allowed"),
        ("PUT", "/me", 405, "method_not_allowed"),
    ],
)
def test_address_that_takes_nothing_answers_a_problem(requester, method, path, status, code):
    response = requester.client.generic(method, f"/api/v1{path}", headers=requester.headers)

    assert (response.status_code, codes(response)) == (status, [code])
    assert response["Content-Type"] == "application/problem+json"


def test_method_that_is_taken_is_told(requester):
    response = requester.client.delete("/api/v1/me", headers=requester.headers)

    assert response["Allow"] == "GET"


def test_body_that_is_too_long_is_refused_unread(requester, settings):
    settings.ORBITRAGE_BODY_MAXIMUM_BYTES = 100

    response = requester.post("/requests", {"title": "x" * 200})

    assert (response.status_code, codes(response)) == (413, ["body_too_large"])


def test_pages_keep_their_own_errors(client):
    response = client.get("/nothing-here/")

    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")

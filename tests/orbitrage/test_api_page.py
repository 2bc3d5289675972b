"""The description of the API, and its page."""

import re

import pytest
from django.urls import reverse

from orbitrage.api import PROBLEMS, described
from tests.rights.api import API, ROOT, operations


def described_operations(schema):
    return [
        operation for operations in schema["paths"].values() for operation in operations.values()
    ]


def test_every_operation_is_described_once():
    found = described_operations(described("en"))

    names = [operation["operationId"] for operation in found]
    assert len(set(names)) == len(names) == len(operations() - {(ROOT, "GET")})
    assert API == "api-1"


def test_every_operation_asks_for_a_token_and_says_what_may_go_wrong():
    for operation in described_operations(described("en")):
        assert operation["security"] == [{"Bearer": []}]
        assert set(PROBLEMS) <= set(operation["responses"])
        assert operation["summary"]


def test_every_write_takes_a_key():
    """But for areas, which do no harm twice, and previews, which write nothing."""
    without = {
        operation["operationId"]
        for operations in described("en")["paths"].values()
        for method, operation in operations.items()
        if method != "get" and "Idempotency-Key" not in [p["name"] for p in operation["parameters"]]
    }

    of_areas = {"check_area", "give_area", "swap_axes", "keep_remaining", "keep_remaining_of_new"}
    assert without == of_areas | {"preview_new_request"}


@pytest.mark.django_db
def test_page_shows_every_operation(client):
    text = client.get(reverse("api"), headers={"accept-language": "en"}).content.decode()

    for operation in described_operations(described("en")):
        assert f'id="{operation["operationId"]}"' in text
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []


@pytest.mark.django_db
def test_description_is_served_to_anybody(client):
    response = client.get(reverse("openapi"), headers={"accept-language": "en"})

    assert response.json() == described("en")

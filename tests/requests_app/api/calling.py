"""A program that calls the API with the token of a person."""

import json
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from eligibility.models import Scope, User
from eligibility.services import create_token
from requests_app.models import UploadedArea
from tests.requests_app import world

BASE = "/api/v1"


class Program:
    """Speaks English unless told otherwise; ``token`` None shows none."""

    def __init__(self, token: str | None, **headers: str) -> None:
        self.headers = {"accept-language": "en"} | headers
        if token is not None:
            self.headers["authorization"] = f"Bearer {token}"
        self.client = Client()

    def get(self, path: str, query: dict[str, Any] | None = None) -> HttpResponse:
        return self.client.get(f"{BASE}{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> HttpResponse:
        return self._send("POST", path, body, key)

    def patch(self, path: str, body: Any, *, key: str | None = None) -> HttpResponse:
        return self._send("PATCH", path, body, key)

    def _send(self, method: str, path: str, body: Any, key: str | None) -> HttpResponse:
        headers = self.headers | ({"idempotency-key": key} if key is not None else {})
        text = "" if body is None else json.dumps(body)
        return self.client.generic(
            method, f"{BASE}{path}", text, "application/json", headers=headers
        )

    def upload(self, data: bytes, *, name: str = "area.geojson", layer: str = "") -> HttpResponse:
        file = SimpleUploadedFile(name, data)
        return self.client.post(
            f"{BASE}/areas", {"file": file, "layer": layer}, headers=self.headers
        )


def secret_of(user: User, *scopes: str, days: int = 30) -> str:
    """A new token; with every scope unless some are named."""
    _token, secret = create_token(
        user_id=user.pk, name="test", scopes=scopes or Scope.values, days=days
    )
    return secret


def program_of(user: User, *scopes: str) -> Program:
    return Program(secret_of(user, *scopes))


def new_request(found: world.Programme, area: UploadedArea, **changes: Any) -> dict[str, Any]:
    """The fewest answers that make a whole request."""
    return {
        "is_emergency": False,
        "on_behalf": f"{found.entity.pk}-0",
        "sensor": "pleiades",
        "request_kind": "archive",
        "area_id": area.pk,
        "title": "Cover of the commune",
        "purpose": "Mapping of built-up areas",
        **changes,
    }


def codes(response: HttpResponse) -> list[str]:
    return [refusal["code"] for refusal in response.json()["refusals"]]


def fields(response: HttpResponse) -> dict[str, str]:
    """What is wrong, by the field that it is wrong in."""
    return {each.get("field", ""): each["code"] for each in response.json()["refusals"]}


def geojson(aoi: MultiPolygon) -> bytes:
    return aoi.geojson.encode()

"""How a cell of the rights table is tried over the API: with the role's token, and nothing else."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from orbitrage.api import api
from requests_app.models import UploadedArea
from tests.requests_app import world as path
from tests.rights.payloads import payload, request_answers
from tests.rights.world import World

API = "api-1"
ROOT = f"{API}:api-root"
HERE = {"sensor": "pleiades", "is_emergency": False}


def operations() -> set[tuple[str, str]]:
    """Name of the address and method of each."""
    views = [
        view for router in api._get_bound_routers() for view in router.path_operations.values()
    ]
    named = {
        (f"{API}:{operation.url_name}", method)
        for view in views
        for operation in view.operations
        for method in operation.methods
    }
    return named | {(ROOT, "GET")}


def call(
    world: World, url: str, method: str, address: str, role: str, object_name: str
) -> HttpResponse:
    client = Client(headers={"accept-language": "en"})
    headers = {"authorization": f"Bearer {world.tokens[role]}"} if role in world.tokens else {}
    if method == "GET":
        return client.get(address, headers=headers)
    if url == f"{API}:areas":
        file = SimpleUploadedFile("area.geojson", path.square().geojson.encode())
        return client.post(address, {"file": file}, headers=headers)
    body = json.dumps(body_of(world, url, method, role, object_name))
    return client.generic(method, address, body, "application/json", headers=headers)


def answered(url: str, method: str, response: HttpResponse) -> str:
    """ "done" of what wrote; a preview is a post that writes nothing."""
    writes = method != "GET" and url != f"{API}:previews"
    return (
        "done" if writes and response.status_code in (200, 201, 204) else str(response.status_code)
    )


# --- What is sent ---------------------------------------------------------------------------------


def body_of(world: World, url: str, method: str, role: str, object_name: str) -> dict[str, Any]:
    if method == "PATCH":
        return {"title": "Changed title"}
    if url == f"{API}:area_remaining":
        half = {"area_id": world.areas_half_available[role]} if role in world.areas else {}
        return new_request(world, role) | half
    if url in (f"{API}:requests", f"{API}:previews"):
        return new_request(world, role)
    if url in (f"{API}:copy", f"{API}:area_swap", f"{API}:request_remaining"):
        return {}
    if url == f"{API}:given_areas":
        return {"area_way": "typed", "area_typed": "1.3, 43.5, 1.38, 43.58"}
    if url == f"{API}:messages":
        return {"text": "Is July possible?"}
    transition = url.removeprefix(f"{API}:move_")
    typed = payload(world, f"requests:move {transition}", role, object_name)
    return {name: as_json(value) for name, value in typed.items() if name != "csrfmiddlewaretoken"}


def new_request(world: World, role: str) -> dict[str, Any]:
    """Whoever has no area names one that is nobody's."""
    answers = request_answers(world, role) | HERE
    return answers | {"area_id": answers["area_id"] or UploadedArea.objects.count() + 10**9}


def as_json(value: Any) -> Any:
    if isinstance(value, SimpleUploadedFile):
        return [{"name": value.name, "content": value.read().decode()}]
    return True if value == "on" else value

"""What tests of the form's pages post, and read of the answers."""

from typing import Any
from uuid import uuid4

from django.urls import reverse

from requests_app.models import ImageryRequest, OrderPreset
from tests.requests_app import world
from tests.requests_app.area_posts import answers

NEW, KEEP = "requests:new", "requests:keep_form"


def simple_answers(found: world.Programme, **typed: Any) -> dict[str, Any]:
    """All that the simple form asks, with an area that was read; ``None`` leaves an answer out."""
    area = world.area_of(found.requester)
    said = {
        "depth": "simple",
        "is_emergency": "no",
        "on_behalf": f"{found.entity.pk}-0",
        "area_id": area.pk,
        "area_given_by": "upload",
        "preset": "small-objects",
        "window_starts_on": "",
        "window_ends_on": "",
        "maximum_cloud_percent": "10",
        "purpose": "Retreat of the coastline.",
    } | typed
    return {name: value for name, value in said.items() if value is not None}


def expert_answers(found: world.Programme, **typed: Any) -> dict[str, Any]:
    area = world.area_of(found.requester)
    said = answers(found, area_id=area.pk, depth="expert") | typed
    return {name: value for name, value in said.items() if value is not None}


def of_page(page: Any, **typed: Any) -> dict[str, Any]:
    """With what the page sends along to be kept."""
    sent = {"form_key": page.key, "form_version": page.version, "form_owner": page.owner}
    return sent | typed


def opened(client: Any, address: str | None = None) -> Any:
    """The kept form of a page that somebody opens."""
    return client.get(address or reverse(NEW)).context["form_page"]


def post(client: Any, typed: dict[str, Any], address: str | None = None) -> Any:
    return client.post(address or reverse(NEW), typed, headers={"accept-language": "en"})


def keep(client: Any, **typed: Any) -> Any:
    typed.setdefault("form_key", uuid4())
    typed.setdefault("form_version", 0)
    return client.post(reverse(KEEP), typed, headers={"accept-language": "en"})


def preset(code: str) -> OrderPreset:
    return OrderPreset.objects.select_related("sensor").get(code=code)


def drafted() -> ImageryRequest:
    """The only request there is."""
    return ImageryRequest.objects.get()

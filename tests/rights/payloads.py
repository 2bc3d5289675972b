"""What is posted to each address by somebody who would be allowed to."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from eligibility.models import Cell
from licences.models import Licence
from places.models import Place
from quotas.selectors import figures_in_force
from requests_app.models import ImageryRequest
from requests_app.products import items_of
from tests.catalogue.dimap_text import dimap
from tests.requests_app import world as path
from tests.rights.world import World


def request_answers(world: World, role: str) -> dict[str, Any]:
    """A whole request form, with an area of ``role``'s own, on behalf of entity A."""
    return {
        "is_emergency": "no",
        "on_behalf": f"{world.programme.entity.pk}-0",
        "sensor": world.programme.sensor.pk,
        "request_kind": "archive",
        "area_id": world.areas.get(role, ""),
        "title": "Changed title",
        "purpose": "Mapping of built-up areas",
        "maximum_cloud_percent": 10,
        "maximum_incidence_deg": 30,
        "acquisition_mode": "mono",
        "spectral_mode": "pansharpened",
        "processing_level": "ortho",
        "on_shortfall": "release",
    }


FORMS = (
    "requests:new",
    "requests:edit",
    "requests:panel",
    "requests:panel_of_change",
    "requests:rest",
    "requests:rest_of_change",
    "requests:choices",
)


def payload(world: World, url: str, role: str, object_name: str) -> dict[str, Any]:
    """What somebody who may do it would post: only rights and states can refuse it."""
    if url in FORMS:
        return request_answers(world, role)
    if url == "requests:move offer":
        return {"polygon": _smaller_polygon(world.requests[object_name]), "note": "Smaller."}
    if url in ("requests:move dispute", "requests:move refund_part"):
        items = items_of(world.requests[object_name])
        return _PAYLOADS[url] | {"products": [item.identifier for item in items]}
    if url == "requests:move register_delivery":
        return {"metadata_files": _metadata_file(world, object_name), "complete": "on"}
    typed = _PAYLOADS.get(url, {"csrfmiddlewaretoken": "as a browser sends"})
    return typed(world) if callable(typed) else typed


def _smaller_polygon(request: ImageryRequest) -> str:
    west, south, _east, _north = request.aoi.extent
    return str(path.square(west=west, south=south, size_deg=0.05).geojson)


def _metadata_file(world: World, object_name: str) -> SimpleUploadedFile:
    west, south, east, north = world.requests[object_name].aoi.extent
    corners = ((west, north), (east, north), (east, south), (west, south))
    return SimpleUploadedFile("DIM_NEW.XML", dimap(corners=corners, name="DS_NEW"))


def _revision_answers(world: World) -> dict[str, Any]:
    """Every figure of the sensor as it is at present, each from a new source."""
    typed: dict[str, Any] = {"version": 1, "valid_from": path.in_days(40), "reason": "Why."}
    rows = figures_in_force(world.programme.sensor.pk, path.in_days(0))
    for place, row in enumerate(rows):
        typed |= {
            f"figure-{place}-revises": row.pk,
            f"figure-{place}-amount": row.amount,
            f"figure-{place}-late_return": row.late_return,
            f"figure-{place}-source": "Committee",
        }
    return typed | {"figure-TOTAL_FORMS": len(rows), "figure-INITIAL_FORMS": len(rows)}


def _revision_answers_to_come(world: World) -> dict[str, Any]:
    """The same against what will be in force on the day of the draft that waits."""
    typed, on = _revision_answers(world), path.in_days(180)
    for place, row in enumerate(figures_in_force(world.programme.sensor.pk, on)):
        typed[f"figure-{place}-revises"] = row.pk
    return typed


_PAYLOADS: dict[str, Any] = {
    "contact": {
        "subject": "general",
        "name": "Somebody",
        "email": "somebody@example.org",
        "message": "A question.",
    },
    "set_language": {"language": "fr", "next": "/"},
    "requests:move answer": {"text": "In summer."},
    "requests:move cancel": {"reason": "No longer needed."},
    "requests:move accept_offer": {"purchase_reference": "PO-2026-1"},
    "requests:move reply_to_offer": {"text": "A little more to the north."},
    "requests:move dispute": {"reason": "Too many clouds."},
    "requests:move request_information": {"question": "Which season?"},
    "requests:move recommend": {"opinion": "Complete and useful.", "nationality_reviewed": "on"},
    "requests:move refuse": {"reason": "inadmissible", "text": "Outside the programme."},
    "requests:move return_to_review": {"note": "Look at the purpose again."},
    "requests:move defer": {"until": path.in_days(20).isoformat(), "reason": "Next period."},
    "requests:move withdraw_offer": {"reason": "A mistake."},
    "requests:move stop_order": {"reason": "Asked by the requester."},
    "requests:move fail": {"reason": "Too cloudy."},
    "requests:move refund_part": {"refunded_km2": "1", "reason": "One cloud."},
    "requests:move retask": {
        "window_ends_on": path.in_days(60).isoformat(),
        "reason": "Clouds everywhere.",
    },
    "requests:move uphold_delivery": {"reason": "Within the specification."},
    "requests:move propose_inadmissible": {"opinion": "Commercial use."},
    "requests:move propose_rescission": {"reason": "An error."},
    "requests:move reject_rescission": {"reason": "It is right."},
    "requests:move reroute": lambda world: {
        "cell_id": Cell.objects.get(code="institutional").pk,
        "reason": "Its public-service mission.",
    },
    "requests:move transfer_request": lambda world: {
        "to_id": world.people["colleague"].pk,
        "reason": "Leaves in May.",
    },
    "requests:move expedite": {"reason": "The season ends."},
    "requests:move assign": lambda world: {"reviewer_id": world.people["reviewer_other"].pk},
    "requests:move add_co_requester": lambda world: {"email": world.people["colleague"].email},
    "requests:move remove_co_requester": lambda world: {
        "person_id": world.people["co_requester"].pk
    },
    "requests:move propose_amendment": {
        "change": "15 % of clouds.",
        "operator_confirmation": "OP-17",
    },
    "requests:move choose_on_shortfall": {"choice": "release"},
    "requests:move extend_window": {"ends_on": path.in_days(91).isoformat()},
    "quotas:act grant": {"amount": "1", "reason": "Agreed."},
    "requests:messages": {"text": "Is July possible?", "kind": "shared"},
    "quotas:act reduce": {"amount": "1", "reason": "Agreed."},
    "quotas:act transfer": lambda world: {
        "to_envelope": world.objects["envelope of another entity"]["pk"],
        "amount": "1",
        "reason": "Agreed.",
    },
    "quotas:act convert": {"amount": "1", "rate": "1", "reason": "Nothing to convert into."},
    "quotas:grant_file": lambda world: {"text": world.lines_of_grants(1)},
    "quotas:apply_grants": lambda world: {"text": world.lines_of_grants(1)},
    "quotas:act correct": {"number": "1", "granted": "1", "reason": "A digit was missing."},
    "quotas:revision_new": _revision_answers,
    "quotas:revision_edit": _revision_answers_to_come,
    "quotas:publish_revision": {"version": 1},
    "quotas:packages": lambda world: {
        "package": "spot67-package-50k",
        "entity": world.programme.entity.pk,
    },
    "quotas:record_references": {"engagement_number": "EJ-2026-1", "seen_id": "0"},
    "quotas:accept_package": {"purchase_reference": "PO-2026-1"},
    "notices:preferences": dict.fromkeys(
        ("progress", "message", "cell", "people", "quota"), "daily"
    ),
    "notices:request_copies": {"address": "another@example.org", "language": "fr"},
    "notices:entity_copies": {"address": "another@example.org", "language": "fr"},
    "entity_territory": lambda _world: {"area_place": Place.objects.get(code="34145").pk},
    "eligibility:join": lambda world: {"entity": world.other_entity.pk},
    "eligibility:entity_register": lambda world: {
        "name": "A new body",
        "category": world.programme.entity.category_id,
        "country": "FR",
    },
    "eligibility:profile": {"full_name": "A New Name", "language": "en"},
    "eligibility:membership_start": lambda world: {
        "starts_on": path.in_days(0).isoformat(),
        "sensors": [world.programme.sensor.pk],
    },
    "licences:region_new": lambda world: {
        "decision": str(uuid4()),
        "kind": "spot_open_data",
        "entity": world.programme.entity.pk,
        "place": Place.objects.get(kind="region").pk,
        "vintage": 2024,
        "opens_on": path.in_days(10).isoformat(),
    },
    "licences:renewals_new": lambda _world: {
        "decision": str(uuid4()),
        "kind": "pleiades_institutional",
        "ends_by": path.in_days(60).isoformat(),
    },
    "licences:sign": lambda _world: {
        "text_sha256": Licence.objects.get(state=Licence.State.AWAITING).record_sha256,
        "is_read": "on",
    },
    "licences:renew": lambda _world: {"decision": str(uuid4())},
    "licences:revoke": lambda _world: {"decision": str(uuid4()), "reason": "Images passed on."},
    "eligibility:membership_suspend": {"reason": "Report missing."},
    "account_login": {"login": "nobody@example.org", "password": "wrong"},
    "account_reauthenticate": {"password": "wrong"},
    "account_change_password": {"oldpassword": "wrong"},
    "account_reset_password": {"email": "nobody@example.org"},
}

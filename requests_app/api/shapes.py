"""A request as JSON: what its page shows, under the names of the glossary.

Areas are km² and sums € as text, so that no decimal is lost; days and instants are ISO 8601.
"""

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from ninja import Schema

from catalogue.models import Item
from eligibility.api import EntityOut
from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.errors import Refusal
from orbitrage.shared.plain import plain
from requests_app.actions import MoveLink, moves_of
from requests_app.intake.selectors.preview import Preview
from requests_app.models import DRAFT_FIELDS, ImageryRequest
from requests_app.selectors import (
    attribution_of,
    available_transitions,
    open_data_links,
    priced_now,
)
from requests_app.situation import (
    OpenOffer,
    Situation,
    may_edit,
    moves_now,
    open_offer,
    open_question,
)
from requests_app.story import AttachedFile, Step, Story, story_of


class RequestSummary(Schema):
    number: str
    title: str
    state: str
    state_label: str
    sensor: str
    request_kind: str
    entity: EntityOut
    requester: str
    cell: str | None
    area_km2: str
    decided_area_km2: str
    images: int
    who_must_act: str
    act_by: str | None
    is_late: bool
    submitted_at: str | None
    created_at: str
    page: str


class RequestsOut(Schema):
    items: list[RequestSummary]
    next_cursor: str | None


class MoveOut(Schema):
    name: str
    label: str
    is_final: bool
    href: str


class OfferedChangeOut(Schema):
    """What is offered in place of what was asked for, in words."""

    label: str
    before: str
    after: str


class OfferOut(Schema):
    area_km2: str
    asked_km2: str
    price_eur: str
    operator_area_km2: str
    order_is_enlarged: bool
    contacts: list[str]
    changes: list[OfferedChangeOut]


class LinkOut(Schema):
    label: str
    url: str


class RequestOut(RequestSummary):
    counted_km2: str | None
    project: str
    purpose: str
    public_service_mission: str
    partners: str
    contractors: str
    archive_scenes: list[str]
    acquisition_mode: str
    base_to_height_minimum: str | None
    base_to_height_maximum: str | None
    acquisition_dates: int
    interval_days: int | None
    window_starts_on: str | None
    window_ends_on: str | None
    maximum_cloud_percent: int
    maximum_incidence_deg: int
    spectral_mode: str
    processing_level: str
    radiometry: str
    bit_depth: int
    file_format: str
    on_shortfall: str
    uses_prefunded: bool
    agrees_to_enlargement: bool
    asks_to_join: bool
    is_ordered_with_another: bool
    agrees_to_repair: bool
    version: int
    co_requesters: list[str]
    is_expedited: bool
    mandate: str | None
    aoi_file_name: str
    aoi_repaired: bool
    operator_area_km2: str
    priced_eur: str
    quotation_number: str
    purchase_reference: str
    licence_number: str
    question: str
    offer: OfferOut | None
    next_step: str
    moves: list[MoveOut]
    may_edit: bool
    attribution: str
    open_data_links: list[LinkOut]


class FileOut(Schema):
    name: str
    kind: str
    size_bytes: int
    href: str


class StepOut(Schema):
    """A move or, where ``is_message``, what was written beside them."""

    at: str
    by: str
    sentence: str
    reason: str
    note: str
    numbers: dict[str, Any]
    is_message: bool
    is_internal: bool
    files: list[FileOut]


class StoryOut(Schema):
    steps: list[StepOut]
    next_step: str
    is_over: bool


class RefusedOut(Schema):
    code: str
    message: str


class PreviewOut(Schema):
    """What submitting would be answered now. Nothing is written."""

    is_accepted: bool
    refusals: list[RefusedOut]
    cell: str | None
    eligibility_rule: str
    covered_km2: str
    remaining_km2: str
    images: int
    images_km2: list[str]
    counted_km2: str
    explanation: dict[str, Any]


class ItemOut(Schema):
    identifier: str
    sensor: str
    mission: str
    acquired_at: str
    cloud_cover_percent: float | None
    incidence_angle_deg: float | None
    processing_level: str
    spectral_mode: str
    resolution_m: float | None
    attribution: str
    metadata_sha256: str
    is_open_to_me: bool
    page: str | None


class ItemsOut(Schema):
    items: list[ItemOut]


# --- From the models ------------------------------------------------------------------------------


def summary_as_json(request: ImageryRequest) -> dict[str, Any]:
    return {
        "number": request.number,
        "title": request.title,
        "state": request.state,
        "state_label": str(request.get_state_display()),
        "sensor": request.sensor.code,
        "request_kind": request.request_kind,
        "entity": {"id": request.entity_id, "name": request.entity.name},
        "requester": request.requester.full_name,
        "cell": request.cell.code if request.cell else None,
        "area_km2": str(request.area_km2),
        "decided_area_km2": str(request.decided_area_km2),
        "images": request.image_count,
        "who_must_act": request.who_must_act,
        "act_by": plain(request.act_by),
        "is_late": request.is_late,
        "submitted_at": plain(request.submitted_at),
        "created_at": plain(request.created_at),
        "page": request.get_absolute_url(),
    }


AS_STORED = (
    *(name for name in DRAFT_FIELDS if name not in ("title", "request_kind")),
    "aoi_file_name",
    "aoi_repaired",
    "operator_area_km2",
    "priced_eur",
    "quotation_number",
    "purchase_reference",
    "licence_number",
)


def request_as_json(request: ImageryRequest, user: User) -> dict[str, Any]:
    """The request must come from ``request_page``, with what it loads."""
    actor = actor_of(user)
    available = available_transitions(request, actor)
    situation = Situation(request, actor, priced_now(request).plan)
    moves = moves_now(situation, moves_of(request, available))
    mandate = request.mandate
    told = summary_as_json(request) | {name: plain(getattr(request, name)) for name in AS_STORED}
    plan = request.funding_plan if request.is_granted or request.is_offered else None
    return told | {
        "counted_km2": plan["counted_km2"] if plan else None,
        "version": request.answers_version,
        "mandate": mandate.contract_reference if mandate else None,
        "co_requesters": [person.full_name for person in request.co_requesters.all()],
        "is_expedited": request.is_expedited,
        "is_ordered_with_another": bool(request.ordered_with),
        "question": open_question(request),
        "offer": offer_as_json(open_offer(request, actor)),
        "next_step": story_of(request, actor).next_step,
        "moves": [move_as_json(request, move) for move in moves],
        "may_edit": may_edit(request, available),
        "attribution": attribution_of(request),
        "open_data_links": [
            {"label": link.label, "url": link.url} for link in open_data_links(request)
        ],
    }


def move_as_json(request: ImageryRequest, move: MoveLink) -> dict[str, Any]:
    return {
        "name": move.name,
        "label": move.label,
        "is_final": move.is_final,
        "href": reverse(f"api-1:move_{move.name}", args=[request.number]),
    }


def offer_as_json(offer: OpenOffer | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    return {
        "area_km2": str(offer.area_km2),
        "asked_km2": str(offer.asked_km2),
        "price_eur": str(offer.price_eur),
        "operator_area_km2": str(offer.operator_area_km2),
        "order_is_enlarged": offer.order_is_enlarged,
        "contacts": list(offer.contacts),
        "changes": [asdict(each) for each in (offer.changes.differences if offer.changes else ())],
    }


def story_as_json(request: ImageryRequest, story: Story) -> dict[str, Any]:
    steps = [step_as_json(request, step) for step in story.steps]
    return {"steps": steps, "next_step": story.next_step, "is_over": story.is_over}


def step_as_json(request: ImageryRequest, step: Step) -> dict[str, Any]:
    return {
        "at": plain(step.at),
        "by": step.by,
        "sentence": step.sentence,
        "reason": step.reason,
        "note": step.note,
        "numbers": step.numbers,
        "is_message": bool(step.anchor),
        "is_internal": step.is_internal,
        "files": [file_as_json(request, file) for file in step.files],
    }


def file_as_json(request: ImageryRequest, file: AttachedFile) -> dict[str, Any]:
    return {
        "name": file.name,
        "kind": str(file.kind),
        "size_bytes": file.size_bytes,
        "href": reverse("api-1:attachment", args=[request.number, file.key]),
    }


def refusal_as_json(refusal: Refusal) -> dict[str, str]:
    return {"code": refusal.code, "message": refusal.message}


def preview_as_json(seen: Preview) -> dict[str, Any]:
    return {
        "is_accepted": seen.is_accepted,
        "refusals": [refusal_as_json(refusal) for refusal in seen.refusals],
        "cell": seen.cell.code if seen.cell else None,
        "eligibility_rule": seen.eligibility.rule_code,
        "covered_km2": str(seen.coverage.covered_km2),
        "remaining_km2": str(seen.coverage.remaining_km2),
        "images": seen.plan.image_count,
        "images_km2": [str(image) for image in seen.plan.images_km2],
        "counted_km2": str(seen.plan.counted_km2),
        "explanation": seen.explanation.as_json(),
    }


def item_as_json(item: Item, *, is_open_to_me: bool) -> dict[str, Any]:
    return {
        "identifier": item.identifier,
        "sensor": item.sensor.code,
        "mission": item.mission,
        "acquired_at": plain(item.acquired_at),
        "cloud_cover_percent": item.cloud_cover_percent,
        "incidence_angle_deg": item.incidence_angle_deg,
        "processing_level": item.processing_level,
        "spectral_mode": item.spectral_mode,
        "resolution_m": item.resolution_m,
        "attribution": item.attribution,
        "metadata_sha256": item.metadata_sha256,
        "is_open_to_me": is_open_to_me,
        "page": item.get_absolute_url() if is_open_to_me else None,
    }

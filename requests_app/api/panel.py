"""What is told of a request before it is submitted, as beside the form, and its one click: to ask
only for what is not available yet."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema, Status
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope, User
from eligibility.selectors import actor_of
from orbitrage.shared.plain import plain
from quotas.selectors import Pressure
from requests_app.api.areas import MADE, AreaOut, area_made
from requests_app.api.drafting import NewRequest, draft_of, new_form
from requests_app.api.reading import ONE, request_of
from requests_app.api.shapes import (
    PreviewOut,
    RefusedOut,
    preview_as_json,
    refusal_as_json,
)
from requests_app.delays import UsualDelay
from requests_app.intake import services as intake
from requests_app.intake.selectors.panel import OrdersBefore, Panel, panel_of
from requests_app.intake.selectors.preview import Preview
from requests_app.messages.permissions import writes_for_those_who_ask
from requests_app.models import ImageryRequest
from requests_app.neighbours import Neighbours
from requests_app.selectors import available_transitions
from requests_app.situation import may_edit
from requests_app.states import State
from requests_app.transitions import TransitionRefused, wrong_state

router = Router(tags=["requests"])


class EligibilityOut(Schema):
    """``answer``: yes, no, or after_agreement."""

    answer: str
    condition: str
    rule: str


class CostLineOut(Schema):
    label: str
    area_km2: str
    amount_eur: str


class CostOut(Schema):
    """``lines``: who pays for what; ``explanation`` has every figure that they come from."""

    lines: list[CostLineOut]
    to_pay_eur: str
    free_km2: str
    priced_km2: str
    unfunded_km2: str


class PressureOut(Schema):
    """On the envelope of the cell: what other requests ask of what is left."""

    asked_km2: str
    left_km2: str


class DelayOut(Schema):
    """Of the cell's first decisions in the last 12 months; too few tell no days."""

    files: int
    median_days: int | None
    most_days: int | None
    set_itself_days: int


class OrdersBeforeOut(Schema):
    """Of the last three years, all cells; too few tell only how many they are."""

    where: str = Field(description=_("Empty: anywhere."))
    season: str = Field(description=_("Empty: at any time."))
    orders: int
    whole: int | None
    nothing: int | None
    median_days: int | None


class AvailableItemOut(Schema):
    identifier: str
    acquired_at: str
    cloud_cover_percent: float | None
    covered_percent: str
    page: str


class NeighbourOut(Schema):
    number: str
    title: str
    distance_km: int


class NeighboursOut(Schema):
    items: list[NeighbourOut]
    others_nearby: bool


class PanelOut(PreviewOut):
    """``not_allowed`` and ``not_ready`` are the refusals, apart. ``available``, ``remaining`` and
    ``neighbours`` are told to whom the preview is made for, and to nobody else."""

    eligibility: EligibilityOut
    not_allowed: list[RefusedOut]
    not_ready: list[RefusedOut]
    cost: CostOut
    covered_percent: str
    available: list[AvailableItemOut]
    available_count: int
    remaining: dict[str, Any] | None = Field(description=_("Geometry, in GeoJSON."))
    may_take_remaining: bool
    pressure: PressureOut | None
    delay: DelayOut | None
    orders_before: OrdersBeforeOut | None
    advice: list[RefusedOut]
    neighbours: NeighboursOut | None


# --- From the panel -------------------------------------------------------------------------------


def panel_as_json(panel: Panel, *, is_own: bool) -> dict[str, Any]:
    seen = panel.preview
    return (
        preview_as_json(seen)
        | _answer(seen)
        | {
            "covered_percent": str(panel.coverage.covered_percent),
            "pressure": _pressure(panel.pressure),
            "delay": _delay(panel.delay, seen),
            "orders_before": _orders_before(panel.before),
            "advice": [refusal_as_json(each) for each in panel.advice],
        }
        | _what_one_may_see(panel, is_own=is_own)
    )


def _answer(seen: Preview) -> dict[str, Any]:
    plan = seen.plan
    return {
        "eligibility": {
            "answer": "no" if seen.not_allowed else seen.eligibility.answer,
            "condition": seen.eligibility.condition,
            "rule": seen.eligibility.rule_code,
        },
        "not_allowed": [refusal_as_json(each) for each in seen.not_allowed],
        "not_ready": [refusal_as_json(each) for each in seen.not_ready],
        "cost": {
            "lines": [
                {
                    "label": line.label,
                    "area_km2": str(line.area_km2),
                    "amount_eur": str(line.amount_eur),
                }
                for line in plan.lines
            ],
            "to_pay_eur": str(plan.total_eur),
            "free_km2": str(plan.free_km2),
            "priced_km2": str(plan.priced_km2),
            "unfunded_km2": str(plan.unfunded_km2),
        },
    }


def _what_one_may_see(panel: Panel, *, is_own: bool) -> dict[str, Any]:
    remaining = panel.coverage.remaining if is_own and panel.offers_remaining else None
    return {
        "available": [
            {
                "identifier": each.item.identifier,
                "acquired_at": plain(each.item.acquired_at),
                "cloud_cover_percent": each.item.cloud_cover_percent,
                "covered_percent": str(round(each.covered_percent, 2)),
                "page": each.item.get_absolute_url(),
            }
            for each in (panel.items if is_own else ())
        ],
        "available_count": panel.coverage.items if is_own else 0,
        "remaining": remaining and json.loads(remaining.geojson),
        "may_take_remaining": remaining is not None,
        "neighbours": _neighbours(panel.preview.neighbours) if is_own else None,
    }


def _pressure(pressure: Pressure | None) -> dict[str, str] | None:
    return (
        None
        if pressure is None
        else {"asked_km2": str(pressure.asked), "left_km2": str(pressure.left)}
    )


def _delay(delay: UsualDelay | None, seen: Preview) -> dict[str, Any] | None:
    if delay is None or seen.cell is None:
        return None
    return vars(delay) | {"set_itself_days": seen.cell.decision_delay_days}


def _orders_before(before: OrdersBefore | None) -> dict[str, Any] | None:
    if before is None:
        return None
    season = before.season.label if before.season else ""
    return vars(before.supply) | {"where": before.where, "season": season}


def _neighbours(neighbours: Neighbours | None) -> dict[str, Any] | None:
    if neighbours is None:
        return None
    return {
        "items": [
            {"number": each.number, "title": each.title, "distance_km": each.away_km}
            for each in neighbours.seen
        ],
        "others_nearby": neighbours.has_hidden,
    }


# --- Operations -----------------------------------------------------------------------------------


@router.post(
    "/previews",
    auth=Bearer(Scope.READ),
    response=PanelOut,
    operation_id="preview_new_request",
    url_name="previews",
    summary=_("What submitting a request would be answered before it is written; writes nothing"),
)
def preview_new_request(request: HttpRequest, body: NewRequest) -> dict[str, Any]:  # type: ignore[valid-type]  # made at run time
    user = person_of(request)
    draft = draft_of(new_form(user, body))
    return panel_as_json(panel_of(draft, user=user, on=timezone.localdate()), is_own=True)


@router.get(
    f"{ONE}/preview",
    auth=Bearer(Scope.READ),
    response=PanelOut,
    operation_id="preview_request",
    url_name="preview",
    summary=_("What submitting a request as it is would be answered; writes nothing"),
    description=_("Of a draft, or of a request whose cell has asked for information."),
)
def preview_request(request: HttpRequest, number: str) -> dict[str, Any]:
    user = person_of(request)
    imagery_request = _not_handed_in(request, number)
    writes = writes_for_those_who_ask(imagery_request, actor_of(user))
    is_asked = imagery_request.state == State.INFORMATION_REQUESTED
    # Whoever else may read it is told by their own rights.
    asks = imagery_request.requester if is_asked and writes else user
    panel = panel_of(imagery_request, user=asks, on=timezone.localdate())
    return panel_as_json(panel, is_own=writes and asks == user)


@router.post(
    "/areas/remaining",
    auth=Bearer(Scope.AREAS),
    response={201: AreaOut},
    operation_id="keep_remaining_of_new",
    url_name="area_remaining",
    summary=_("What is not available yet of the area of a request to be written, as an area"),
    openapi_extra=MADE,
)
def keep_remaining_of_new(
    request: HttpRequest,
    body: NewRequest,  # type: ignore[valid-type]  # made at run time
) -> Status[dict[str, Any]]:
    user = person_of(request)
    return _remaining(user, draft_of(new_form(user, body)))


@router.post(
    f"{ONE}/remaining",
    auth=Bearer(Scope.AREAS),
    response={201: AreaOut},
    operation_id="keep_remaining",
    url_name="request_remaining",
    summary=_("What is not available yet of the area of a request, as an area to change it to"),
    description=_("Of a draft, or of a request whose cell has asked for information."),
    openapi_extra=MADE,
)
def keep_remaining(request: HttpRequest, number: str) -> Status[dict[str, Any]]:
    user = person_of(request)
    imagery_request = _not_handed_in(request, number)
    if not may_edit(imagery_request, available_transitions(imagery_request, actor_of(user))):
        raise PermissionDenied
    return _remaining(user, imagery_request)


def _not_handed_in(request: HttpRequest, number: str) -> ImageryRequest:
    found = request_of(request, number)
    if found.state not in (State.DRAFT, State.INFORMATION_REQUESTED):
        raise TransitionRefused(wrong_state(found, actor_of(person_of(request))))
    return found


def _remaining(user: User, draft: ImageryRequest) -> Status[dict[str, Any]]:
    return area_made(lambda: intake.keep_remaining(user=user, draft=draft))

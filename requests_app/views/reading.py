from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences.selectors import licences_of_request
from quotas.selectors import quotation_for
from requests_app.actions import moves_of
from requests_app.differences import changes_not_handed_in, revisions_of
from requests_app.features import (
    areas_of,
    delivered_items,
    may_take_order_file,
    order_file,
    request_features,
)
from requests_app.intake.panel import panel_of
from requests_app.intake.selectors import preview
from requests_app.messages.forms import MessageForm
from requests_app.models import ImageryRequest
from requests_app.pending import (
    Situation,
    moves_now,
    open_appeal,
    open_offer,
    open_question,
)
from requests_app.permissions import is_requester
from requests_app.selectors import (
    AvailableTransition,
    attribution_of,
    available_transitions,
    if_decided_now,
    items_open_to,
    open_data_links,
    plan_of,
    related_requests,
    request_page,
)
from requests_app.story import is_inside, story_of
from requests_app.thread import kinds_open_to
from requests_app.workflow import UNDECIDED_STATES, State


@login_required
@require_safe
def detail(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    context = page_context(imagery_request, request.user)
    return render(request, "requests_app/detail.html", context)


def page_context(imagery_request: ImageryRequest, user: User) -> dict[str, Any]:
    """What the page of a request shows, and the pages of its moves repeat beside the form."""
    actor = actor_of(user)
    available = available_transitions(imagery_request, actor)
    is_draft = imagery_request.state == State.DRAFT
    delivered = delivered_items(imagery_request)
    is_undecided = imagery_request.state in UNDECIDED_STATES
    now = if_decided_now(imagery_request) if is_undecided else None
    plan = now.explanation.plan if now else plan_of(imagery_request)
    situation = Situation(imagery_request, actor, plan)
    moves = moves_now(situation, moves_of(imagery_request, available))
    panel = panel_of(imagery_request, user=user, on=timezone.localdate()) if is_draft else None
    return {
        "imagery_request": imagery_request,
        "moves": [move for move in moves if not move.is_aside],
        "moves_aside": [move for move in moves if move.is_aside],
        "situation": situation,
        "is_inside": is_inside(imagery_request, actor),
        "appeal": open_appeal(imagery_request),
        "question": open_question(imagery_request),
        "offer": open_offer(imagery_request, actor),
        "may_set_copies": is_requester(imagery_request, actor),
        "copy_key": uuid4(),
        "may_copy": imagery_request.entity_id in actor.entity_ids | actor.mandated_for,
        "panel": panel,
        "preview": panel and panel.preview,
        "related": related_requests(imagery_request, user) if is_draft else [],
        "features": request_features(imagery_request, panel.coverage if panel else None),
        "areas": areas_of(imagery_request),
        "may_take_order_file": may_take_order_file(imagery_request, actor),
        "delivered": delivered,
        "items_open_to_reader": items_open_to(user, delivered),
        "plan": plan,
        "explanation": now and now.explanation,
        "revision": now and now.revision,
        "open_data_links": open_data_links(imagery_request),
        "attribution": attribution_of(imagery_request),
        "story": story_of(imagery_request, actor),
        "licences": licences_of_request(imagery_request.number, user),
        "quotation": quotation_for(user, imagery_request.quotation_number),
        "may_edit": may_edit(imagery_request, available),
        "may_answer": any(found.name == "answer" for found in available),
        "message_form": message_form(imagery_request, actor),
        "revisions": revisions_of(imagery_request, actor),
        "not_handed_in": changes_not_handed_in(imagery_request),
    }


def message_form(request: ImageryRequest, actor: Actor) -> MessageForm | None:
    """None for who only reads, and while no cell would read it."""
    kinds = kinds_open_to(request, actor)
    return MessageForm(kinds=kinds) if kinds and request.cell_id is not None else None


def may_edit(request: ImageryRequest, available: Iterable[AvailableTransition]) -> bool:
    """Whoever may hand the request in may change it first."""
    return request.state in (State.DRAFT, State.INFORMATION_REQUESTED) and any(
        found.name in ("submit", "submit_open_data", "answer") for found in available
    )


@login_required
@require_safe
def explanation(request: AuthenticatedRequest, number: str) -> JsonResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    return JsonResponse(explained(imagery_request, request.user))


def explained(imagery_request: ImageryRequest, user: User) -> dict[str, Any]:
    """The price with every figure it comes from: before a decision as it would be now, after it as
    it was decided. Areas in km², amounts in €, as text."""
    told: dict[str, Any] = {"request": imagery_request.number, "state": imagery_request.state}
    plan = plan_of(imagery_request)
    if imagery_request.state == State.DRAFT:
        seen = preview(imagery_request, user=user, on=timezone.localdate())
        told |= {"is_decided": False, "explanation": seen.explanation.as_json()}
    elif imagery_request.state in UNDECIDED_STATES:
        told |= {
            "is_decided": False,
            "explanation": if_decided_now(imagery_request).explanation.as_json(),
        }
    else:
        told |= {"is_decided": True, "explanation": plan.as_json() if plan else None}
    return told


@login_required
@require_safe
def order_area(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """The polygon to order, as a file for whoever enters it at the operator's."""
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    if not may_take_order_file(imagery_request, actor_of(request.user)):
        raise PermissionDenied
    return JsonResponse(
        order_file(imagery_request),
        content_type="application/geo+json",
        headers={"Content-Disposition": f'attachment; filename="{imagery_request.number}.geojson"'},
    )

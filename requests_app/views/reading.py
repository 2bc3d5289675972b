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
from requests_app.intake.permissions import may_copy
from requests_app.intake.selectors.panel import panel_of
from requests_app.messages.forms import MessageForm
from requests_app.messages.permissions import kinds_offered
from requests_app.models import ImageryRequest
from requests_app.neighbours import NEARBY_KM, candidates_for, joined_to
from requests_app.permissions import is_requester
from requests_app.selectors import (
    PricedNow,
    attribution_of,
    available_transitions,
    items_open_to,
    open_data_links,
    priced_now,
    related_requests,
    request_page,
)
from requests_app.situation import (
    Situation,
    explanation_of,
    may_edit,
    moves_now,
    open_appeal,
    open_offer,
    open_question,
)
from requests_app.states import UNDECIDED_STATES, State
from requests_app.story import is_inside, story_of


@login_required
@require_safe
def detail(request: AuthenticatedRequest, number: str) -> HttpResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    context = page_context(imagery_request, request.user)
    return render(request, "requests_app/detail.html", context)


def page_context(imagery_request: ImageryRequest, user: User) -> dict[str, Any]:
    """What the page of a request shows, and the pages of its moves repeat beside the form."""
    actor = actor_of(user)
    priced = priced_now(imagery_request)
    return (
        {"imagery_request": imagery_request}
        | _offered(imagery_request, actor, priced)
        | _priced(imagery_request, user, priced)
        | _told(imagery_request, user, actor)
    )


def _offered(imagery_request: ImageryRequest, actor: Actor, priced: PricedNow) -> dict[str, Any]:
    """What ``actor`` may do."""
    available = available_transitions(imagery_request, actor)
    situation = Situation(imagery_request, actor, priced.plan)
    moves = moves_now(situation, moves_of(imagery_request, available))
    return {
        "moves": [move for move in moves if not move.is_aside],
        "moves_aside": [move for move in moves if move.is_aside],
        "situation": situation,
        "may_set_copies": is_requester(imagery_request, actor),
        "copy_key": uuid4(),
        "may_copy": may_copy(imagery_request, actor, timezone.localdate()),
        "may_take_order_file": may_take_order_file(imagery_request, actor),
        "may_edit": may_edit(imagery_request, available),
        "may_answer": any(found.name == "answer" for found in available),
        "message_form": message_form(imagery_request, actor),
    }


def _priced(imagery_request: ImageryRequest, user: User, priced: PricedNow) -> dict[str, Any]:
    """What it costs, and what is available of it already."""
    is_draft = imagery_request.state == State.DRAFT
    panel = panel_of(imagery_request, user=user, on=timezone.localdate()) if is_draft else None
    return {
        "panel": panel,
        "preview": panel and panel.preview,
        "related": related_requests(imagery_request, user) if is_draft else [],
        "features": request_features(imagery_request, panel.coverage if panel else None),
        "plan": priced.plan,
        "explanation": priced.explanation,
        "revision": priced.revision,
        "licences": licences_of_request(imagery_request.number, user),
        "quotation": quotation_for(user, imagery_request.quotation_number),
    }


def _told(imagery_request: ImageryRequest, user: User, actor: Actor) -> dict[str, Any]:
    """What became of it, and what waits for an answer."""
    story = story_of(imagery_request, actor)
    delivered = delivered_items(imagery_request)
    shown = [item.pk for item in delivered] + story.image_pks
    return {
        "story": story,
        "areas": areas_of(imagery_request),
        "delivered": delivered,
        "items_open_to_reader": items_open_to(user, shown),
        "open_data_links": open_data_links(imagery_request),
        "attribution": attribution_of(imagery_request),
        "appeal": open_appeal(imagery_request),
        "question": open_question(imagery_request),
        "offer": open_offer(imagery_request, actor),
        "revisions": revisions_of(imagery_request, actor),
        "not_handed_in": changes_not_handed_in(imagery_request),
        **_to_join(imagery_request, actor),
    }


def _to_join(imagery_request: ImageryRequest, actor: Actor) -> dict[str, Any]:
    """The cell sees which orders nearby it might join."""
    is_officer = is_inside(imagery_request, actor)
    is_undecided = imagery_request.state in UNDECIDED_STATES
    waits = is_officer and is_undecided and imagery_request.waits_for_a_neighbour
    return {
        "is_inside": is_officer,
        "waits_for_cell_to_join": waits,
        "candidates": candidates_for(imagery_request) if waits else (),
        "joined": list(joined_to(imagery_request)) if waits else [],
        "nearby_km": NEARBY_KM,
    }


def message_form(request: ImageryRequest, actor: Actor) -> MessageForm | None:
    """None for who only reads, and while no cell would read it."""
    kinds = kinds_offered(request, actor)
    return MessageForm(kinds=kinds) if kinds else None


@login_required
@require_safe
def explanation(request: AuthenticatedRequest, number: str) -> JsonResponse:
    imagery_request = get_object_or_404(request_page(request.user), number=number)
    return JsonResponse(explanation_of(imagery_request, request.user))


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

"""Requests as one may see them, over JSON."""

from typing import Any, Literal

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from orbitrage.shared.api.paging import LIMIT_MAXIMUM, newest_first
from requests_app.api.shapes import (
    ItemsOut,
    PreviewOut,
    RequestOut,
    RequestsOut,
    StoryOut,
    item_as_json,
    preview_as_json,
    request_as_json,
    story_as_json,
    summary_as_json,
)
from requests_app.features import delivered_items, request_features
from requests_app.intake.selectors import preview
from requests_app.lists.forms import RequestFilter
from requests_app.lists.selectors import Scope as ListScope
from requests_app.lists.selectors import matching, requests_in
from requests_app.models import ImageryRequest, ImageryRequestQuerySet, RequestKind
from requests_app.selectors import cell_queue, items_open_to, request_page
from requests_app.story import story_of
from requests_app.transitions import TransitionRefused, wrong_state
from requests_app.views.reading import explained
from requests_app.workflow import State

# Of this module and of `drafting`: ninja wants the methods of one address in one router.
router = Router(tags=["requests"])
READ = Bearer(Scope.READ)
ONE = "/requests/{slug:number}"


class Filters(Schema):
    """As in the address of the pages; ``next_cursor`` of a page is the ``cursor`` of the next."""

    state: Literal[("", *State.values)] = ""  # type: ignore[valid-type]
    kind: Literal[("", *RequestKind.values)] = ""  # type: ignore[valid-type]
    sensor: str = Field("", max_length=30)
    q: str = Field("", max_length=100)
    waits: Literal["", "0", "1"] = ""
    cursor: str = Field("", max_length=40)
    limit: int = Field(50, ge=1, le=LIMIT_MAXIMUM)


def request_of(request: HttpRequest, number: str) -> ImageryRequest:
    return get_object_or_404(request_page(person_of(request)), number=number)


def _listed(
    request: HttpRequest, rows: ImageryRequestQuerySet, actor: Actor, wanted: Filters
) -> dict[str, Any]:
    form = RequestFilter(request.GET)
    kept = matching(rows, form.criteria, actor) if form.is_valid() else rows.none()
    page = newest_first(kept, cursor=wanted.cursor, limit=wanted.limit)
    return page.as_json(summary_as_json)


@router.get(
    "/requests",
    auth=READ,
    response=RequestsOut,
    operation_id="list_requests",
    url_name="requests",
    summary=_("My requests and those of my entities, newest first"),
)
def list_requests(request: HttpRequest, wanted: Query[Filters]) -> dict[str, Any]:
    actor = actor_of(person_of(request))
    rows = requests_in(ListScope.ALL, actor).for_a_list()
    return _listed(request, rows, actor, wanted)


@router.get(
    "/queue",
    auth=READ,
    response=RequestsOut,
    operation_id="list_queue",
    url_name="queue",
    summary=_("The files of my cells that are not over, newest first"),
)
def list_queue(request: HttpRequest, wanted: Query[Filters]) -> dict[str, Any]:
    user = person_of(request)
    actor = actor_of(user)
    if not actor.is_officer:
        raise Http404
    return _listed(request, cell_queue(user=user, actor=actor), actor, wanted)


@router.get(
    ONE,
    auth=READ,
    response=RequestOut,
    operation_id="read_request",
    url_name="request",
    summary=_("A request, and what I may do with it now"),
)
def read_request(request: HttpRequest, number: str) -> dict[str, Any]:
    return request_as_json(request_of(request, number), person_of(request))


@router.get(
    f"{ONE}/story",
    auth=READ,
    response=StoryOut,
    operation_id="read_story",
    url_name="story",
    summary=_("What has happened to a request, by whom and when"),
)
def read_story(request: HttpRequest, number: str) -> dict[str, Any]:
    actor = actor_of(person_of(request))
    return story_as_json(story_of(request_of(request, number), actor))


@router.get(
    f"{ONE}/preview",
    auth=READ,
    response=PreviewOut,
    operation_id="preview_request",
    url_name="preview",
    summary=_("What submitting a request as it is would be answered; writes nothing"),
    description=_("Of a draft, or of a request whose cell has asked for information."),
)
def preview_request(request: HttpRequest, number: str) -> dict[str, Any]:
    imagery_request, user = request_of(request, number), person_of(request)
    if imagery_request.state == State.INFORMATION_REQUESTED:
        user = imagery_request.requester
    elif imagery_request.state != State.DRAFT:
        raise TransitionRefused(wrong_state(imagery_request, actor_of(user)))
    return preview_as_json(preview(imagery_request, user=user, on=timezone.localdate()))


class ExplanationOut(Schema):
    request: str
    state: str
    is_decided: bool
    explanation: dict[str, Any] | None


@router.get(
    f"{ONE}/explanation",
    auth=READ,
    response=ExplanationOut,
    operation_id="read_explanation",
    url_name="explanation",
    summary=_("The price of a request with every figure it comes from"),
)
def read_explanation(request: HttpRequest, number: str) -> dict[str, Any]:
    return explained(request_of(request, number), person_of(request))


@router.get(
    f"{ONE}/areas.geojson",
    auth=READ,
    response=dict[str, Any],
    operation_id="read_areas",
    url_name="request_areas",
    summary=_("Every area of a request, and the footprints of what came, as GeoJSON"),
)
def read_areas(request: HttpRequest, number: str) -> JsonResponse:
    return JsonResponse(request_features(request_of(request, number)))


@router.get(
    f"{ONE}/items",
    auth=READ,
    response=ItemsOut,
    operation_id="list_delivered_items",
    url_name="request_items",
    summary=_("The images that were delivered for a request"),
)
def list_delivered_items(request: HttpRequest, number: str) -> dict[str, Any]:
    items = delivered_items(request_of(request, number))
    open_to_me = items_open_to(person_of(request), items)
    return {"items": [item_as_json(item, is_open_to_me=item.pk in open_to_me) for item in items]}

"""Requests as one may see them, over JSON."""

from typing import Annotated, Any, Literal

from django.db.models import Q
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop as _
from django.utils.translation import override
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from eligibility.selectors import actor_of
from orbitrage.shared.api.bodies import query_of
from orbitrage.shared.api.paging import LIMIT_MAXIMUM, newest_first, page_of
from orbitrage.shared.api.problems import of_form, valid
from requests_app.api.shapes import (
    ItemsOut,
    RequestOut,
    RequestsOut,
    StoryOut,
    item_as_json,
    request_as_json,
    story_as_json,
    summary_as_json,
)
from requests_app.features import delivered_items, request_features
from requests_app.lists.downloads import MEDIA_TYPES, as_file, refused
from requests_app.lists.forms import ListForm, RequestFilter
from requests_app.lists.ordering import NEWEST_FIRST
from requests_app.lists.selectors import ListScope, matching, requests_wanted
from requests_app.models import ImageryRequest, ImageryRequestQuerySet
from requests_app.selectors import cell_queue, items_open_to, request_page
from requests_app.situation import explanation_of
from requests_app.story import story_of

# Of this module and of `drafting`: ninja wants the methods of one address in one router.
router = Router(tags=["requests"])
READ = Bearer(Scope.READ)
ONE = "/requests/{slug:number}"


PAGES: dict[str, Any] = {
    "cursor": (Annotated[str, StringConstraints(max_length=40)], ""),
    "limit": (Annotated[int, Field(ge=1, le=LIMIT_MAXIMUM)], 50),
}

with override("en"):
    ListFilters = query_of(
        "ListFilters",
        ListForm,
        leave_out=("map", "after"),
        values={"scope": ListScope.values},
        others=PAGES,
    )
    FileFilters = query_of(
        "FileFilters", ListForm, leave_out=("map", "after"), values={"scope": ListScope.values}
    )
    QueueFilters = query_of("QueueFilters", RequestFilter, others=PAGES)


def request_of(request: HttpRequest, number: str) -> ImageryRequest:
    return get_object_or_404(request_page(person_of(request)), number=number)


def _typed(wanted: Schema) -> dict[str, Any]:
    said = wanted.model_dump(exclude=set(PAGES))
    return {name: value for name, value in said.items() if value not in ("", None, False)}


@router.get(
    "/requests",
    auth=READ,
    response=RequestsOut,
    operation_id="list_requests",
    url_name="requests",
    summary=_("My requests and those of my entities, newest first unless sorted otherwise"),
)
def list_requests(request: HttpRequest, wanted: Query[ListFilters]) -> dict[str, Any]:  # type: ignore[valid-type]  # made at run time
    actor = actor_of(person_of(request))
    form = valid(ListForm(_typed(wanted), actor=actor))
    ordering = form.wanted.ordering

    def beyond(key: int) -> Q | None:
        if ordering == NEWEST_FIRST:
            return Q(pk__lt=key)
        seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
        last = seen.filter(pk=key).first()
        return None if last is None else ordering.beyond(last)

    rows = requests_wanted(form.wanted, actor).for_a_list()
    page = page_of(rows, beyond=beyond, cursor=wanted.cursor, limit=wanted.limit)  # type: ignore[attr-defined]
    return page.as_json(summary_as_json)


def _shape_of(media_type: str) -> dict[str, str]:
    is_json = media_type.endswith("json")
    return {"type": "object"} if is_json else {"type": "string", "format": "binary"}


@router.get(
    "/requests/list.{extension}",
    auth=READ,
    operation_id="download_list",
    url_name="list_file",
    summary=_("The same list, whole, as CSV, workbook, GeoJSON or GeoPackage"),
    openapi_extra={
        "responses": {
            "200": {
                "description": "File",
                "content": {
                    media_type.partition(";")[0]: {"schema": _shape_of(media_type)}
                    for media_type in MEDIA_TYPES.values()
                },
            }
        }
    },
)
def download_list(
    request: HttpRequest,
    extension: Literal[tuple(MEDIA_TYPES)],  # type: ignore[valid-type]  # made at run time
    wanted: Query[FileFilters],  # type: ignore[valid-type]  # made at run time
) -> HttpResponseBase:
    form = valid(ListForm(_typed(wanted), actor=actor_of(person_of(request))))
    rows = requests_wanted(form.wanted, form.actor)
    if (error := refused(rows, extension)) is not None:
        form.add_error(None, error)
        raise of_form(form)
    return as_file(rows, extension)


@router.get(
    "/queue",
    auth=READ,
    response=RequestsOut,
    operation_id="list_queue",
    url_name="queue",
    summary=_("The files of my cells that are not over, newest first"),
)
def list_queue(request: HttpRequest, wanted: Query[QueueFilters]) -> dict[str, Any]:  # type: ignore[valid-type]  # made at run time
    user = person_of(request)
    actor = actor_of(user)
    if not actor.is_officer:
        raise Http404
    form = valid(RequestFilter(_typed(wanted)))
    rows = matching(cell_queue(user=user, actor=actor), form.criteria, actor)
    page = newest_first(rows, cursor=wanted.cursor, limit=wanted.limit)  # type: ignore[attr-defined]
    return page.as_json(summary_as_json)


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
    imagery_request, actor = request_of(request, number), actor_of(person_of(request))
    return story_as_json(imagery_request, story_of(imagery_request, actor))


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
    return explanation_of(request_of(request, number), person_of(request))


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
    open_to_me = items_open_to(person_of(request), [item.pk for item in items])
    return {"items": [item_as_json(item, is_open_to_me=item.pk in open_to_me) for item in items]}

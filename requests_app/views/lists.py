"""Lists of requests, the queue of a cell, and lists as files."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from requests_app.lists.downloads import ROWS_OF_A_FILE, as_file, refused
from requests_app.lists.forms import ListForm, RequestFilter
from requests_app.lists.map import map_of
from requests_app.lists.ordering import Ordering
from requests_app.lists.selectors import (
    BoundedCount,
    Wanted,
    count_of,
    list_page,
    matching,
    requests_in,
    requests_wanted,
)
from requests_app.selectors import cell_queue, expedited_this_year, pressures_of

HEADINGS = (
    ("number", gettext_lazy("Number")),
    ("title", gettext_lazy("Title")),
    ("", gettext_lazy("Entity")),
    ("", gettext_lazy("Sensor")),
    ("area", "km²"),
    ("", gettext_lazy("State")),
    ("submitted", gettext_lazy("Submitted")),
    ("due", gettext_lazy("To be done by")),
)
"""By the key of their order; empty for those by which nothing is sorted."""
FALLING_FIRST = ("number", "area", "submitted")


@login_required
@require_safe
def request_index(request: AuthenticatedRequest) -> HttpResponse:
    form = ListForm(request.GET, actor=actor_of(request.user))
    return _list(request, form, form.wanted if form.is_valid() else None)


def _list(
    request: AuthenticatedRequest,
    form: ListForm,
    wanted: Wanted | None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    """Without ``wanted``, the page says what is wrong with its address and lists nothing."""
    actor = form.actor
    context: dict[str, Any] = {
        "form": form,
        "list_url": reverse("requests:list"),
        "waiting": count_of(requests_in(form.scopes[0], actor).awaiting_answer_of(actor)),
        "is_officer": actor.is_officer,
    }
    if wanted is not None:
        context |= _listed(request.GET, form, wanted)
    return render(request, "requests_app/list.html", context, status=status)


def _listed(query: QueryDict, form: ListForm, wanted: Wanted) -> dict[str, Any]:
    page = list_page(wanted, form.actor)
    shows_map = form.cleaned_data["map"]
    return {
        "page": page,
        "wanted": wanted,
        "headings": _headings(wanted.ordering, query),
        "tabs": _tabs(form, wanted, query),
        "first_page": _address(query) if wanted.after else "",
        "next_page": _address(query, after=page.next_after) if page.next_after else "",
        "files": [(each, _file_address(query, each)) for each in ROWS_OF_A_FILE],
        "other_view": _address(query, map="" if shows_map else "1"),
        "map_data": map_of(page.rows) if shows_map and page.rows else None,
    }


def _file_address(query: QueryDict, extension: str) -> str:
    return reverse("requests:list_file", args=[extension]) + _query(query, map="")


def _address(query: QueryDict, **changed: str) -> str:
    """Of the same list with some of it changed, whichever page or file was asked for."""
    return reverse("requests:list") + _query(query, **changed)


def _query(query: QueryDict, **changed: str) -> str:
    """Of the first page, unless ``after`` is given."""
    found = QueryDict(mutable=True)
    for name, values in query.lists():
        if name not in changed and name != "after":
            found.setlist(name, [value for value in values if value])
    for name, value in changed.items():
        found.setlist(name, [value] if value else [])
    return f"?{text}" if (text := found.urlencode()) else ""


@dataclass(frozen=True)
class Heading:
    """``aria_sort`` is empty for a column by which the list is not sorted now, ``address`` for one
    by which it never is."""

    label: str
    is_number: bool = False
    address: str = ""
    aria_sort: str = ""


def _headings(now: Ordering, query: QueryDict) -> list[Heading]:
    return [_heading(key, str(label), now, query) for key, label in HEADINGS]


def _heading(key: str, label: str, now: Ordering, query: QueryDict) -> Heading:
    if not key:
        return Heading(label)
    is_sorted = now.key == key
    then = now.turned if is_sorted else Ordering(key, is_falling=key in FALLING_FIRST)
    direction = "descending" if now.is_falling else "ascending"
    return Heading(
        label,
        is_number=key == "area",
        address=_address(query, sort=str(then)),
        aria_sort=direction if is_sorted else "",
    )


@dataclass(frozen=True)
class Tab:
    label: str
    address: str
    count: BoundedCount
    is_current: bool


def _tabs(form: ListForm, wanted: Wanted, query: QueryDict) -> list[Tab]:
    """None where there is nothing to choose. They count whole lists, whatever the filters."""
    if len(form.scopes) == 1:
        return []
    usual = form.scopes[0]
    return [
        Tab(
            label=str(scope.label),
            address=_address(query, scope="" if scope == usual else scope.value),
            count=count_of(requests_in(scope, form.actor)),
            is_current=scope == wanted.scope,
        )
        for scope in form.scopes
    ]


@login_required
@require_safe
def list_file(request: AuthenticatedRequest, extension: str) -> HttpResponseBase:
    """All pages of a list as one file."""
    if extension not in ROWS_OF_A_FILE:
        raise Http404
    form = ListForm(request.GET, actor=actor_of(request.user))
    if not form.is_valid():
        return _list(request, form, None, HTTPStatus.BAD_REQUEST)
    rows = requests_wanted(form.wanted, form.actor)
    if (error := refused(rows, extension)) is not None:
        form.add_error(None, error)
        return _list(request, form, form.wanted, HTTPStatus.BAD_REQUEST)
    return as_file(rows, extension)


@login_required
@require_safe
def queue(request: AuthenticatedRequest) -> HttpResponse:
    actor = actor_of(request.user)
    if not actor.is_officer:
        raise Http404
    form = RequestFilter(request.GET)
    rows = cell_queue(user=request.user, actor=actor)
    rows = matching(rows, form.criteria, actor) if form.is_valid() else rows.none()
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    waiting = rows.awaiting_cell().count()
    context = {
        "page_obj": page,
        "form": form,
        "list_url": reverse("queue:list"),
        "headings": [Heading(str(label), key == "area") for key, label in HEADINGS],
        "waiting": waiting,
        "elsewhere": page.paginator.count - waiting,
        "expedited": expedited_this_year(actor),
        "pressures": pressures_of(actor),
    }
    return render(request, "requests_app/queue.html", context)

"""What the answers of a request were."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema

from eligibility.api import person_of
from eligibility.selectors import actor_of
from orbitrage.shared.plain import plain
from requests_app.api.reading import ONE, READ, request_of
from requests_app.differences import Changes, Revision, changes_not_handed_in, revisions_of

router = Router(tags=["messages"])


class DifferenceOut(Schema):
    label: str
    before: str
    after: str


class AreaChangeOut(Schema):
    before_km2: str
    after_km2: str
    features: dict[str, Any]


class ChangesOut(Schema):
    differences: list[DifferenceOut]
    area: AreaChangeOut | None
    is_erased: bool


class RevisionOut(ChangesOut):
    number: int
    at: str
    by: str
    sentence: str


class RevisionsOut(Schema):
    """``not_handed_in``: what was changed since the cell asked, and not sent with an answer."""

    items: list[RevisionOut]
    not_handed_in: ChangesOut | None


@router.get(
    f"{ONE}/revisions",
    auth=READ,
    response=RevisionsOut,
    operation_id="list_revisions",
    url_name="revisions",
    summary=_("What changed in a request after its submission, the latest first"),
)
def list_revisions(request: HttpRequest, number: str) -> dict[str, Any]:
    imagery_request, actor = request_of(request, number), actor_of(person_of(request))
    waiting = changes_not_handed_in(imagery_request)
    return {
        "items": [_revision_as_json(found) for found in revisions_of(imagery_request, actor)],
        "not_handed_in": waiting and _changes_as_json(waiting),
    }


def _revision_as_json(revision: Revision) -> dict[str, Any]:
    told = {"number": revision.number, "at": plain(revision.at), "by": revision.by}
    return told | {"sentence": revision.sentence} | _changes_as_json(revision.changes)


def _changes_as_json(changes: Changes) -> dict[str, Any]:
    area = changes.area
    return {
        "differences": [vars(each) for each in changes.differences],
        "area": area
        and {
            "before_km2": str(area.before_km2),
            "after_km2": str(area.after_km2),
            "features": area.features,
        },
        "is_erased": changes.is_erased,
    }

"""What one was told, over JSON."""

from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Query, Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from eligibility.selectors import actor_of
from notices import selectors
from notices.models import Notice
from orbitrage.shared.api.paging import LIMIT_MAXIMUM, newest_first
from orbitrage.shared.letters import LetterKind

router = Router(tags=["notices"])


class NoticeOut(Schema):
    id: int
    kind: str
    subject: str
    request: str | None
    page: str
    told_at: str
    is_read: bool


class NoticesOut(Schema):
    items: list[NoticeOut]
    next_cursor: str | None


class NoticeFilters(Schema):
    unread: bool = Field(False, description=_("Only what was not read yet."))
    kind: Literal[("", *LetterKind.values)] = ""  # type: ignore[valid-type]  # made at run time
    cursor: str = Field("", max_length=40)
    limit: int = Field(50, ge=1, le=LIMIT_MAXIMUM)


@router.get(
    "/notices",
    auth=Bearer(Scope.READ),
    response=NoticesOut,
    operation_id="list_notices",
    url_name="notices",
    summary=_("What I was told, newest first; reading it here marks nothing as read"),
)
def list_notices(request: HttpRequest, wanted: Query[NoticeFilters]) -> dict[str, Any]:
    user = person_of(request)
    rows = selectors.notice_list(
        user, actor_of(user), only_unread=wanted.unread, kind=str(wanted.kind)
    )
    page = newest_first(rows, cursor=wanted.cursor, limit=wanted.limit)
    return page.as_json(notice_as_json)


def notice_as_json(notice: Notice) -> dict[str, Any]:
    told_at = timezone.localtime(notice.told_at)
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "subject": notice.subject,
        "request": notice.request.number if notice.request else None,
        "page": notice.path,
        "told_at": told_at.isoformat(timespec="seconds"),
        "is_read": notice.read_at is not None,
    }

"""What is written about a request, the files that came with it, and what its answers were."""

import logging
from http import HTTPStatus
from typing import Any, Literal, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope, User
from eligibility.selectors import actor_of
from orbitrage.shared.api.bodies import Body, body_of, form_input
from orbitrage.shared.api.idempotency import PARAMETER, Answer, once
from orbitrage.shared.api.problems import Problem, valid
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.documents.files import FileAltered
from requests_app.api.reading import ONE, READ, request_of
from requests_app.api.shapes import StepOut, plain, step_as_json
from requests_app.attachments.kinds import KIND_BY_CODE
from requests_app.attachments.storing import read
from requests_app.differences import Changes, Revision, changes_not_handed_in, revisions_of
from requests_app.messages.forms import MessageForm
from requests_app.messages.services import write_message
from requests_app.models import Attachment, ImageryRequest, MessageKind
from requests_app.story import story_of
from requests_app.thread import kinds_open_to

logger = logging.getLogger(__name__)
router = Router(tags=["messages"])

with override("en"):
    NewMessage = body_of(
        "NewMessage",
        MessageForm,
        leave_out=("kind",),
        others={
            "kind": (
                Literal[tuple(MessageKind.values)],
                Field(
                    MessageKind.SHARED.value,
                    description=_("Internal notes are of the cell: no requester ever reads them."),
                ),
            )
        },
    )


class MessagesOut(Schema):
    """``kinds``: what I may write here."""

    items: list[StepOut]
    kinds: list[str]


class WrittenOut(Schema):
    id: int
    kind: str
    at: str


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
    f"{ONE}/messages",
    auth=READ,
    response=MessagesOut,
    operation_id="list_messages",
    url_name="messages",
    summary=_("What was written about a request, oldest first"),
)
def list_messages(request: HttpRequest, number: str) -> dict[str, Any]:
    imagery_request, actor = request_of(request, number), actor_of(person_of(request))
    written = [step for step in story_of(imagery_request, actor).steps if step.anchor]
    return {
        "items": [step_as_json(imagery_request, step) for step in written],
        "kinds": [str(kind.value) for kind in kinds_open_to(imagery_request, actor)],
    }


@router.post(
    f"{ONE}/messages",
    auth=Bearer(Scope.REQUESTS),
    response={201: WrittenOut},
    operation_id="write_message",
    url_name="messages",
    summary=_("Write to the other side about a request, or leave a note to the cell"),
    openapi_extra={"parameters": [PARAMETER]},
)
def write(request: HttpRequest, number: str, body: NewMessage) -> HttpResponse:  # type: ignore[valid-type]
    user, imagery_request = person_of(request), request_of(request, number)
    said = cast("Body", body).model_dump()
    return once(request, lambda: _written(imagery_request, user, said))


def _written(imagery_request: ImageryRequest, user: User, said: dict[str, Any]) -> Answer:
    kinds = kinds_open_to(imagery_request, actor_of(user))
    if said["kind"] not in kinds:
        raise PermissionDenied
    data, files = form_input(said)
    form = valid(MessageForm(data, files, kinds=kinds))
    sent = write_message(request_id=imagery_request.pk, user=user, **form.cleaned_data)
    told = {"id": sent.pk, "kind": sent.kind, "at": plain(sent.at)}
    return Answer(told, status=HTTPStatus.CREATED)


@router.get(
    f"{ONE}/attachments/{{uuid:key}}",
    auth=READ,
    operation_id="download_attachment",
    url_name="attachment",
    summary=_("A file that came with a message or a move"),
    openapi_extra={
        "responses": {
            "200": {
                "description": "File",
                "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def download_attachment(request: HttpRequest, number: str, key: UUID) -> HttpResponse:
    visible = Attachment.objects.visible_to(person_of(request)).kept().select_related("name")
    found = get_object_or_404(visible, key=key, message__request__number=number)
    try:
        data = read(found)
    except FileAltered as altered:
        logger.error("The attached file %s is not the one that was kept.", found.key)
        detail = gettext(
            "The stored file is not the one that was attached: its operators are told."
        )
        raise Problem(503, "attachment_altered", detail) from altered
    return as_attachment(data, str(found.name), KIND_BY_CODE[found.kind].media_type)


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

"""What is written about a request, and the files that came with it."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer, demand_scope
from eligibility.models import Scope, User
from eligibility.selectors import actor_of
from orbitrage.shared.api.bodies import Body, body_of, form_input
from orbitrage.shared.api.idempotency import PARAMETER, Answer, once
from orbitrage.shared.api.problems import Problem, valid
from orbitrage.shared.documents.files import FileAltered
from orbitrage.shared.plain import plain
from requests_app.api.reading import ONE, READ, request_of
from requests_app.api.shapes import StepOut, step_as_json
from requests_app.attachments.downloads import attachment_open_to, download
from requests_app.messages.forms import MessageForm
from requests_app.messages.permissions import (
    kinds_offered,
    kinds_open_to,
    writes_for_those_who_ask,
)
from requests_app.messages.services import write_message
from requests_app.models import ImageryRequest, MessageKind
from requests_app.selectors import request_page
from requests_app.story import story_of

router = Router(tags=["messages"])
Before = Annotated[int | None, Field(ge=1, le=2**63 - 1)]

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
    """``kinds``: what I may write here. ``earlier_before``: where there are more, what to say as
    ``before`` to read them."""

    items: list[StepOut]
    kinds: list[str]
    earlier_before: int | None


class WrittenOut(Schema):
    id: int
    kind: str
    at: str


@router.get(
    f"{ONE}/messages",
    auth=READ,
    response=MessagesOut,
    operation_id="list_messages",
    url_name="messages",
    summary=_("What was written about a request: the latest, oldest first"),
)
def list_messages(request: HttpRequest, number: str, before: Before = None) -> dict[str, Any]:
    person = person_of(request)
    page = request_page(person, messages_before=before)
    imagery_request, actor = get_object_or_404(page, number=number), actor_of(person)
    story = story_of(imagery_request, actor)
    written = [step for step in story.steps if step.anchor]
    return {
        "earlier_before": story.earlier_before,
        "items": [step_as_json(imagery_request, step) for step in written],
        "kinds": [str(kind.value) for kind in kinds_offered(imagery_request, actor)],
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
def write(request: HttpRequest, number: str, body: NewMessage) -> HttpResponse:  # type: ignore[valid-type]  # made at run time
    user, imagery_request = person_of(request), request_of(request, number)
    said = cast("Body", body).model_dump()
    _demand_office(request, imagery_request, said["kind"])
    return once(request, lambda: _written(imagery_request, user, said))


def _demand_office(request: HttpRequest, imagery_request: ImageryRequest, kind: str) -> None:
    """What the cell signs, and its notes, take a token that acts in its person's offices."""
    actor = actor_of(person_of(request))
    signs_for_cell = not writes_for_those_who_ask(imagery_request, actor)
    is_open = kind in kinds_open_to(imagery_request, actor)
    if is_open and (signs_for_cell or kind == MessageKind.INTERNAL):
        demand_scope(request, Scope.OFFICE)


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
    found = attachment_open_to(person_of(request), number=number, key=key)
    try:
        return download(found)
    except FileAltered as altered:
        detail = gettext(
            "The stored file is not the one that was attached: its operators are told."
        )
        raise Problem(503, "attachment_altered", detail) from altered

"""A request's life in plain words, for the person who reads it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.models import User
from eligibility.permissions import Actor
from requests_app.attachments.kinds import KIND_BY_CODE
from requests_app.models import Attachment, ImageryRequest, Message, TransitionRecord
from requests_app.permissions import has_conflict, is_asking
from requests_app.workflow import FINAL_STATES, State

SENTENCES: dict[str, Promise] = {
    "submit": gettext_lazy("The request was submitted"),
    "submit_open_data": gettext_lazy("Open data: notice and links were given at once"),
    "recall": gettext_lazy("The request was taken back to be changed"),
    "cancel": gettext_lazy("The request was cancelled"),
    "lapse": gettext_lazy("The request expired: nobody acted by the date"),
    "remind": gettext_lazy("A reminder was sent"),
    "take": gettext_lazy("A reviewer took the file"),
    "release_file": gettext_lazy("The file went back to the queue"),
    "request_information": gettext_lazy("The cell asked a question"),
    "answer": gettext_lazy("The question was answered"),
    "recommend": gettext_lazy("The review is done; the file went to arbitration"),
    "propose_inadmissible": gettext_lazy("The reviewer proposed to refuse the file"),
    "return_to_review": gettext_lazy("The file went back to review"),
    "approve": gettext_lazy("The request was approved as asked"),
    "offer": gettext_lazy("The cell made an offer"),
    "accept_offer": gettext_lazy("The offer was accepted"),
    "reply_to_offer": gettext_lazy("The offer was replied to"),
    "decline_offer": gettext_lazy("The offer was declined"),
    "withdraw_offer": gettext_lazy("The offer was withdrawn"),
    "rescind": gettext_lazy("The decision was rescinded"),
    "defer": gettext_lazy("The file was deferred"),
    "resume": gettext_lazy("The file came back to arbitration"),
    "refuse": gettext_lazy("The request was refused"),
    "order": gettext_lazy("The images were ordered from the operator"),
    "amend_order": gettext_lazy("The order was amended"),
    "register_delivery": gettext_lazy("Images were delivered"),
    "close_window": gettext_lazy("The acquisition window ended"),
    "stop_order": gettext_lazy("The order was stopped"),
    "fail": gettext_lazy("The operator could not acquire the images"),
    "accept_delivery": gettext_lazy("The delivery was accepted"),
    "dispute": gettext_lazy("The delivery was disputed"),
    "uphold_delivery": gettext_lazy("The delivery was upheld"),
    "refund_part": gettext_lazy("A part was refunded"),
    "retask": gettext_lazy("The acquisition is made again"),
    "propose_amendment": gettext_lazy("The requester was asked to agree to an amendment"),
    "decline_amendment": gettext_lazy("The amendment was declined"),
    "assign": gettext_lazy("The chair gave the file to a reviewer"),
    "reroute": gettext_lazy("The file moved to another cell"),
    "transfer_request": gettext_lazy("The request was transferred to another person"),
    "add_co_requester": gettext_lazy("A co-requester was added"),
    "remove_co_requester": gettext_lazy("A co-requester was removed"),
    "expedite": gettext_lazy("The file is decided outside a meeting"),
    "block": gettext_lazy("The file was blocked"),
    "unblock": gettext_lazy("The file is no longer blocked"),
    "close_nationality_review": gettext_lazy("The review of nationality was closed"),
    "propose_rescission": gettext_lazy("It was proposed to rescind the decision"),
    "reject_rescission": gettext_lazy("The decision was kept"),
    "warn_of_shortfall": gettext_lazy("The window ended before everything came"),
    "choose_on_shortfall": gettext_lazy("It was said what to do with what has not come"),
    "extend_window": gettext_lazy("The window was extended"),
    "import_request": gettext_lazy("The request was taken over from elsewhere"),
}

INTERNAL = frozenset({"recommend", "propose_inadmissible", "return_to_review", "expedite"})
# Between those who decide: what comes of it is a record of its own.
OF_CELL_ALONE = frozenset({"propose_rescission", "reject_rescission"})
EITHER_SIDE = frozenset({"cancel", "transfer_request"})
BY_REQUESTER = frozenset(
    {
        "submit", "submit_open_data", "recall", "answer", "accept_offer", "reply_to_offer",
        "decline_offer", "accept_delivery", "dispute", "add_co_requester", "remove_co_requester",
        "amend_order", "decline_amendment", "choose_on_shortfall",
    }
)  # fmt: skip
WARNING = frozenset({"refuse", "cancel", "lapse", "decline_offer", "fail", "rescind", "block"})
GOOD = frozenset({"approve", "accept_offer", "register_delivery", "accept_delivery", "unblock"})

NEXT: dict[str, Promise] = {
    State.DRAFT: gettext_lazy("Check the request and submit it."),
    State.SUBMITTED: gettext_lazy("A reviewer of the cell will take the file."),
    State.IN_REVIEW: gettext_lazy("A reviewer is reading the file."),
    State.INFORMATION_REQUESTED: gettext_lazy("The cell waits for an answer."),
    State.IN_ARBITRATION: gettext_lazy("The cell is deciding between the requests of the period."),
    State.DEFERRED: gettext_lazy("The file comes back to arbitration at the date set."),
    State.OFFERED: gettext_lazy("The offer waits for an answer."),
    State.APPROVED: gettext_lazy("The images will be ordered from the operator."),
    State.ORDERED: gettext_lazy("The operator is acquiring or producing the images."),
    State.PARTIALLY_DELIVERED: gettext_lazy("A part has come; the operator goes on."),
    State.DELIVERED: gettext_lazy("Check the images: accept the delivery, or dispute it."),
    State.DISPUTED: gettext_lazy("The programme is looking at the dispute."),
}


@dataclass(frozen=True)
class AttachedFile:
    key: UUID
    name: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class Step:
    """One line of the timeline: a move, or a message, which has an ``anchor``."""

    at: datetime
    by: str
    sentence: str
    reason: str = ""
    note: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    tone: str = ""
    anchor: str = ""
    is_internal: bool = False
    files: tuple[AttachedFile, ...] = ()


@dataclass(frozen=True)
class Story:
    steps: tuple[Step, ...]
    next_step: str
    is_over: bool


def story_of(request: ImageryRequest, actor: Actor) -> Story:
    """The steps so far, oldest first, as ``actor`` may read them: moves, and what was written
    beside them. Uses the prefetched records and messages."""
    messages = [
        message
        for message in request.messages.all()
        if not message.is_internal or reads_notes(request, actor)
    ]
    steps = [*_moves(request, actor, messages), *_messages(request, actor, messages)]
    return Story(
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        next_step=str(NEXT.get(request.state, "")),
        is_over=request.state in FINAL_STATES,
    )


def is_inside(request: ImageryRequest, actor: Actor) -> bool:
    """Whether ``actor`` reads who in the cell did what; to others the cell signs as one."""
    serves = actor.is_secretariat or request.cell_id in actor.cell_ids
    return serves and not is_asking(request, actor)


def reads_notes(request: ImageryRequest, actor: Actor) -> bool:
    """Whether ``actor`` reads the internal notes, and may leave some: never somebody of those who
    ask, whatever post they hold. The same rule finds messages: ``Message.objects.visible_to``."""
    return is_inside(request, actor) and not has_conflict(request, actor)


def _moves(request: ImageryRequest, actor: Actor, messages: Iterable[Message]) -> Iterator[Step]:
    inside = is_inside(request, actor)
    files = {each.record_id: _files(each) for each in messages if each.record_id}
    for record in request.records.all():
        if inside or not _is_of_cell_alone(record, request):
            yield _step(record, request, inside=inside, files=files.get(record.pk, ()))


def _messages(request: ImageryRequest, actor: Actor, messages: Iterable[Message]) -> Iterator[Step]:
    inside = is_inside(request, actor)
    for message in messages:
        if message.record_id is None:
            yield _message_step(message, inside=inside)


def _is_of_cell_alone(record: TransitionRecord, request: ImageryRequest) -> bool:
    """A proposal to refuse stays in the cell until an arbitrator has refused the file."""
    if record.transition == "propose_inadmissible":
        return bool(request.state != State.REFUSED)
    return record.transition in OF_CELL_ALONE


def _step(
    record: TransitionRecord,
    request: ImageryRequest,
    *,
    inside: bool,
    files: tuple[AttachedFile, ...],
) -> Step:
    shows_note = inside or record.transition not in INTERNAL
    note = getattr(record, "note", None)
    return Step(
        at=record.at,
        by=signed_by(record, request, inside=inside),
        sentence=str(SENTENCES[record.transition]),
        reason=record.reason_label,
        note=str(note) if note is not None and shows_note else "",
        numbers=record.changes,
        tone=_tone(record.transition),
        files=files,
    )


def _message_step(message: Message, *, inside: bool) -> Step:
    text = getattr(message, "text", None)
    is_erased = text is not None and text.content is None
    return Step(
        at=message.at,
        by=message_signed_by(message, inside=inside),
        sentence=_("Internal note") if message.is_internal else _("Message"),
        note=_("The text was erased.") if is_erased else str(text or ""),
        anchor=message.anchor,
        is_internal=message.is_internal,
        files=_files(message),
    )


def message_signed_by(message: Message, *, inside: bool) -> str:
    """The author's name where they ask, or to whom may read it; else that of their cell."""
    if inside or message.cell is None:
        return message.author.full_name
    return message.cell.name


def _files(message: Message) -> tuple[AttachedFile, ...]:
    return tuple(_attached(file) for file in message.attachments.all() if file.name.content)


def _attached(file: Attachment) -> AttachedFile:
    label = KIND_BY_CODE[file.kind].label
    return AttachedFile(file.key, str(file.name), label, file.size_bytes)


def signed_by(record: TransitionRecord, request: ImageryRequest, *, inside: bool) -> str:
    """The author's name, to whom may read it; else the cell's, or the programme without a cell."""
    if record.author is None:
        return _("the calendar")
    if inside or _is_of_requester(record, record.author, request):
        return record.author.full_name
    return request.cell.name if request.cell is not None else _("the programme")


def _is_of_requester(record: TransitionRecord, author: User, request: ImageryRequest) -> bool:
    if record.transition not in EITHER_SIDE:
        return record.transition in BY_REQUESTER
    # The requester's side may do it, and so may the chair and the secretariat.
    asking = {request.requester_id, *request.co_requester_ids}
    of_entity = author.affiliations.filter(entity_id=request.entity_id)
    return author.pk in asking or of_entity.exists()


def _tone(transition: str) -> str:
    if transition in WARNING:
        return "negative"
    return "positive" if transition in GOOD else ""

"""A request's life in plain words, for the person who reads it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.models import User
from eligibility.permissions import Actor
from requests_app.attachments.kinds import KIND_BY_CODE
from requests_app.declarations import WORDS, allowed_to
from requests_app.models import Attachment, ImageryRequest, Message, TransitionRecord
from requests_app.models.message import MESSAGES_SHOWN
from requests_app.permissions import has_conflict, is_asking
from requests_app.revisions import Difference, differences
from requests_app.states import FINAL_STATES, State

INTERNAL = frozenset({"recommend", "propose_inadmissible", "return_to_review", "expedite"})
# Between those who decide: what comes of it is a record of its own.
OF_CELL_ALONE = frozenset({"propose_rescission", "reject_rescission"})
# Of what a record keeps, in km², €, days and words; never a person, nor an officer's part in it.
FIGURES = frozenset(
    {
        "area_km2", "counted_km2", "free_km2", "priced_km2", "total_eur", "charged_km2",
        "operator_area_km2", "delivered_km2", "refunded_km2", "products", "reminder", "due_on",
        "until", "appeal_until", "window_ends_on", "on_shortfall", "operator_confirmation",
        "choices", "identifiers", "items", "proposed_km2",
    }
)  # fmt: skip

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
TO_SIGN = gettext_lazy("The licence waits for its signature; the images are ordered after it.")


@dataclass(frozen=True)
class AttachedFile:
    key: UUID
    name: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class NamedImage:
    """``pk``: of its page; None where the record does not lead there."""

    identifier: str
    pk: int | None = None


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
    converted: tuple[Difference, ...] = ()
    images: tuple[NamedImage, ...] = ()


@dataclass(frozen=True)
class Story:
    """``earlier_before``: the message before which there are more than are shown."""

    steps: tuple[Step, ...]
    next_step: str
    is_over: bool
    earlier_before: int | None = None

    @property
    def image_pks(self) -> list[int]:
        """Of the images that it leads to."""
        return [image.pk for step in self.steps for image in step.images if image.pk is not None]


def story_of(request: ImageryRequest, actor: Actor) -> Story:
    """The steps so far, oldest first, as ``actor`` may read them: moves, and what was written
    beside them. Uses the prefetched records and messages."""
    messages = [
        message
        for message in request.messages.all()
        if not message.is_internal or reads_notes(request, actor)
    ]
    written = [message for message in messages if message.record_id is None]
    written.sort(key=lambda message: message.pk)
    shown = written[-MESSAGES_SHOWN:]
    steps = [*_moves(request, actor, messages), *_messages(request, actor, shown)]
    return Story(
        steps=tuple(sorted(steps, key=lambda step: step.at)),
        next_step=str(TO_SIGN if request.awaits_signature else NEXT.get(request.state, "")),
        is_over=request.state in FINAL_STATES,
        earlier_before=shown[0].pk if len(shown) < len(written) else None,
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
    inside, with_notes = is_inside(request, actor), reads_notes(request, actor)
    files = {each.record_id: _files(each) for each in messages if each.record_id}
    for record in request.records.all():
        if with_notes or not _is_of_cell_alone(record, request):
            shows_note = with_notes or record.transition not in INTERNAL
            by = signed_by(record, request, inside=inside)
            step = _step(record, by, inside=inside, shows_note=shows_note)
            yield replace(step, files=files.get(record.pk, ()))


def _messages(request: ImageryRequest, actor: Actor, messages: Iterable[Message]) -> Iterator[Step]:
    inside = is_inside(request, actor)
    for message in messages:
        yield _message_step(message, inside=inside)


def _is_of_cell_alone(record: TransitionRecord, request: ImageryRequest) -> bool:
    """A proposal to refuse stays in the cell until an arbitrator has refused the file."""
    if record.transition == "propose_inadmissible":
        return bool(request.state != State.REFUSED)
    return record.transition in OF_CELL_ALONE


def _step(record: TransitionRecord, by: str, *, inside: bool, shows_note: bool) -> Step:
    note = getattr(record, "note", None)
    return Step(
        at=record.at,
        by=by,
        sentence=_sentence(record, inside=inside),
        reason=record.reason_label,
        note=str(note) if note is not None and shows_note else "",
        numbers=_numbers(record, inside=inside),
        tone=str(WORDS[record.transition]["tone"]),
        converted=differences(record.changes.get("choices", {})),
        images=images_of(record),
    )


def _sentence(record: TransitionRecord, *, inside: bool) -> str:
    """Which request is ordered together with this one is the cell's to know."""
    number = record.changes.get("ordered_with")
    if number is None:
        return str(WORDS[record.transition]["sentence"])
    if not inside:
        return _("The request was approved as asked, to be ordered together with one nearby")
    message = _("The request was approved as asked, to be ordered together with %(number)s")
    return message % {"number": number}


def _numbers(record: TransitionRecord, *, inside: bool) -> dict[str, Any]:
    """Never the key of an officer; which request it is ordered with is the cell's to know."""
    shown = FIGURES | {"ordered_with"} if inside else FIGURES
    return {name: value for name, value in record.changes.items() if name in shown}


def images_of(record: TransitionRecord) -> tuple[NamedImage, ...]:
    """Those that a dispute, a refund or a refusal names."""
    identifiers = record.changes.get("identifiers", [])
    pages = record.changes.get("items", [None] * len(identifiers))
    return tuple(map(NamedImage, identifiers, pages))


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
        return _("The calendar")
    if inside or _is_of_requester(record, record.author, request):
        return record.author.full_name
    return request.cell.name if request.cell is not None else _("The programme")


def _is_of_requester(record: TransitionRecord, author: User, request: ImageryRequest) -> bool:
    permission = allowed_to(record.transition)
    if not (permission.asking and permission.of_office):
        return bool(permission.asking)
    # Either side may do it.
    asking = {request.requester_id, *request.co_requester_ids}
    of_entity = author.affiliations.filter(entity_id=request.entity_id)
    return author.pk in asking or of_entity.exists()

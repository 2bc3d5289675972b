"""What is written about a request beside its moves, and the files that come with either."""

from collections.abc import Sequence

from orbitrage.shared import outbox
from requests_app.attachments.checking import room_refusals
from requests_app.attachments.storing import StoredFile, attach
from requests_app.models import (
    Attachment,
    ImageryRequest,
    Message,
    MessageKind,
    MessageText,
    TransitionRecord,
)
from requests_app.transitions import refuse_if

MESSAGE_TOPIC = "requests.message"


def add_message(
    request: ImageryRequest,
    *,
    author_id: int,
    kind: str,
    cell_id: int | None,
    text: str,
    files: Sequence[StoredFile] = (),
) -> Message:
    """Write a message on a locked request, and the notice that leaves after the commit."""
    _demand_room(request, kind, files)
    message = Message.objects.create(
        request=request, author_id=author_id, kind=kind, cell_id=cell_id
    )
    if text:
        MessageText.objects.create(message=message, content=text)
    attach(message, files)
    outbox.write(
        topic=MESSAGE_TOPIC,
        key=f"message:{message.pk}",
        payload={"message_id": message.pk},
        stream=request.number,
    )
    return message


def attach_to_move(
    request: ImageryRequest, entry: TransitionRecord, files: Sequence[StoredFile]
) -> None:
    """The files that come with a move of those who ask; whoever hears of the move hears of them."""
    if not files:
        return
    assert entry.author_id is not None  # the calendar attaches nothing
    _demand_room(request, MessageKind.SHARED, files)
    message = Message.objects.create(
        request=request, author_id=entry.author_id, kind=MessageKind.SHARED, record=entry
    )
    attach(message, files)


def _demand_room(request: ImageryRequest, kind: str, files: Sequence[StoredFile]) -> None:
    """Each kind has room of its own: no refusal tells those who ask of files inside the cell."""
    if files:
        kept = Attachment.objects.filter(message__request=request, message__kind=kind)
        refuse_if(room_refusals(kept=kept.count(), added=len(files)))

"""Mails about messages, one per reader, in the reader's language; without the words of a note."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.functional import lazy

from eligibility.models import User
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of
from requests_app.models import Attachment, ImageryRequest, Message
from requests_app.notifications import chair, on_duty, requesters
from requests_app.story import message_signed_by

MAIL_TOPIC = "requests.message_mail"


def tell_readers(message_id: int) -> None:
    """Leave to the outbox one mail per reader of a message, in order for each reader."""
    message = _message(message_id)
    with transaction.atomic():
        for reader in readers_of(message):
            outbox.write(
                topic=MAIL_TOPIC,
                key=f"message:{message.pk}:{reader.pk}",
                payload={"message_id": message.pk, "reader_id": reader.pk},
                stream=f"{message.request.number}:{reader.pk}",
            )


def readers_of(message: Message) -> Iterator[User]:
    """The other side, or the officers a note concerns, and who has written there before; never
    its author, nor who may not read it."""
    is_for_officers = message.is_internal or message.cell_id is None
    side = _officers if is_for_officers else _those_who_ask
    for reader in dict.fromkeys(side(message)):
        if reader.pk != message.author_id and _may_read(message, reader):
            yield reader


def _officers(message: Message) -> list[User]:
    request = message.request
    wrote = _writers(request, cell__isnull=False)
    return [*(on_duty(request) or chair(request)), *wrote]


def _those_who_ask(message: Message) -> list[User]:
    request = message.request
    return [*requesters(request), *_writers(request, cell__isnull=True, record__isnull=True)]


def _writers(request: ImageryRequest, **which: bool) -> list[User]:
    wrote = Message.objects.filter(request=request, **which)
    return list(User.objects.filter(pk__in=wrote.values("author_id")).order_by("pk"))


def _may_read(message: Message, reader: User) -> bool:
    return Message.objects.visible_to(reader).filter(pk=message.pk).exists()


def letter_of(payload: Mapping[str, Any]) -> Letter | None:
    """None when the reader may no longer read the message."""
    message, reader = _message(payload["message_id"]), User.objects.get(pk=payload["reader_id"])
    return letter_about(message, reader) if _may_read(message, reader) else None


def _message(message_id: int) -> Message:
    found = Message.objects.select_related(
        "request__sensor", "request__cell", "request__requester", "request__reviewer",
        "author", "cell", "text",
    )  # fmt: skip
    return found.get(pk=message_id)


def letter_about(message: Message, reader: User) -> Letter:
    request = message.request
    template = "internal_note" if message.is_internal else "message"
    path = f"{request.get_absolute_url()}#{message.anchor}"
    context = {
        "message": message,
        "request": request,
        "reader": reader,
        # In the language of each text.
        "author": lazy(message_signed_by, str)(message, inside=message.is_internal),
        "files": Attachment.objects.kept().filter(message=message).count(),
        "url": address_of(path),
    }
    return Letter(
        key=f"message:{message.pk}:{reader.pk}",
        message_name=f"message-{message.pk}-{reader.pk}",
        kind=LetterKind.MESSAGE,
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("request", request.pk),
        path=path,
        texts=texts_of(reader.language, f"requests_app/mail/messages/{template}.txt", context),
        reference=request.number,
    )

"""What can be written on a request: pure functions of values."""

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal

TEXT_MAXIMUM_CHARACTERS = 4_000


def message_says_something(*, text: str, files: int) -> Refusal | None:
    if text or files:
        return None
    return Refusal("message_empty", _("Write a message, or attach a file."))


def text_is_short(*, text: str) -> Refusal | None:
    if len(text) <= TEXT_MAXIMUM_CHARACTERS:
        return None
    message = _("The message has %(length)s characters; at most %(maximum)s are taken.")
    numbers = {"length": len(text), "maximum": TEXT_MAXIMUM_CHARACTERS}
    return Refusal("message_too_long", message % numbers)


def text_is_plain(*, text: str) -> Refusal | None:
    """The database keeps no NUL."""
    if "\0" not in text:
        return None
    message = _("Character %(position)s of the message is a NUL: write it again without it.")
    return Refusal("message_not_plain", message % {"position": text.index("\0") + 1})


def day_is_not_full(*, written: int, maximum: int) -> Refusal | None:
    if written < maximum:
        return None
    message = _(
        "You have written %(written)d messages on this request within a day, of %(maximum)d that"
        " one may: write again tomorrow."
    )
    return Refusal("too_many_messages", message % {"written": written, "maximum": maximum})


def somebody_has_the_file(*, cell_id: int | None) -> Refusal | None:
    if cell_id is not None:
        return None
    message = _("No cell has this request: there is nobody to write to before it is submitted.")
    return Refusal("nobody_to_write_to", message)

"""Who writes on a request, to whom, and who reads the notes of its cell."""

from eligibility.permissions import Actor
from requests_app.models import ImageryRequest, MessageKind
from requests_app.permissions import is_asking, is_entity_contact
from requests_app.story import is_inside, reads_notes


def kinds_open_to(request: ImageryRequest, actor: Actor) -> tuple[MessageKind, ...]:
    """What ``actor`` may write, the usual one first; nothing for who only reads."""
    if reads_notes(request, actor):
        return MessageKind.SHARED, MessageKind.INTERNAL
    if is_inside(request, actor) or writes_for_those_who_ask(request, actor):
        return (MessageKind.SHARED,)
    return ()


def kinds_offered(request: ImageryRequest, actor: Actor) -> tuple[MessageKind, ...]:
    """Of those, what can be written now: nothing while no cell has the request."""
    return kinds_open_to(request, actor) if request.cell_id is not None else ()


def writes_for_those_who_ask(request: ImageryRequest, actor: Actor) -> bool:
    return is_asking(request, actor) or is_entity_contact(request, actor)


def signing_cell_id(request: ImageryRequest, actor: Actor) -> int | None:
    """The cell that signs what ``actor`` writes; None for who asks, whose own name signs."""
    return None if writes_for_those_who_ask(request, actor) else request.cell_id

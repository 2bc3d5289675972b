"""What the page of a request shows, already loaded."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from catalogue.models import Item
from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from licences.selectors import audience_of
from requests_app.models import (
    Attachment,
    ImageryRequest,
    ImageryRequestQuerySet,
    Message,
    RequestKind,
    RequestRevision,
    TransitionRecord,
)
from requests_app.models.message import MESSAGES_SHOWN
from requests_app.open_data import Link, attribution_to_print, links_of
from requests_app.workflow import is_allowed


def open_data_links(request: ImageryRequest) -> list[Link]:
    """Where open data are downloaded; empty for what has to be ordered."""
    return links_of(request.sensor) if request.request_kind == RequestKind.OPEN else []


def attribution_of(request: ImageryRequest) -> str:
    return attribution_to_print(request.sensor)


@dataclass(frozen=True)
class AvailableTransition:
    """A move open to somebody on a request, as its page offers it."""

    name: str
    label: str


def available_transitions(request: ImageryRequest, actor: Actor) -> list[AvailableTransition]:
    """What ``actor`` may do with the request in its state, in the order of the workflow."""
    found: dict[str, AvailableTransition] = {}
    for transition in request.get_available_state_transitions():  # type: ignore[attr-defined]  # django-fsm adds it
        allowed = is_allowed(request, transition.name, actor)
        if allowed and transition.name != "import_request":
            label = str(transition.custom["label"])
            found[transition.name] = AvailableTransition(transition.name, label)
    return list(found.values())


def items_open_to(user: User, pks: Collection[int]) -> set[int]:
    """Those of the images ``pks`` whose page ``user`` may open: an officer may hold no licence."""
    if not pks:
        return set()
    visible = Item.objects.visible_to(audience_of(user))
    return set(visible.filter(pk__in=pks).values_list("pk", flat=True))


def request_page(user: User, *, messages_before: int | None = None) -> QuerySet[ImageryRequest]:
    """Requests ``user`` may see, with all that the detail page shows already loaded: of what was
    written the latest, or the latest before a message, and one more where there are more."""
    actor = actor_of(user)
    records = TransitionRecord.objects.select_related("author", "note").order_by("pk")
    messages = _latest_messages(actor, messages_before)
    files = Attachment.objects.select_related("name")
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to_actor(actor)
    return seen.select_related(
        "requester", "entity__category", "sensor", "cell", "reviewer", "mandate",
        "answers_handed_in",
    ).prefetch_related(
        Prefetch("records", queryset=records),
        Prefetch("messages", queryset=messages),
        Prefetch("messages__attachments", queryset=files),
        Prefetch("revisions", queryset=RequestRevision.objects.select_related("content")),
        "co_requesters",
        "offers",
        "shares__acquisition__deliveries__item",
    )  # fmt: skip


def _latest_messages(actor: Actor, before: int | None) -> QuerySet[Message]:
    """And those that came with a move, which the move shows."""
    seen = Message.objects.visible_to_actor(actor)
    written = seen.filter(request_id=OuterRef("request_id"), record=None)
    if before is not None:
        written = written.filter(pk__lt=before)
    latest = written.order_by("-pk").values("pk")[: MESSAGES_SHOWN + 1]
    shown = Q(record__isnull=False) | Q(pk__in=Subquery(latest))
    return seen.filter(shown).select_related("author", "cell", "text")

"""Writing to the other side about a request, or to one's colleagues of the cell."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of, parameter
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from requests_app.attachments.checking import Upload, check_files
from requests_app.attachments.storing import StoredFile, store
from requests_app.message_writing import add_message
from requests_app.messages import rules
from requests_app.messages.permissions import kinds_open_to, signing_cell_id
from requests_app.models import ImageryRequest, Message, MessageKind
from requests_app.transitions import lock_request, refuse_if

A_DAY = timedelta(days=1)


def write_message(
    *,
    request_id: int,
    user: User,
    text: str = "",
    kind: str = MessageKind.SHARED,
    attachments: Sequence[Upload] = (),
) -> Message:
    """Write to the other side, or an internal note; whom it concerns is told by mail.

    Raises:
        TransitionRefused: nothing or too much is said, or too often within a day, a file cannot be
            kept, or no cell has the request; every reason at once.
        PermissionDenied: ``user`` only reads, or may leave no internal note.
    """
    request = ImageryRequest.objects.get(pk=request_id)
    _demand_may_write(request, actor_of(user), kind)
    text = text.strip()
    checked, refused = check_files(attachments)
    refuse_if(_refusals(request, user, text, len(attachments)) + refused)
    return _write(request_id=request_id, user=user, text=text, kind=kind, stored=store(checked))


@retried_once
@transaction.atomic
def _write(
    *, request_id: int, user: User, text: str, kind: str, stored: Sequence[StoredFile]
) -> Message:
    request = lock_request(request_id)
    actor = actor_of(user)
    _demand_may_write(request, actor, kind)
    refuse_if(_refusals(request, user, text, len(stored)))
    return add_message(
        request,
        author_id=user.pk,
        kind=kind,
        cell_id=signing_cell_id(request, actor),
        text=text,
        files=stored,
    )


def _demand_may_write(request: ImageryRequest, actor: Actor, kind: str) -> None:
    if kind not in kinds_open_to(request, actor):
        raise PermissionDenied


def _refusals(request: ImageryRequest, user: User, text: str, files: int) -> list[Refusal]:
    of_a_day = Message.objects.filter(
        request=request, author=user, record=None, at__gt=timezone.now() - A_DAY
    )
    found = (
        rules.day_is_not_full(
            written=of_a_day.count(),
            maximum=int(parameter("messages-per-day-maximum", timezone.localdate())),
        ),
        rules.message_says_something(text=text, files=files),
        rules.text_is_short(text=text),
        rules.text_is_plain(text=text),
        rules.somebody_has_the_file(cell_id=request.cell_id),
    )
    return refusals_in(*found)

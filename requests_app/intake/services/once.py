"""What is sent twice, by a double click or from two tabs, becomes one request.

The key is that of the page it was sent from. The account is locked first, so that the second
sending waits for the first and finds what became of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.intake.services.drafts import (
    DRAFT_FIELDS,
    copy,
    create_draft,
    require_acting_for,
    update_draft,
)
from requests_app.models import ImageryRequest, SentForm, UploadedArea
from requests_app.transitions import TransitionRefused
from requests_app.workflow import State


@retried_once
@transaction.atomic
def send_form(
    *,
    key: UUID,
    user: User,
    draft: ImageryRequest,
    area: UploadedArea,
    co_requesters: Sequence[str] = (),
) -> ImageryRequest:
    """Save ``draft`` under a new number; sent again, what it says now is the same draft's. Who was
    named to ask too stays named.

    Raises:
        CoRequesterRefused: as ``create_draft``.
        PermissionDenied: ``user`` may not ask on behalf of that entity.
        TransitionRefused: `form_already_sent`, and the draft has been handed in, or was begun on
            behalf of another.
    """
    require_acting_for(user, draft)
    lock_account(user.pk)
    sent = _request_of(key, user)
    if sent is None:
        made = create_draft(draft=draft, user=user, co_requesters=co_requesters)
        return _noted(key, user, made)
    on_behalf = (sent.entity_id, sent.mandate_id) == (draft.entity_id, draft.mandate_id)
    if sent.state != State.DRAFT or not on_behalf:
        raise TransitionRefused(_already_sent(sent))
    answers = {name: getattr(draft, name) for name in DRAFT_FIELDS}
    return update_draft(
        request_id=sent.pk, user=user, sensor=draft.sensor, answers=answers, area=area
    )


@retried_once
@transaction.atomic
def copy_once(*, key: UUID, request_id: int, user: User) -> ImageryRequest:
    """As :func:`copy`; asked again from the same page, the copy that is there already."""
    lock_account(user.pk)
    sent = _request_of(key, user)
    return sent or _noted(key, user, copy(request_id=request_id, user=user))


def lock_account(user_id: int) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _request_of(key: UUID, user: User) -> ImageryRequest | None:
    sent = SentForm.objects.filter(owner=user, key=key).select_related("request").first()
    return None if sent is None else sent.request


def _noted(key: UUID, user: User, request: ImageryRequest) -> ImageryRequest:
    SentForm.objects.create(owner=user, key=key, request=request)
    return request


def _already_sent(request: ImageryRequest) -> Refusal:
    message = _(
        "This form was sent already: it became request %(number)s, now in state “%(state)s”. What"
        " you typed is still here: send it once more to ask for a second request."
    )
    figures = {"number": request.number, "state": str(request.get_state_display()).lower()}
    return Refusal("form_already_sent", message % figures)

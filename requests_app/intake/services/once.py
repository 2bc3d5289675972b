"""What is sent twice, by a double click or from two tabs, becomes one request.

The key is that of the page it was sent from. The account is locked first, so that the second
sending waits for the first and finds what became of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.services import lock_account
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.intake.services.drafts import (
    copy,
    create_draft,
    require_acting_for,
    update_draft,
)
from requests_app.models import DRAFT_FIELDS, ImageryRequest, SentForm, UploadedArea
from requests_app.states import State
from requests_app.transitions import TransitionRefused


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
        TransitionRefused: `form_already_sent`, and the draft has been handed in, was begun on
            behalf of another, or was changed elsewhere since.
    """
    require_acting_for(user, draft)
    lock_account(user.pk)
    sent = _request_of(key, user)
    if sent is None:
        made = create_draft(draft=draft, user=user, co_requesters=co_requesters)
        return _noted(key, user, made)
    on_behalf = (sent.entity_id, sent.mandate_id) == (draft.entity_id, draft.mandate_id)
    is_changed = sent.answers_version != _version_sent(key, user)
    if sent.state != State.DRAFT or not on_behalf or is_changed:
        raise TransitionRefused(_already_sent(sent))
    answers = {name: getattr(draft, name) for name in DRAFT_FIELDS}
    changed = update_draft(
        request_id=sent.pk,
        user=user,
        sensor=draft.sensor,
        answers=answers,
        area=area,
        seen_version=sent.answers_version,
    )
    _forms_sent(key, user).update(answers_version=changed.answers_version)
    return changed


@retried_once
@transaction.atomic
def copy_once(*, key: UUID, request_id: int, user: User) -> ImageryRequest:
    """As :func:`copy`; asked again from the same page, the copy that is there already."""
    lock_account(user.pk)
    sent = _request_of(key, user)
    return sent or _noted(key, user, copy(request_id=request_id, user=user))


def _forms_sent(key: UUID, user: User) -> QuerySet[SentForm]:
    return SentForm.objects.filter(owner=user, key=key)


def _request_of(key: UUID, user: User) -> ImageryRequest | None:
    sent = _forms_sent(key, user).select_related("request").first()
    return None if sent is None else sent.request


def _version_sent(key: UUID, user: User) -> int:
    return _forms_sent(key, user).values_list("answers_version", flat=True).get()


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

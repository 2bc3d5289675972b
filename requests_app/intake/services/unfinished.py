"""A form that is being filled in, kept as typed: nothing of it is lost by an error, a time-out, a
second tab or a sign-in that ran out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import parameter
from eligibility.services import lock_account
from orbitrage.shared.days import instant_in_words
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.models import ImageryRequest, ImageryRequestQuerySet, UnfinishedForm, UploadedArea

# An area may be typed in all of this but a fifth.
CHARACTERS_MAXIMUM = 250_000
FORMS_MAXIMUM = 20

Answers = Mapping[str, Sequence[str]]


class FormRefused(DomainError):
    """The form was not kept."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What stands in a form: ``version`` is that of the kept form it was typed on, 0 for a form
    that was not kept yet; ``request_id`` the request that it changes."""

    answers: Answers
    version: int
    area_id: int | None = None
    request_id: int | None = None


@retried_once
@transaction.atomic
def keep_form(*, key: UUID, user: User, typed: Typed) -> UnfinishedForm:
    """Keep what was typed under the key of its page, in place of what stood there before. The
    same again is no change, whichever window sends it.

    Raises:
        FormRefused: `form_changed_elsewhere`, `form_too_large`, `too_many_forms`.
        UnfinishedForm.DoesNotExist: the key is somebody else's.
    """
    characters = sum(len(text) for texts in typed.answers.values() for text in texts)
    if characters > CHARACTERS_MAXIMUM:
        raise FormRefused(_too_large(characters))
    lock_account(user.pk)
    kept = UnfinishedForm.objects.filter(key=key).first()
    if kept is None:
        return _begin(key, user, typed)
    if kept.owner_id != user.pk:
        raise UnfinishedForm.DoesNotExist
    if kept.answers == _plain(typed.answers) and kept.area == _area_of(user, typed):
        return kept
    if kept.version != typed.version:
        raise FormRefused(_changed_elsewhere(kept))
    return _change(kept, typed)


def forget_form(*, key: UUID, user: User) -> None:
    """It was sent, or given up."""
    UnfinishedForm.objects.visible_to(user).filter(key=key).delete()


def forget_old_forms() -> int:
    """Those that nobody has typed in for as long as a draft lives. How many there were."""
    now = timezone.now()
    life_days = int(parameter("draft-life-days", timezone.localdate()))
    old = UnfinishedForm.objects.filter(saved_at__lt=now - timedelta(days=life_days))
    return old.delete()[1].get("requests_app.UnfinishedForm", 0)


def _begin(key: UUID, user: User, typed: Typed) -> UnfinishedForm:
    count = UnfinishedForm.objects.visible_to(user).count()
    if count >= FORMS_MAXIMUM:
        raise FormRefused(_too_many(count))
    return UnfinishedForm.objects.create(
        key=key,
        owner=user,
        request=_request_of(user, typed),
        answers=_plain(typed.answers),
        area=_area_of(user, typed),
        saved_at=timezone.now(),
    )


def _change(kept: UnfinishedForm, typed: Typed) -> UnfinishedForm:
    kept.answers = _plain(typed.answers)
    kept.area = _area_of(kept.owner, typed)
    kept.version += 1
    kept.saved_at = timezone.now()
    kept.save(update_fields=["answers", "area", "version", "saved_at"])
    return kept


def _plain(answers: Answers) -> dict[str, list[str]]:
    """PostgreSQL holds no NUL in a text."""
    return {name: [text.replace("\0", "") for text in texts] for name, texts in answers.items()}


def _area_of(user: User, typed: Typed) -> UploadedArea | None:
    if typed.area_id is None:
        return None
    return UploadedArea.objects.visible_to(user).filter(pk=typed.area_id).first()


def _request_of(user: User, typed: Typed) -> ImageryRequest | None:
    if typed.request_id is None:
        return None
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to(user)
    return seen.filter(pk=typed.request_id).first()


def _changed_elsewhere(kept: UnfinishedForm) -> Refusal:
    message = _(
        "This form was changed in another window at %(at)s. What you typed here is still on this"
        " page, and not kept: open the form again there, or copy from here."
    )
    return Refusal("form_changed_elsewhere", message % {"at": instant_in_words(kept.saved_at)})


def _too_large(characters: int) -> Refusal:
    message = _("The form has %(characters)s characters; %(most)s at most are kept.")
    figures = {"characters": characters, "most": CHARACTERS_MAXIMUM}
    return Refusal("form_too_large", message % figures)


def _too_many(count: int) -> Refusal:
    message = _("%(count)s forms are kept unfinished: finish or give up one of them first.")
    return Refusal("too_many_forms", message % {"count": count})

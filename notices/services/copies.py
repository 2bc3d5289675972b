from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from eligibility.models import Entity, User
from eligibility.selectors import actor_of
from eligibility.services import lock_account
from notices import rules
from notices.models import CopyAddress
from notices.notifications import invite
from orbitrage.shared.errors import DomainError, Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from requests_app.permissions import is_requester
from requests_app.transitions import lock_request

A_DAY = timedelta(days=1)


class CopyRefused(DomainError):
    """The address is not asked."""


@retried_once
@transaction.atomic
def copy_request_to(*, request_id: int, user: User, address: str, language: str) -> CopyAddress:
    """Ask ``address`` whether it agrees to be copied of one request, by a mail.

    Raises:
        PermissionDenied: ``user`` is not its requester.
        CopyRefused: too many addresses or mails, or the address is copied or has refused.
    """
    lock_account(user.pk)
    request = lock_request(request_id)
    if not is_requester(request, actor_of(user)):
        raise PermissionDenied
    return _ask(user, address, language, rules.COPIES_OF_A_REQUEST, request_id=request_id)


@retried_once
@transaction.atomic
def copy_entity_to(*, entity_id: int, user: User, address: str, language: str) -> CopyAddress:
    """The same for all requests of an entity, by its contact. Raises as `copy_request_to`."""
    lock_account(user.pk)
    Entity.objects.select_for_update(no_key=True, of=("self",)).get(pk=entity_id)
    if entity_id not in actor_of(user).contact_of:
        raise PermissionDenied
    return _ask(user, address, language, rules.COPIES_OF_AN_ENTITY, entity_id=entity_id)


def _ask(user: User, address: str, language: str, most: int, **target: int) -> CopyAddress:
    address = address.lower()
    refusals = _refusals(user, address, most, target)
    if refusals:
        raise CopyRefused(*refusals)
    lapsed = CopyAddress.objects.filter(**target, address=address, ended_at__isnull=True)
    lapsed.update(ended_at=timezone.now(), ended_by=user)
    copy = CopyAddress.objects.create(address=address, language=language, added_by=user, **target)
    invite(copy)
    return copy


def _refusals(user: User, address: str, most: int, target: dict[str, Any]) -> list[Refusal]:
    of_target = CopyAddress.objects.filter(**target)
    same = of_target.filter(address=address)
    known = same.running().first()
    today = CopyAddress.objects.filter(added_at__gt=timezone.now() - A_DAY)
    answers = [
        rules.address_is_new(
            address=address,
            since=timezone.localdate(known.added_at) if known else None,
            is_confirmed=bool(known and known.is_confirmed),
        ),
        rules.address_did_not_refuse(
            address=address, has_refused=same.refused_by_reader().exists()
        ),
        rules.room_for_a_copy(copied=of_target.running().count(), most=most),
        rules.invitations_left(sent_today=today.filter(added_by=user).count()),
        rules.address_is_not_pressed(
            address=address, asked_today=today.filter(address=address).count()
        ),
    ]
    return refusals_in(*answers)


@retried_once
@transaction.atomic
def confirm_copy(*, copy_id: int) -> None:
    """By whoever reads the address. A second time, or too late, changes nothing."""
    CopyAddress.objects.waiting().filter(pk=copy_id).update(confirmed_at=timezone.now())


@retried_once
@transaction.atomic
def stop_copy(*, copy_id: int) -> None:
    """By whoever reads the address, which is not asked again about the same thing."""
    CopyAddress.objects.filter(pk=copy_id, ended_at__isnull=True).update(ended_at=timezone.now())


@retried_once
@transaction.atomic
def end_copy(*, copy_id: int, user: User) -> None:
    """By whoever may set it. What is ended, or somebody else's, stays as it is."""
    mine = CopyAddress.objects.managed_by(actor_of(user)).filter(ended_at__isnull=True)
    mine.filter(pk=copy_id).update(ended_at=timezone.now(), ended_by=user)

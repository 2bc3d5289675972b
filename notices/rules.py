"""What may be chosen, and whom copies may go to. Pure."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eligibility.permissions import Actor
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.letters import LetterKind

FIXED_KINDS = frozenset({LetterKind.RECEIPT, LetterKind.DECISION, LetterKind.DEADLINE})
"""Told by mail at once, whatever one would prefer: a date may run from them."""

COPIES_OF_A_REQUEST = 5
COPIES_OF_AN_ENTITY = 10
INVITATIONS_A_DAY = 10
INVITATIONS_TO_AN_ADDRESS_A_DAY = 3


def kinds_to_choose(actor: Actor) -> tuple[LetterKind, ...]:
    """Those that this account may be told and that are not fixed."""
    is_manager = bool(actor.contact_of or actor.legal_representative_of)
    is_chair = any(role == "chair" for _cell_id, role in actor.cells)
    concerns = {
        LetterKind.PROGRESS: True,
        LetterKind.MESSAGE: True,
        LetterKind.CELL: bool(actor.cells),
        LetterKind.PEOPLE: is_manager,
        LetterKind.QUOTA: bool(actor.contact_of) or is_chair,
    }
    return tuple(kind for kind, is_told in concerns.items() if is_told)


def room_for_a_copy(*, copied: int, most: int) -> Refusal | None:
    if copied < most:
        return None
    message = ngettext(
        "%(most)d address may be copied, and is: remove it first.",
        "%(most)d addresses may be copied, and are: remove one first.",
        most,
    )
    return Refusal("too_many_copies", message % {"most": most})


def address_is_new(*, address: str, since: date | None, is_confirmed: bool) -> Refusal | None:
    """``since`` is the day when a copy to the address was asked for that has not ended."""
    if since is None:
        return None
    if is_confirmed:
        return Refusal("already_copied", _("%s is copied already.") % address)
    message = _("%(address)s was asked on %(day)s and has not confirmed yet.")
    numbers = {"address": address, "day": day_in_words(since)}
    return Refusal("already_invited", message % numbers)


def address_did_not_refuse(*, address: str, has_refused: bool) -> Refusal | None:
    if not has_refused:
        return None
    message = _("Whoever reads %s has ended these copies: it is not asked again.")
    return Refusal("copy_refused_by_reader", message % address)


def invitations_left(*, sent_today: int) -> Refusal | None:
    if sent_today < INVITATIONS_A_DAY:
        return None
    message = _("%(limit)d addresses a day can be asked to confirm. Try again tomorrow.")
    return Refusal("too_many_invitations", message % {"limit": INVITATIONS_A_DAY})


def address_is_not_pressed(*, address: str, asked_today: int) -> Refusal | None:
    """Many accounts together do not fill a stranger's mailbox."""
    if asked_today < INVITATIONS_TO_AN_ADDRESS_A_DAY:
        return None
    message = _("%(address)s has been asked %(limit)d times today. Try again tomorrow.")
    numbers = {"address": address, "limit": INVITATIONS_TO_AN_ADDRESS_A_DAY}
    return Refusal("address_pressed", message % numbers)

"""Signatures on the site, of the licences whose kind asks for one.

Such a licence has its number and waits. Whoever may sign it is sent a link, bound to them and to
it, which opens what is to be signed. Its documents follow the signature.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from licences.models import Licence, Signature
from licences.notifications import tell
from licences.selectors import entity_stands
from licences.services import OPEN_TOPIC, RENDER_TOPIC, SIGNED_TOPIC, write_effect
from licences.signatories import role_of, signatories_of
from orbitrage.shared.days import midnight
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.transactions import retried_once

REMINDERS_DAYS_AFTER = (7, 21)


class SignatureRefused(DomainError):
    """The licence was not signed."""


@transaction.atomic
def ask_signatories(payload: Mapping[str, Any]) -> None:
    """Leave to the outbox one mail for each who may sign."""
    licence = Licence.objects.get(pk=payload["licence_id"])
    tell("sign", licence, signatories_of(licence), notice=licence.number)


@transaction.atomic
def remind_signatories() -> int:
    """Ask again those who have not signed, once after each number of days; return how many
    licences that is. Called again, or late, it asks nothing twice."""
    today = timezone.localdate()
    day_after = today - timedelta(days=min(REMINDERS_DAYS_AFTER) - 1)
    waiting = Licence.objects.filter(
        state=Licence.State.AWAITING, issued_at__lt=midnight(day_after)
    )
    for licence in waiting:
        waited_days = (today - timezone.localdate(licence.issued_at)).days
        due = max(days for days in REMINDERS_DAYS_AFTER if waited_days >= days)
        tell("sign", licence, signatories_of(licence), notice=f"{licence.number}-{due}")
    return len(waiting)


@transaction.atomic
def ask_again(*, licence_id: int, user: User) -> None:
    """Mail ``user`` a link again.

    Raises:
        SignatureRefused: it awaits no signature, or not theirs.
    """
    licence = Licence.objects.get(pk=licence_id)
    _require_signatory(licence, user)
    tell("sign", licence, [user], notice=uuid4().hex)


@retried_once
@transaction.atomic
def sign(*, licence_id: int, user: User, text_sha256: str) -> Licence:
    """Sign what was shown: from now on the licence is in force. Locks it.

    Raises:
        SignatureRefused: it awaits no signature, or not theirs; or it is not what was shown.
    """
    locked = Licence.objects.select_for_update(of=("self",), no_key=True)
    licence = locked.get(pk=licence_id)
    role = _require_signatory(licence, user)
    if text_sha256 != licence.record_sha256:
        message = _("What you read is not what would be signed: read it again.")
        raise SignatureRefused(Refusal("signature_of_another_text", message))
    Signature.objects.create(
        licence=licence, user=user, name=user.full_name, role=role, text_sha256=text_sha256
    )
    licence.state = Licence.State.ISSUED
    licence.save(update_fields=["state"])
    if licence.subject == Licence.Subject.REQUEST:
        write_effect(SIGNED_TOPIC, licence)
    write_effect(RENDER_TOPIC, licence)
    if licence.subject == Licence.Subject.REGION:
        write_effect(OPEN_TOPIC, licence)
    return licence


def _require_signatory(licence: Licence, user: User) -> str:
    if licence.state != Licence.State.AWAITING:
        message = _("Licence %(number)s awaits no signature: it is %(state)s.")
        said = {"number": licence.number, "state": licence.get_state_display().lower()}
        raise SignatureRefused(Refusal("signature_not_awaited", message % said))
    if not (role := role_of(licence, user)):
        message = _("You may not sign licence %(number)s for %(entity)s.")
        said = {"number": licence.number, "entity": licence.entity.name}
        raise SignatureRefused(Refusal("signatory_without_right", message % said))
    if not entity_stands(licence):
        message = _("%(entity)s is no member for this sensor today: nothing is signed for it.")
        said = {"entity": licence.entity.name}
        raise SignatureRefused(Refusal("entity_does_not_stand", message % said))
    return role

"""What happens to a licence by itself or by somebody's decision, after it was issued."""

from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from licences import services
from licences.kinds import get_kind
from licences.models import Licence
from licences.notifications import concerned_by, tell
from licences.parties import party, representative_of
from licences.records import Json
from licences.selectors import entity_stands
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.transactions import retried_once

REMINDERS_DAYS_BEFORE = (7, 30, 60)
NOTHING_IS_PAID: Json = {
    "funding_lines": [],
    "total_eur": "0",
    "quotation_number": "",
    "purchase_reference": "",
}
"""Of a renewal: what was granted was paid for then."""


class DecisionRefused(DomainError):
    """Nothing was done to the licence."""


def may_revoke(actor: Actor, licence: Licence) -> bool:
    """The chair of its cell and the secretariat, while it stands. The documents of a membership
    follow the membership."""
    stands = licence.state in (Licence.State.AWAITING, Licence.State.ISSUED)
    follows = licence.subject == Licence.Subject.MEMBERSHIP
    return (
        stands
        and not follows
        and (actor.is_secretariat or actor.has_cell_role(licence.cell_id, "chair"))
    )


def may_renew(actor: Actor, licence: Licence) -> bool:
    """The same, of one that ends. What is signed each time is asked for anew."""
    ends = licence.state == Licence.State.ISSUED and licence.valid_until is not None
    is_signed = get_kind(licence.kind).is_signed_here
    return ends and not is_signed and may_revoke(actor, licence)


@retried_once
@transaction.atomic
def revoke(*, licence_id: int, user: User, reason: str, decision: UUID) -> Licence:
    """Take it back by the decision of ``user``, and tell those it concerns why. Locks it.

    Raises:
        DecisionRefused: no reason is given, or it is not theirs to revoke, or no longer in force.
    """
    licence = _locked(licence_id)
    if licence.revocation_decision == decision:
        return licence
    if not reason.strip():
        raise _refused("reason_missing", _("Say why the licence is revoked."))
    if not may_revoke(actor_of(user), licence):
        message = _("Licence %(number)s is not yours to revoke: it is %(state)s.")
        raise _refused("licence_not_to_revoke", message % _said_of(licence))
    revoked = services.revoke_one(licence, reason=reason.strip(), decision=decision, by=user)
    tell("revoked", revoked, concerned_by(revoked), notice=str(decision))
    return revoked


@retried_once
@transaction.atomic
def renew(*, licence_id: int, user: User, decision: UUID) -> Licence:
    """Issue one in its place, from today on, in the present words of its kind. Locks it.

    Raises:
        DecisionRefused: it is not theirs to renew, has no end, or is no longer in force.
    """
    licence = _locked(licence_id)
    if (given := Licence.objects.filter(decision=decision).first()) is not None:
        return given
    if not may_renew(actor_of(user), licence):
        message = _("Licence %(number)s is not yours to renew: it is %(state)s.")
        raise _refused("licence_not_to_renew", message % _said_of(licence))
    if not entity_stands(licence):
        message = _("%(entity)s is no member for this sensor today: nothing is renewed for it.")
        raise _refused("entity_does_not_stand", message % {"entity": licence.entity.name})
    renewed = services.renew(licence, anew=_as_today(licence), decision=decision)
    tell("renewed", renewed, concerned_by(renewed), notice=str(decision))
    return renewed


@transaction.atomic
def remind_of_ends() -> int:
    """Tell, once for each number of days, those whom a licence about to end concerns; return how
    many licences that is. Called again, or late, it tells nothing twice."""
    today = timezone.localdate()
    soon = Licence.objects.filter(
        state=Licence.State.ISSUED,
        valid_until__gte=today,
        valid_until__lte=today + timedelta(days=max(REMINDERS_DAYS_BEFORE)),
    ).exclude(subject=Licence.Subject.MEMBERSHIP)
    for licence in soon:
        assert licence.valid_until is not None
        left_days = (licence.valid_until - today).days
        due = min(days for days in REMINDERS_DAYS_BEFORE if left_days <= days)
        tell("expires", licence, concerned_by(licence), notice=f"{licence.number}-{due}")
    return len(soon)


def _as_today(licence: Licence) -> Json:
    """What has changed since it was issued: names and posts, ended missions; nothing is paid."""
    today = timezone.localdate()
    parties: Json = {
        "licensee": asdict(party(licence.entity)),
        "representative": None,
        "beneficiaries": [
            each
            for each in licence.record["beneficiaries"]
            if each["until"] is None or date.fromisoformat(each["until"]) >= today
        ],
    }
    if (representative := representative_of(licence.entity)) is not None:
        parties["representative"] = asdict(representative)
    return parties | NOTHING_IS_PAID


def _locked(licence_id: int) -> Licence:
    return Licence.objects.select_for_update(of=("self",), no_key=True).get(pk=licence_id)


def _said_of(licence: Licence) -> dict[str, str]:
    return {"number": licence.number, "state": licence.get_state_display().lower()}


def _refused(code: str, message: str) -> DecisionRefused:
    return DecisionRefused(Refusal(code, message))

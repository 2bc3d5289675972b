"""Licences renewed together: decided at once, done one by one by the worker, watched on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.selectors import actor_of
from licences import life
from licences.models import Licence, LicenceFile, Renewal, Renewals
from licences.services import RENDER_TOPIC
from orbitrage.shared import outbox
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.models import OutboxMessage, OutboxState
from orbitrage.shared.transactions import retried_once

RENEW_TOPIC = "licences.renew"


class NothingToRenew(DomainError):
    """No licence in force is of that kind and ends by that day."""


@dataclass(frozen=True)
class Progress:
    total: int
    done: int
    refused: int
    printed: int
    given_up: int
    """Tried too often: each waits for an operator, and nothing of it moves."""

    @property
    def is_over(self) -> bool:
        return self.printed + self.refused + self.given_up == self.total


def to_renew(kind: str, ends_by: date) -> QuerySet[Licence]:
    """Those in force of a kind whose last day is ``ends_by`` or before."""
    in_force = Licence.objects.filter(state=Licence.State.ISSUED, kind=kind)
    days = (timezone.localdate(), ends_by)
    return in_force.exclude(subject=Licence.Subject.MEMBERSHIP).filter(valid_until__range=days)


@retried_once
@transaction.atomic
def renew_all(*, kind: str, ends_by: date, user: User, decision: UUID) -> Renewals:
    """Have them renewed, each once; the form sent twice decides it once.

    Raises:
        NothingToRenew: there is none, or it is not for ``user`` to decide.
    """
    if not actor_of(user).is_secretariat:
        message = _("The secretariat renews several licences at once.")
        raise NothingToRenew(Refusal("not_secretariat", message))
    renewals, is_new = Renewals.objects.get_or_create(
        decision=decision, defaults={"kind": kind, "ends_by": ends_by, "decided_by": user}
    )
    if not is_new:
        return renewals
    licences = list(to_renew(kind, ends_by).order_by("pk").values_list("pk", flat=True))
    if not licences:
        message = _("No licence of this kind ends by that day: 0 to renew.")
        raise NothingToRenew(Refusal("nothing_to_renew", message))
    rows = Renewal.objects.bulk_create(
        Renewal(renewals=renewals, licence_id=licence_id) for licence_id in licences
    )
    outbox.write_all(
        OutboxMessage(topic=RENEW_TOPIC, key=_key(row.pk), payload={"renewal_id": row.pk})
        for row in rows
    )
    return renewals


def renew_one(payload: Mapping[str, Any]) -> None:
    """What the worker does of it; again, it finds what it did. A refusal is not tried again."""
    row = Renewal.objects.select_related("renewals__decided_by").get(pk=payload["renewal_id"])
    if row.renewed_id is not None or row.refusal:
        return
    user, decision = row.renewals.decided_by, uuid5(row.renewals.decision, str(row.licence_id))
    try:
        renewed = life.renew(licence_id=row.licence_id, user=user, decision=decision)
    except DomainError as refused:
        row.refusal = " ".join(refusal.message for refusal in refused.refusals)[:300]
        row.save(update_fields=["refusal"])
        return
    row.renewed = renewed
    row.save(update_fields=["renewed"])


def _key(renewal_id: int) -> str:
    return f"{RENEW_TOPIC}:{renewal_id}"


def progress_of(renewals: Renewals) -> Progress:
    counts = renewals.of_licences.aggregate(
        total=Count("pk"), done=Count("renewed"), refused=Count("pk", filter=~Q(refusal=""))
    )
    renewed = renewals.of_licences.filter(renewed__isnull=False).values("renewed_id")
    files = LicenceFile.objects.filter(licence_id__in=renewed, annex=None)
    printed = files.values("licence_id").distinct().count()
    keys = [_key(pk) for pk in renewals.of_licences.values_list("pk", flat=True)]
    numbers = renewals.of_licences.filter(renewed__isnull=False).values_list(
        "renewed__number", flat=True
    )
    keys += [f"{RENDER_TOPIC}:{number}" for number in numbers]
    dead = OutboxMessage.objects.filter(key__in=keys, state=OutboxState.DEAD)
    return Progress(**counts, printed=printed, given_up=dead.count())


def visible_renewals(user: User) -> QuerySet[Renewals]:
    """The secretariat's, to the secretariat."""
    every = Renewals.objects.select_related("decided_by")
    return every if actor_of(user).is_secretariat else every.none()

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Sum

from eligibility.models import User
from quotas.amounts import ZERO
from quotas.models import Demand, Envelope
from quotas.models.envelopes import EnvelopeQuerySet


@dataclass(frozen=True, kw_only=True)
class Pressure:
    """What requests under review ask of an envelope, against what it has left."""

    asked: Decimal
    left: Decimal
    unit: str


def pressure(envelope: Envelope) -> Pressure:
    asked = envelope.demands.aggregate(asked=Sum("amount"))["asked"]
    return Pressure(asked=asked or ZERO, left=envelope.left, unit=envelope.unit)


def asked_by_others(*, envelope_id: int, request_number: str) -> Decimal:
    """The demand of the other requests under review, in the unit of the envelope."""
    others = Demand.objects.filter(envelope_id=envelope_id).exclude(request_number=request_number)
    return others.aggregate(asked=Sum("amount"))["asked"] or ZERO


def envelope_list(*, user: User | AnonymousUser, on: dt.date) -> EnvelopeQuerySet:
    """Envelopes `user` may see that are current that day, owners loaded, each with `asked`."""
    return Envelope.objects.visible_to(user).current(on).with_owner().with_asked()

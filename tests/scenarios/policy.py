"""A revision of policy between two quarters."""

import datetime as dt
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from quotas.models import QuotaPolicy
from quotas.services import ProposedFigure, draft_revision, publish_revision


def revise(play, **figures):
    """Policy of Pléiades from the second quarter on: what changes, by measure. One of the
    secretariat drafts it, another publishes it."""
    rows = QuotaPolicy.objects.in_force(timezone.localdate()).filter(
        Q(cell=None) | Q(cell=play.programme.cell),
        sensor=play.programme.sensor,
        measure__in=figures,
    )
    revision = draft_revision(
        sensor_id=play.programme.sensor.pk,
        user=play.secretariat,
        valid_from=dt.date(2026, 4, 1),
        reason="The committee of the quarter.",
        figures=[proposed(row, **figures[row.measure]) for row in rows],
    )
    assert revision.lines.count() == len(figures)
    publish_revision(revision_id=revision.pk, version=revision.version, user=play.second_secretary)


def proposed(row, *, amount=None, late_return=None):
    return ProposedFigure(
        revises_id=row.pk,
        amount=Decimal(amount or row.amount),
        late_return=late_return or row.late_return,
        source="test",
        is_example=False,
    )

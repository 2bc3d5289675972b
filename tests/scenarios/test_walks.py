"""Files go every way through the services, over the ends of quarters: none keeps, loses or is
charged a km² that its state and its plan do not say."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction

from quotas.models import QuotaPolicy
from tests.scenarios.walk import ACTS, Walk
from tests.sizes import PROVE, size

pytestmark = pytest.mark.prove

# Half of the steps before the end of the quarter, half after it.
WALKS = size(small=6, large=200)
STEPS = 40


def test_books_say_what_state_and_plan_say(institution, clock, proof):
    _give_enough_to_everybody(institution)
    institution.go_to("2026-03-02")
    began_at = clock.now
    steps = Counter()

    for seed in range(WALKS):
        with transaction.atomic():
            walk = Walk(institution, seed)
            walk.make(STEPS // 2)
            institution.go_to("2026-04-02")
            walk.make(STEPS // 2)
            transaction.set_rollback(True)
        clock.now = began_at
        steps += walk.steps

    proof("steps of files through their services", steps.total())
    proof("of these re-tasked", steps["retask"])
    assert steps.total() == WALKS * STEPS
    assert not PROVE or {act for act in ACTS if not steps[act]} == set()


def _give_enough_to_everybody(play):
    """So that the free part of a request is what its cap says, whatever the others have used."""
    QuotaPolicy.objects.create(
        sensor=play.programme.sensor,
        measure="entity_allowance",
        period_kind="quarter",
        unit="km2",
        amount=50_000,
        late_return="transfer",
        valid_from=dt.date(2025, 1, 1),
        source="test",
    )

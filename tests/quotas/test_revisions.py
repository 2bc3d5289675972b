"""A revision of policy: drafted, published by another, in effect from its day without anything being run."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, PendingReduction, PolicyRevision, QuotaPolicy
from quotas.services import Amount
from tests.eligibility.factories import (
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)
from tests.quotas.checks import NothingWritten, balances, kinds
from tests.quotas.factories import QuotaPolicyFactory, cause
from tests.quotas.revisions import NEXT_QUARTER, ONE_DAY, STARTS_ON, TODAY

pytestmark = pytest.mark.django_db


# --- Drafting -------------------------------------------------------------------------------------


def test_draft_keeps_what_changes_and_nothing_else(programme):
    draft = programme.draft(cap=120)

    lines = list(draft.lines.values_list("revises", "amount", "source", "is_example", "row"))
    assert lines == [(programme.cap.pk, 120, "test", False, None)]
    assert (draft.version, draft.changed_by, draft.is_draft) == (1, programme.secretary, True)
    assert draft.reason == "The committee of the quarter."


@pytest.mark.parametrize(
    "change",
    [{"source": "Committee of 3 December"}, {"is_example": True}, {"late_return": "expire"}],
)
def test_source_mark_and_late_return_are_changes_too(programme, change):
    figures = programme.figures()
    figures[1] = replace(figures[1], **change)

    draft = services.draft_revision(
        sensor_id=programme.sensor.pk,
        user=programme.secretary,
        valid_from=STARTS_ON,
        reason="Confirmed.",
        figures=figures,
    )
    programme.publish(draft)

    (row,) = QuotaPolicy.objects.in_force(STARTS_ON).filter(measure="entity_allowance")
    assert {name: getattr(row, name) for name in change} == change
    assert row.amount == 500


def test_draft_does_nothing(programme):
    envelope = programme.allowance_of(STARTS_ON)

    programme.draft(cap=120, allowance=600)

    assert programme.in_force(STARTS_ON) == programme.in_force(TODAY)
    assert kinds(envelope) == [("grant", 500, 0, 0)]


@pytest.mark.parametrize("valid_from", [TODAY, TODAY - ONE_DAY])
def test_draft_from_a_day_that_is_not_ahead_is_refused(programme, valid_from):
    with NothingWritten() as refused:
        programme.draft(valid_from=valid_from, cap=120)

    assert refused.codes == ["revision_not_ahead"]
    assert not PolicyRevision.objects.exists()


def test_draft_without_a_reason_is_refused(programme):
    with NothingWritten() as refused:
        services.draft_revision(
            sensor_id=programme.sensor.pk,
            user=programme.secretary,
            valid_from=STARTS_ON,
            reason=" ",
            figures=programme.figures(cap=120),
        )

    assert refused.codes == ["reason_missing"]


def test_figure_of_another_sensor_is_not_of_the_draft(programme):
    other = QuotaPolicyFactory(sensor=SensorFactory(code="spot67"))

    draft = services.draft_revision(
        sensor_id=programme.sensor.pk,
        user=programme.secretary,
        valid_from=STARTS_ON,
        reason="A mistake.",
        figures=[replace(programme.figures()[0], revises_id=other.pk, amount=Decimal(1))],
    )

    assert not draft.lines.exists()


def test_any_member_of_the_secretariat_changes_the_draft(programme):
    draft = programme.draft(cap=120)

    changed = programme.change(draft, programme.colleague, allowance=600)

    assert list(changed.lines.values_list("revises", "amount")) == [(programme.allowance.pk, 600)]
    assert (changed.version, changed.drafted_by, changed.changed_by) == (
        2,
        programme.secretary,
        programme.colleague,
    )


def test_draft_that_was_changed_meanwhile_is_not_overwritten(programme):
    draft = programme.draft(cap=120)
    programme.change(draft, programme.colleague, cap=130)

    with NothingWritten() as refused:
        programme.change(draft, programme.secretary, version=1, cap=140)

    assert refused.codes == ["revision_changed"]
    assert str(programme.colleague) in refused.refusals[0].message
    assert draft.lines.get().amount == 130


def test_withdrawn_draft_publishes_nothing(programme):
    draft = programme.draft(cap=120)

    withdrawn = services.withdraw_revision(revision_id=draft.pk, user=programme.secretary)

    assert (withdrawn.withdrawn_by, withdrawn.is_draft) == (programme.secretary, False)
    assert programme.in_force(STARTS_ON)["request_cap"] == 100


# --- Publishing -----------------------------------------------------------------------------------


def test_published_figures_are_rows_from_their_day_on(programme):
    draft = programme.draft(cap=120, allowance=600)

    published = programme.publish(draft)

    assert programme.in_force(STARTS_ON - ONE_DAY) == {
        "request_cap": 100,
        "entity_allowance": 500,
        "programme_envelope": 10_000,
    }
    assert programme.in_force(STARTS_ON) == {
        "request_cap": 120,
        "entity_allowance": 600,
        "programme_envelope": 10_000,
    }
    assert QuotaPolicy.objects.count() == 5
    line = published.lines.get(revises=programme.cap)
    assert (line.row.amount, line.row.valid_from) == (120, STARTS_ON)
    assert published.published_by == programme.colleague


def test_next_period_opens_with_the_new_amount_and_this_one_with_its_own(programme):
    programme.publish(programme.draft(allowance=600, programme=9_000))

    this, following = programme.allowance_of(TODAY), programme.allowance_of(STARTS_ON)

    assert (kinds(this), kinds(following)) == ([("grant", 500, 0, 0)], [("grant", 600, 0, 0)])
    assert kinds(programme.programme_of(STARTS_ON)) == [("grant", 9_000, 0, 0)]


def test_amount_revised_within_a_period_waits_for_the_next(programme):
    """A day of the next quarter that is not its first: that quarter keeps 500 km²."""
    within = STARTS_ON + dt.timedelta(days=20)
    programme.publish(programme.draft(valid_from=within, cap=120, allowance=600))
    after = NEXT_QUARTER.ends_on + ONE_DAY

    opened_late = programme.allowance_of(within + ONE_DAY)

    assert programme.in_force(within)["request_cap"] == 120
    assert balances(opened_late) == (500, 0, 0)
    assert balances(programme.allowance_of(after)) == (600, 0, 0)


def test_envelope_opened_before_is_granted_the_difference(programme):
    envelope, this = programme.allowance_of(STARTS_ON), programme.allowance_of(TODAY)
    draft = programme.draft(allowance=600)

    published = programme.publish(draft)

    entry = LedgerEntry.objects.latest("pk")
    assert kinds(envelope) == [("grant", 500, 0, 0), ("grant", 100, 0, 0)]
    assert kinds(this) == [("grant", 500, 0, 0)]
    assert (entry.decision, entry.reason) == (published.decision, "policy_revision")
    assert (entry.author, entry.second_author) == (programme.secretary, programme.colleague)


def test_envelope_opened_before_is_cut_by_what_it_has_left_and_the_rest_waits(programme):
    envelope = programme.allowance_of(STARTS_ON)
    with transaction.atomic():
        services.hold(amounts=[Amount(envelope.pk, Decimal(450))], cause=cause("R2026-000009"))

    programme.publish(programme.draft(allowance=300))

    assert balances(envelope) == (450, 450, 0)
    waiting = PendingReduction.objects.get()
    assert (waiting.envelope, waiting.amount, waiting.remaining) == (envelope, 150, 150)


def test_amounts_added_by_hand_are_kept(programme):
    envelope = programme.allowance_of(STARTS_ON)
    with transaction.atomic():
        services.grant(envelope_id=envelope.pk, amount=Decimal(40), cause=cause(""))

    programme.publish(programme.draft(allowance=600))

    assert balances(envelope) == (640, 0, 0)


def test_cut_takes_no_more_than_is_granted(programme):
    envelope = programme.allowance_of(STARTS_ON)
    with transaction.atomic():
        services.reduce(envelope_id=envelope.pk, amount=Decimal(450), cause=cause(""))

    programme.publish(programme.draft(allowance=100))

    assert balances(envelope) == (0, 0, 0)
    assert not PendingReduction.objects.exists()


def test_number_of_statements_does_not_grow_with_the_envelopes(programme):
    def publish_with(allowances: int) -> int:
        for _ in range(allowances):
            (envelope,) = services.ensure_envelopes(
                entity_id=EntityFactory().pk,
                sensor_id=programme.sensor.pk,
                request_kind="archive",
                on=STARTS_ON,
            )
            with transaction.atomic():
                asked = [Amount(envelope.pk, envelope.granted - 10)]
                services.hold(amounts=asked, cause=cause(f"R{envelope.pk}"))
        draft = programme.draft(allowance=400)
        with CaptureQueriesContext(connection) as captured:
            programme.publish(draft)
        waiting = PendingReduction.objects.filter(decision=draft.decision)
        assert waiting.count() == Envelope.objects.count()
        return len(captured)

    with transaction.atomic():
        of_one = publish_with(1)
        transaction.set_rollback(True)
    of_three = publish_with(3)

    assert of_three == of_one


def test_envelope_of_a_more_precise_figure_is_left_alone(programme):
    category = programme.entity.category
    QuotaPolicyFactory(
        sensor=programme.sensor,
        category=category,
        measure="entity_allowance",
        period_kind="quarter",
        amount=800,
    )
    envelope = programme.allowance_of(STARTS_ON)

    programme.publish(programme.draft(allowance=600))

    assert kinds(envelope) == [("grant", 800, 0, 0)]


@pytest.mark.parametrize(
    "by_hand",
    [
        {"request_kind": "archive"},
        {"request_kind": "tasking"},
        {"ends_on": NEXT_QUARTER.ends_on - ONE_DAY},
    ],
)
def test_envelope_that_policy_did_not_open_is_left_alone(programme, by_hand):
    fields = {"starts_on": STARTS_ON, "ends_on": NEXT_QUARTER.ends_on} | by_hand
    envelope = services.open_envelope(
        scope="entity", entity_id=programme.entity.pk, sensor_id=programme.sensor.pk, **fields
    )
    with transaction.atomic():
        services.grant(envelope_id=envelope.pk, amount=Decimal(70), cause=cause(""))

    programme.publish(programme.draft(allowance=600, programme=9_000))

    assert kinds(envelope) == [("grant", 70, 0, 0)]


def test_figure_published_for_a_later_day_stays(programme):
    after = NEXT_QUARTER.ends_on + ONE_DAY
    programme.publish(programme.draft(valid_from=after, allowance=900))
    envelope = programme.allowance_of(after)

    programme.publish(programme.draft(allowance=600))

    assert programme.in_force(after)["entity_allowance"] == 900
    assert kinds(envelope) == [("grant", 900, 0, 0)]


def test_draft_is_compared_with_what_has_come_to_be_in_force(programme):
    """Drafted against 100 km²; meanwhile 110 km² was published for tomorrow."""
    draft = programme.draft(cap=120)
    programme.publish(programme.draft(valid_from=localdate() + ONE_DAY, cap=110))

    published = programme.publish(draft)

    line = published.lines.get()
    assert (line.revises.amount, line.row.amount) == (110, 120)
    assert programme.in_force(STARTS_ON)["request_cap"] == 120


# --- What may be seen -----------------------------------------------------------------------------


def test_drafts_are_seen_by_secretariat_and_observers_and_published_ones_by_all(programme):
    readers = [programme.secretary, ProgrammeRoleFactory(role="observer").user, UserFactory()]
    draft = programme.draft(cap=120)

    def seen() -> list[int]:
        return [PolicyRevision.objects.visible_to(reader).count() for reader in readers]

    before = seen()
    programme.publish(draft)

    assert (before, seen()) == ([1, 1, 0], [1, 1, 1])


def test_requests_under_way_are_those_that_ask_or_hold(programme):
    cell, allowance = programme.programme_of(TODAY), programme.allowance_of(TODAY)
    cell.demands.create(request_number="R1", amount=1)
    allowance.demands.create(request_number="R2", amount=1)
    with transaction.atomic():
        services.hold(amounts=[Amount(allowance.pk, Decimal(1))], cause=cause("R1"))
        services.hold(amounts=[Amount(allowance.pk, Decimal(1))], cause=cause("R3"))
        services.hold(amounts=[Amount(allowance.pk, Decimal(1))], cause=cause("R4"))
        services.release_request(request_number="R4", cause=cause("R4", on=TODAY))

    assert selectors.requests_under_way(programme.sensor.pk) == 3


def test_preview_of_a_draft_says_what_publishing_then_does(programme):
    first, later = programme.allowance_of(STARTS_ON), programme.programme_of(STARTS_ON)
    with transaction.atomic():
        services.hold(amounts=[Amount(first.pk, Decimal(450))], cause=cause("R2026-000009"))
    draft = programme.draft(allowance=300, programme=12_000)

    changes = selectors.changes_of(draft)
    told = {
        change.envelope.pk: (change.now, change.pending, change.files)
        for change in selectors.envelope_changes(draft, changes, selectors.later_envelopes(draft))
    }
    programme.publish(draft)

    assert told == {first.pk: (-50, 150, ("R2026-000009",)), later.pk: (2_000, 0, ())}
    done = {
        each.envelope.pk: (each.granted, each.remaining)
        for each in selectors.adjustments_of(draft, programme.secretary)
    }
    assert done == {first.pk: (-50, 150), later.pk: (2_000, 0)}

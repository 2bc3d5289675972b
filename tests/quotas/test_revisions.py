"""A revision of policy: drafted, published by another, in effect from its day without anything being run."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from quotas import selectors, services
from quotas.models import (
    LedgerEntry,
    PendingReduction,
    PolicyRevision,
    QuotaPolicy,
    SupplyCeiling,
)
from quotas.services import Amount
from tests.eligibility.factories import ProgrammeRoleFactory, SensorFactory, UserFactory
from tests.quotas.checks import NothingWritten, balances, kinds
from tests.quotas.factories import QuotaPolicyFactory, cause
from tests.quotas.revisions import (
    NEXT_QUARTER,
    THIS_QUARTER,
    TODAY,
    TOMORROW,
    Office,
    office,
    secretary,
)

pytestmark = pytest.mark.django_db

ONE_DAY = dt.timedelta(days=1)
STARTS_ON = NEXT_QUARTER.starts_on


@pytest.fixture
def programme() -> Office:
    return office()


def in_force(programme: Office, on: dt.date) -> dict[str, Decimal]:
    rows = QuotaPolicy.objects.in_force(on).filter(sensor=programme.sensor)
    return {row.measure: row.amount for row in rows}


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

    assert in_force(programme, STARTS_ON) == in_force(programme, TODAY)
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


def change(programme, draft, user, *, version=None, **amounts):
    return services.change_revision(
        revision_id=draft.pk,
        version=version or draft.version,
        user=user,
        valid_from=STARTS_ON,
        reason="Changed.",
        figures=programme.figures(**amounts),
    )


def test_any_member_of_the_secretariat_changes_the_draft(programme):
    draft = programme.draft(cap=120)

    changed = change(programme, draft, programme.colleague, allowance=600)

    assert list(changed.lines.values_list("revises", "amount")) == [(programme.allowance.pk, 600)]
    assert (changed.version, changed.drafted_by, changed.changed_by) == (
        2,
        programme.secretary,
        programme.colleague,
    )


def test_draft_that_was_changed_meanwhile_is_not_overwritten(programme):
    draft = programme.draft(cap=120)
    change(programme, draft, programme.colleague, cap=130)

    with NothingWritten() as refused:
        change(programme, draft, programme.secretary, version=1, cap=140)

    assert refused.codes == ["revision_changed"]
    assert str(programme.colleague) in refused.refusals[0].message
    assert draft.lines.get().amount == 130


def test_withdrawn_draft_publishes_nothing(programme):
    draft = programme.draft(cap=120)

    withdrawn = services.withdraw_revision(revision_id=draft.pk, user=programme.secretary)

    assert (withdrawn.withdrawn_by, withdrawn.is_draft) == (programme.secretary, False)
    assert in_force(programme, STARTS_ON)["request_cap"] == 100


# --- Publishing -----------------------------------------------------------------------------------


def test_published_figures_are_rows_from_their_day_on(programme):
    draft = programme.draft(cap=120, allowance=600)

    published = programme.publish(draft)

    assert in_force(programme, STARTS_ON - ONE_DAY) == {
        "request_cap": 100,
        "entity_allowance": 500,
        "programme_envelope": 10_000,
    }
    assert in_force(programme, STARTS_ON) == {
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

    assert in_force(programme, within)["request_cap"] == 120
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


def test_figure_published_for_a_later_day_stays(programme):
    after = NEXT_QUARTER.ends_on + ONE_DAY
    programme.publish(programme.draft(valid_from=after, allowance=900))
    envelope = programme.allowance_of(after)

    programme.publish(programme.draft(allowance=600))

    assert in_force(programme, after)["entity_allowance"] == 900
    assert kinds(envelope) == [("grant", 900, 0, 0)]


def test_draft_is_compared_with_what_has_come_to_be_in_force(programme):
    """Drafted against 100 km²; meanwhile 110 km² was published for tomorrow."""
    draft = programme.draft(cap=120)
    programme.publish(programme.draft(valid_from=TOMORROW, cap=110))

    published = programme.publish(draft)

    line = published.lines.get()
    assert (line.revises.amount, line.row.amount) == (110, 120)
    assert in_force(programme, STARTS_ON)["request_cap"] == 120


# --- Refusals -------------------------------------------------------------------------------------


def refused_to_publish(programme, draft, user=None):
    rows = QuotaPolicy.objects.count()
    with NothingWritten() as refused:
        programme.publish(draft, user)
    assert QuotaPolicy.objects.count() == rows
    return refused


def test_whoever_changed_it_last_does_not_publish(programme):
    draft = programme.draft(cap=120)

    refused = refused_to_publish(programme, draft, programme.secretary)

    assert refused.codes == ["same_person"]
    assert PolicyRevision.objects.get().is_draft


def test_day_that_has_come_is_refused_when_it_is_published(programme, monkeypatch):
    draft = programme.draft(valid_from=TOMORROW, cap=120)
    later = timezone.now() + ONE_DAY
    monkeypatch.setattr(timezone, "now", lambda: later)

    refused = refused_to_publish(programme, draft)

    assert refused.codes == ["revision_not_ahead"]


def test_draft_that_changes_nothing_is_refused_with_the_number_of_figures(programme):
    refused = refused_to_publish(programme, programme.draft())

    (refusal,) = refused.refusals
    assert refusal.code == "revision_changes_nothing"
    assert refusal.message.startswith("0 of 3 figures differ")


def test_second_version_of_a_figure_on_a_day_is_refused(programme):
    first, second = programme.draft(cap=120), programme.draft(cap=130, allowance=600)
    programme.publish(first)

    refused = refused_to_publish(programme, second)

    (refusal,) = refused.refusals
    assert refusal.code == "figure_already_published"
    assert "1 of the figures already have a version" in refusal.message
    assert "Free volume of one request" in refusal.message


def test_other_figures_of_the_same_day_are_published(programme):
    first, second = programme.draft(cap=120), programme.draft(allowance=600)
    programme.publish(first)

    programme.publish(second)

    assert in_force(programme, STARTS_ON)["entity_allowance"] == 600


def test_published_twice_is_refused_with_who_and_when(programme):
    draft = programme.draft(cap=120)
    programme.publish(draft)

    refused = refused_to_publish(programme, draft, secretary())

    assert refused.codes == ["revision_ended"]
    assert str(programme.colleague) in refused.refusals[0].message


def test_figures_that_the_publisher_has_not_seen_are_not_published(programme):
    draft = programme.draft(cap=120)
    change(programme, draft, programme.secretary, cap=1_000)

    refused = refused_to_publish(programme, draft)

    assert refused.codes == ["revision_changed"]


def test_ceiling_of_the_contract_refuses_with_what_is_left_and_nothing_is_written(programme):
    """Granted 10,000 km² of 10,500: 500 km² left, 1,000 km² more asked."""
    SupplyCeiling.objects.create(contract=programme.contract, unit="km2", amount=10_500)
    programme.programme_of(STARTS_ON)
    draft = programme.draft(cap=120, programme=11_000)

    refused = refused_to_publish(programme, draft)

    (refusal,) = refused.refusals
    assert refusal.code == "supply_ceiling_exceeded"
    assert refusal.message == (
        f"1,000 km² asked, 500 km² left to grant under the contract {programme.contract.reference}."
    )


@pytest.mark.parametrize("role", [None, "observer"])
def test_nobody_else_drafts_changes_withdraws_or_publishes(programme, role):
    somebody = ProgrammeRoleFactory(role=role).user if role else UserFactory()
    draft = programme.draft(cap=120)
    programme_of_somebody = replace(programme, secretary=somebody)

    for attempt in (
        lambda: programme_of_somebody.draft(cap=130),
        lambda: change(programme, draft, somebody, cap=130),
        lambda: services.withdraw_revision(revision_id=draft.pk, user=somebody),
        lambda: programme.publish(draft, somebody),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert list(PolicyRevision.objects.values_list("version", "published_at")) == [(1, None)]


def test_file_of_policy_does_not_correct_what_was_published(programme, tmp_path):
    programme.publish(programme.draft(cap=120))
    (tmp_path / "quotas.toml").write_text(
        f"""
        [[quota_policy]]
        sensor = "{programme.sensor.code}"
        measure = "request_cap"
        period_kind = "per_request"
        unit = "km2"
        amount = 90
        valid_from = {STARTS_ON}
        source = "A file"
        """
    )
    said = StringIO()

    call_command("load_policy", tmp_path, stdout=said)

    assert in_force(programme, STARTS_ON)["request_cap"] == 120
    assert "amount is 120.000000 here, 90 in the file; left alone" in said.getvalue()


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


# --- What the database holds ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_from": THIS_QUARTER.ends_on},
        {"reason": "Another."},
        {"published_at": None, "published_by": None},
        {"version": 9},
    ],
)
def test_published_revision_is_frozen(programme, changed):
    draft = programme.publish(programme.draft(cap=120))

    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        PolicyRevision.objects.filter(pk=draft.pk).update(**changed)


def test_figures_of_a_published_revision_are_frozen(programme):
    draft = programme.publish(programme.draft(cap=120))

    for attempt in (lambda: draft.lines.update(amount=1), lambda: draft.lines.all().delete()):
        with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
            attempt()


def test_reason_of_a_revision_may_be_emptied(programme):
    draft = programme.publish(programme.draft(cap=120))

    assert PolicyRevision.objects.filter(pk=draft.pk).update(reason=None) == 1


def test_revision_is_not_deleted(programme):
    draft = programme.draft()

    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        draft.delete()


def test_revision_is_not_published_without_its_rows(programme):
    draft = programme.draft(cap=120)

    with pytest.raises(IntegrityError, match="a row of policy for each"), transaction.atomic():
        PolicyRevision.objects.filter(pk=draft.pk).update(
            published_by=programme.colleague, published_at=timezone.now()
        )


def test_published_row_is_changed_by_nothing_but_another_revision(programme):
    line = programme.publish(programme.draft(cap=120)).lines.get()

    with pytest.raises(IntegrityError, match="by another revision"), transaction.atomic():
        QuotaPolicy.objects.filter(pk=line.row_id).update(amount=1)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"published_by": "changed_by"}, "policy_revision_published_by_another"),
        ({"published_by": "colleague"}, "policy_revision_says_who_ended_it"),
    ],
)
def test_who_published_is_told_whole_and_is_another(programme, changed, constraint):
    draft = programme.draft(cap=120)
    who = {"changed_by": programme.secretary, "colleague": programme.colleague}
    changed = {name: who[value] for name, value in changed.items()}
    if constraint == "policy_revision_published_by_another":
        changed["published_at"] = None

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PolicyRevision.objects.filter(pk=draft.pk).update(**changed)

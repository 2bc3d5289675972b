"""What refuses a revision of policy, and what the database keeps of it."""

from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.timezone import localdate

from quotas import services
from quotas.models import PolicyRevision, QuotaPolicy, SupplyCeiling
from tests.eligibility.factories import ProgrammeRoleFactory, UserFactory
from tests.quotas.checks import NothingWritten
from tests.quotas.factories import cause
from tests.quotas.revisions import ONE_DAY, STARTS_ON, THIS_QUARTER, secretary

pytestmark = pytest.mark.django_db


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
    draft = programme.draft(valid_from=localdate() + ONE_DAY, cap=120)
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

    assert programme.in_force(STARTS_ON)["entity_allowance"] == 600


def test_published_twice_is_refused_with_who_and_when(programme):
    draft = programme.draft(cap=120)
    programme.publish(draft)

    refused = refused_to_publish(programme, draft, secretary())

    assert refused.codes == ["revision_ended"]
    assert str(programme.colleague) in refused.refusals[0].message


def test_figures_that_the_publisher_has_not_seen_are_not_published(programme):
    draft = programme.draft(cap=120)
    programme.change(draft, programme.secretary, cap=1_000)

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


def test_envelope_that_the_books_could_not_hold_refuses_with_the_amounts(programme):
    """Granted 500 by policy and 99,999,450 by hand: 100 more is one too many for a column."""
    envelope = programme.allowance_of(STARTS_ON)
    services.grant(envelope_id=envelope.pk, amount=Decimal(99_999_450), cause=cause(""))
    draft = programme.draft(allowance=600)

    refused = refused_to_publish(programme, draft)

    (refusal,) = refused.refusals
    assert refusal.code == "amount_too_large"
    assert refusal.message == (
        f"The {envelope.label} would be granted 100,000,050 km²;"
        " it must be less than 100,000,000 km²."
    )


def test_figure_finer_than_its_unit_is_not_drafted(programme):
    programme.allowance.unit = "attempts"
    programme.allowance.save(update_fields=["unit"])

    with pytest.raises(services.QuotaRefused) as refused:
        programme.draft(allowance="500.5")

    assert refused.value.codes == ("amount_too_precise",)
    assert str(refused.value) == (
        "Allowance of an entity, 500.5 attempts: 1 decimal; 0 at most in that unit."
    )
    assert not PolicyRevision.objects.exists()


@pytest.mark.parametrize("role", [None, "observer"])
def test_nobody_else_drafts_changes_withdraws_or_publishes(programme, role):
    somebody = ProgrammeRoleFactory(role=role).user if role else UserFactory()
    draft = programme.draft(cap=120)
    programme_of_somebody = replace(programme, secretary=somebody)

    for attempt in (
        lambda: programme_of_somebody.draft(cap=130),
        lambda: programme.change(draft, somebody, cap=130),
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

    assert programme.in_force(STARTS_ON)["request_cap"] == 120
    assert "amount is 120.000000 here, 90 in the file; left alone" in said.getvalue()


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


def test_whoever_changed_it_last_is_not_who_published_it(programme):
    draft = programme.draft(cap=120)

    constraint = "policy_revision_published_by_another"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PolicyRevision.objects.filter(pk=draft.pk).update(published_by=programme.secretary)


def test_who_published_is_told_with_when(programme):
    draft = programme.draft(cap=120)

    constraint = "policy_revision_says_who_ended_it"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PolicyRevision.objects.filter(pk=draft.pk).update(published_by=programme.colleague)

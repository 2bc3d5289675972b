"""Two who publish at once, and envelopes that are opened meanwhile, on a real PostgreSQL."""

import pytest
from django.db import IntegrityError

from quotas import services
from quotas.models import PolicyRevision, QuotaPolicy
from quotas.selectors import discrepancies
from quotas.services import QuotaRefused, envelopes, revisions
from tests.concurrency import second_waits_for_first
from tests.quotas.checks import balances, kinds
from tests.quotas.revisions import STARTS_ON, Office, secretary

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


@pytest.fixture
def without_locks(monkeypatch):
    """Both read the draft as it was, and neither keeps the other out."""

    def read(revision_id: int, version: int | None = None) -> PolicyRevision:
        return PolicyRevision.objects.select_related("changed_by").get(pk=revision_id)

    monkeypatch.setattr(revisions, "lock_policy_of", lambda revision_id: None)
    monkeypatch.setattr(revisions, "_lock_draft", read)


def two_publish(programme: Office, **options):
    draft, third = programme.draft(cap=120, allowance=600), secretary()
    return second_waits_for_first(
        lambda: programme.publish(draft), lambda: programme.publish(draft, third), **options
    )


def test_second_who_publishes_waits_and_is_told_who_did_and_when(programme):
    race = two_publish(programme)

    race.assert_second_waited()
    published = race.winner.result()
    with pytest.raises(QuotaRefused) as refused:
        race.loser.result()
    assert refused.value.codes == ("revision_ended",)
    assert f"{programme.colleague} published this revision already, on" in str(refused.value)
    assert published.published_by == programme.colleague
    assert QuotaPolicy.objects.filter(valid_from=STARTS_ON).count() == 2


def test_withdrawal_waits_for_whoever_publishes_and_is_told_who_did(programme):
    draft = programme.draft(cap=120)

    race = second_waits_for_first(
        lambda: programme.publish(draft),
        lambda: services.withdraw_revision(revision_id=draft.pk, user=programme.secretary),
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(QuotaRefused, match=f"{programme.colleague} published this revision"):
        race.loser.result()


def test_without_the_locks_the_second_does_not_wait_before_it_checks(programme, without_locks):
    """Control: the assertion of the test above is about the locks and about nothing else."""
    race = two_publish(programme, timeout_s=1)

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()


def test_without_the_locks_the_constraint_refuses(programme, without_locks):
    race = two_publish(programme, at='INSERT INTO "quotas_quotapolicy"')

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(IntegrityError, match="quota_policy_one_figure_a_day"):
        race.loser.result()
    assert QuotaPolicy.objects.filter(valid_from=STARTS_ON).count() == 2


def test_envelope_opened_while_figures_are_published_waits_and_has_the_new_one(programme):
    draft = programme.draft(allowance=600)

    race = second_waits_for_first(
        lambda: programme.publish(draft), lambda: programme.allowance_of(STARTS_ON)
    )

    race.assert_second_waited()
    assert kinds(race.loser.result()) == [("grant", 600, 0, 0)]


def test_publishing_waits_for_an_envelope_that_is_being_opened_and_puts_it_right(programme):
    draft = programme.draft(allowance=600)

    race = second_waits_for_first(
        lambda: programme.allowance_of(STARTS_ON), lambda: programme.publish(draft)
    )

    race.assert_second_waited()
    race.loser.result()
    assert kinds(race.winner.result()) == [("grant", 500, 0, 0), ("grant", 100, 0, 0)]
    assert discrepancies() == []


def test_without_the_lock_an_envelope_keeps_the_old_amount(programme, monkeypatch):
    """Control: the race of the test above is real, and nothing else would stop it."""
    monkeypatch.setattr(envelopes, "lock_policy", lambda sensor_id: None)
    draft = programme.draft(allowance=600)

    race = second_waits_for_first(
        lambda: programme.allowance_of(STARTS_ON), lambda: programme.publish(draft), timeout_s=1
    )

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()
    race.loser.result()
    assert balances(race.winner.result()) == (500, 0, 0)

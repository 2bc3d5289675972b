"""A session that a new password is ending opens nothing that outlives it, on a real PostgreSQL."""

import pytest

from eligibility import services
from eligibility.models import ApiToken, CalendarAddress, User
from eligibility.services import EligibilityRefused, sessions
from tests.concurrency import second_waits_for_first
from tests.eligibility.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]


def token_of(user):
    seen = user.get_session_auth_hash()
    return lambda: services.create_token(
        user_id=user.pk, name="mine", scopes=["read"], days=365, session_hash=seen
    )


def calendar_of(user):
    seen = user.get_session_auth_hash()
    return lambda: services.make_calendar_address(user_id=user.pk, session_hash=seen)


def new_password(user):
    mine = User.objects.get(pk=user.pk)
    return lambda: services.change_password(user=mine, password="a quite new password")


def opened():
    return ApiToken.objects.usable().count(), CalendarAddress.objects.count()


@pytest.mark.parametrize("make", [token_of, calendar_of])
def test_session_of_the_old_password_waits_and_is_refused(make):
    user = UserFactory()

    race = second_waits_for_first(new_password(user), make(user))

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(EligibilityRefused) as refusal:
        race.loser.result()
    assert (refusal.value.codes, opened()) == (("session_ended",), (0, 0))


def test_without_the_lock_the_token_does_not_wait(monkeypatch):
    """Control: the assertion of the test above is about this lock and about nothing else."""
    user = UserFactory()
    unlocked = lambda user_id, _seen: User.objects.get(pk=user_id)  # noqa: E731 — named for the control below
    monkeypatch.setattr("eligibility.services.tokens.lock_account_of_session", unlocked)
    assert sessions.lock_account_of_session is not unlocked

    race = second_waits_for_first(new_password(user), token_of(user), timeout_s=1)

    assert race.assertion is not None


def test_session_in_force_makes_both():
    user = UserFactory()

    token_of(user)()
    calendar_of(user)()

    assert opened() == (1, 1)

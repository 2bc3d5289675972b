"""Two calls at once with one key, on a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from orbitrage.shared.models import IdempotentAnswer, OutboxMessage
from requests_app import opening
from requests_app.models import ImageryRequest, TransitionRecord
from tests.concurrency import second_waits_for_first, start_in_thread
from tests.requests_app import world
from tests.requests_app.api.calling import Program, codes, secret_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

CLAIM = 'INSERT INTO "shared_idempotentanswer"'


def used_secret_of(user) -> str:
    """Used today already: a call writes no day of use, on which another would wait."""
    secret = secret_of(user)
    Program(secret).get("/sensors")
    return secret


def test_second_waits_and_is_given_the_answer_of_the_first(committed_programme):
    draft = world.draft(committed_programme)
    opening.to_submit(draft)  # else the second waits for its envelopes
    secret = used_secret_of(committed_programme.requester)

    def submit():
        return Program(secret).post(f"/requests/{draft.number}/do/submit", key="k-1")

    race = second_waits_for_first(submit, submit, at=CLAIM)

    race.assert_second_waited()
    first, second = race.winner.result(), race.loser.result()
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert TransitionRecord.objects.filter(transition="submit").count() == 1
    assert OutboxMessage.objects.filter(topic="requests.notice").count() == 1


def test_without_a_key_the_second_waits_elsewhere(committed_programme):
    """Control: the wait above is for the key."""
    draft = world.draft(committed_programme)
    secret = used_secret_of(committed_programme.requester)

    def submit():
        return Program(secret).post(f"/requests/{draft.number}/do/submit")

    race = second_waits_for_first(submit, submit, at=CLAIM, timeout_s=1)

    assert race.assertion is not None
    assert (race.winner.result().status_code, race.loser.result().status_code) == (200, 409)


def test_second_does_not_wait_for_ever(committed_programme):
    draft = world.draft(committed_programme)
    program = Program(used_secret_of(committed_programme.requester))

    def copy():
        return program.post(f"/requests/{draft.number}/copy", key="k-1")

    def copy_in_a_hurry():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return copy()

    with transaction.atomic(), ThreadPoolExecutor(max_workers=1) as pool:
        first = copy()
        second = start_in_thread(pool, copy_in_a_hurry).result()

    assert (first.status_code, second.status_code) == (201, 409)
    assert (codes(second), second["Retry-After"]) == (["idempotency_key_in_use"], "1")
    assert ImageryRequest.objects.count() == 2


def test_call_that_is_undone_leaves_nothing_of_its_key(committed_programme):
    draft = world.draft(committed_programme)
    program = Program(used_secret_of(committed_programme.requester))

    with transaction.atomic():
        program.post(f"/requests/{draft.number}/copy", key="k-1")
        transaction.set_rollback(True)

    assert (ImageryRequest.objects.count(), IdempotentAnswer.objects.count()) == (1, 0)
    assert program.post(f"/requests/{draft.number}/copy", key="k-1").status_code == 201

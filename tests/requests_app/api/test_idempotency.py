"""A call sent again with its key is answered again, and done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from orbitrage.shared.api.idempotency import forget_answers
from orbitrage.shared.models import IdempotentAnswer, OutboxMessage
from requests_app.models import ImageryRequest, TransitionRecord
from tests.concurrency import second_waits_for_first, start_in_thread
from tests.requests_app import world
from tests.requests_app.api.calling import Program, codes, new_request, program_of, secret_of

CLAIM = 'INSERT INTO "shared_idempotentanswer"'


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_same_call_is_done_once_and_answered_again(self, programme, requester):
        body = new_request(programme, world.area_of(programme.requester))

        first = requester.post("/requests", body, key="k-1")
        second = requester.post("/requests", body, key="k-1")

        assert (first.status_code, second.status_code) == (201, 201)
        assert second.json() == first.json()
        assert second["Location"] == first["Location"]
        assert [each.get("Idempotency-Replayed") for each in (first, second)] == [None, "true"]
        assert ImageryRequest.objects.count() == 1

    def test_without_a_key_it_is_done_twice(self, programme, requester):
        body = new_request(programme, world.area_of(programme.requester))

        for _ in range(2):
            requester.post("/requests", body)

        assert ImageryRequest.objects.count() == 2

    def test_submission_is_replayed_after_the_request_has_moved_on(self, programme, requester):
        draft = world.draft(programme)
        first = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")
        program_of(programme.reviewer).post(f"/requests/{draft.number}/do/take")

        second = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")

        assert second.json() == first.json()
        assert second.json()["state"] == "submitted"

    @pytest.mark.parametrize("changes", [{"title": "Another"}, {"purpose": "Other"}])
    def test_key_of_another_body_is_refused(self, programme, requester, changes):
        body = new_request(programme, world.area_of(programme.requester))
        requester.post("/requests", body, key="k-1")

        response = requester.post("/requests", body | changes, key="k-1")

        assert (response.status_code, codes(response)) == (422, ["idempotency_key_reused"])
        assert ImageryRequest.objects.count() == 1

    def test_key_of_another_address_is_refused(self, programme, requester):
        drafts = [world.draft(programme) for _ in range(2)]
        requester.post(f"/requests/{drafts[0].number}/copy", key="k-1")

        response = requester.post(f"/requests/{drafts[1].number}/copy", key="k-1")

        assert (response.status_code, codes(response)) == (422, ["idempotency_key_reused"])

    def test_key_is_of_each_person(self, programme, requester):
        request = world.submitted(programme)
        answers = [
            program.post(f"/requests/{request.number}/copy", key="k-1")
            for program in (requester, program_of(programme.colleague))
        ]

        assert [response.status_code for response in answers] == [201, 201]
        assert len({response.json()["number"] for response in answers}) == 2

    def test_key_is_of_the_person_whatever_the_token(self, programme, requester):
        request = world.submitted(programme)
        first = requester.post(f"/requests/{request.number}/copy", key="k-1")

        second = program_of(programme.requester).post(f"/requests/{request.number}/copy", key="k-1")

        assert second.json() == first.json()

    def test_refused_call_leaves_its_key_free(self, programme, requester):
        draft = world.draft(programme, **world.tasking_window())
        refused = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")
        requester.patch(f"/requests/{draft.number}", {"agrees_to_enlargement": True})

        again = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")

        assert (refused.status_code, again.status_code) == (409, 200)
        assert again.get("Idempotency-Replayed") is None

    def test_key_is_free_again_after_a_day(self, programme, requester):
        draft = world.draft(programme)
        requester.post(f"/requests/{draft.number}/copy", key="k-1")
        IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))

        requester.post(f"/requests/{draft.number}/copy", key="k-1")

        assert ImageryRequest.objects.count() == 3

    @pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
    def test_key_that_is_none_is_refused(self, programme, requester, key):
        draft = world.draft(programme)

        response = requester.post(f"/requests/{draft.number}/copy", key=key)

        assert (response.status_code, codes(response)) == (422, ["idempotency_key_invalid"])
        assert ImageryRequest.objects.count() == 1

    def test_answers_are_forgotten_after_a_day(self, programme, requester):
        draft = world.draft(programme)
        for key in ("old", "new"):
            requester.post(f"/requests/{draft.number}/copy", key=key)
        then = timezone.now() - timedelta(hours=24, minutes=1)
        IdempotentAnswer.objects.filter(key="old").update(created_at=then)

        assert forget_answers() == 1
        assert [row.key for row in IdempotentAnswer.objects.all()] == ["new"]


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
class TestAtOnce:
    def test_second_waits_and_is_given_the_answer_of_the_first(self, committed_programme):
        draft = world.draft(committed_programme)
        secret = secret_of(committed_programme.requester)

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

    def test_without_a_key_the_second_waits_elsewhere(self, committed_programme):
        """Control: the wait above is for the key."""
        draft = world.draft(committed_programme)
        secret = secret_of(committed_programme.requester)

        def submit():
            return Program(secret).post(f"/requests/{draft.number}/do/submit")

        race = second_waits_for_first(submit, submit, at=CLAIM, timeout_s=1)

        assert race.assertion is not None
        assert (race.winner.result().status_code, race.loser.result().status_code) == (200, 409)

    def test_second_does_not_wait_for_ever(self, committed_programme):
        draft = world.draft(committed_programme)
        program = program_of(committed_programme.requester)

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

    def test_call_that_is_undone_leaves_nothing_of_its_key(self, committed_programme):
        draft = world.draft(committed_programme)
        program = program_of(committed_programme.requester)

        with transaction.atomic():
            program.post(f"/requests/{draft.number}/copy", key="k-1")
            transaction.set_rollback(True)

        assert (ImageryRequest.objects.count(), IdempotentAnswer.objects.count()) == (1, 0)
        assert program.post(f"/requests/{draft.number}/copy", key="k-1").status_code == 201

"""A call sent again with its key is answered again, and done once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orbitrage.shared.api.idempotency import forget_answers
from orbitrage.shared.models import IdempotentAnswer
from requests_app.models import ImageryRequest
from tests.requests_app import world
from tests.requests_app.api.calling import codes, new_request, program_of

pytestmark = pytest.mark.django_db


def test_same_call_is_done_once_and_answered_again(programme, requester):
    body = new_request(programme, world.area_of(programme.requester))

    first = requester.post("/requests", body, key="k-1")
    second = requester.post("/requests", body, key="k-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Location"] == first["Location"]
    assert [each.get("Idempotency-Replayed") for each in (first, second)] == [None, "true"]
    assert ImageryRequest.objects.count() == 1


def test_without_a_key_it_is_done_twice(programme, requester):
    body = new_request(programme, world.area_of(programme.requester))

    for _ in range(2):
        requester.post("/requests", body)

    assert ImageryRequest.objects.count() == 2


def test_submission_is_replayed_after_the_request_has_moved_on(programme, requester):
    draft = world.draft(programme)
    first = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")
    program_of(programme.reviewer).post(f"/requests/{draft.number}/do/take")

    second = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")

    assert second.json() == first.json()
    assert second.json()["state"] == "submitted"


@pytest.mark.parametrize("changes", [{"title": "Another"}, {"purpose": "Other"}])
def test_key_of_another_body_is_refused(programme, requester, changes):
    body = new_request(programme, world.area_of(programme.requester))
    requester.post("/requests", body, key="k-1")

    response = requester.post("/requests", body | changes, key="k-1")

    assert (response.status_code, codes(response)) == (422, ["idempotency_key_reused"])
    assert ImageryRequest.objects.count() == 1


def test_key_of_another_address_is_refused(programme, requester):
    drafts = [world.draft(programme) for _ in range(2)]
    requester.post(f"/requests/{drafts[0].number}/copy", key="k-1")

    response = requester.post(f"/requests/{drafts[1].number}/copy", key="k-1")

    assert (response.status_code, codes(response)) == (422, ["idempotency_key_reused"])


def test_key_is_of_each_person(programme, requester):
    request = world.submitted(programme)
    answers = [
        program.post(f"/requests/{request.number}/copy", key="k-1")
        for program in (requester, program_of(programme.colleague))
    ]

    assert [response.status_code for response in answers] == [201, 201]
    assert len({response.json()["number"] for response in answers}) == 2


def test_key_is_of_the_person_whatever_the_token(programme, requester):
    request = world.submitted(programme)
    first = requester.post(f"/requests/{request.number}/copy", key="k-1")

    second = program_of(programme.requester).post(f"/requests/{request.number}/copy", key="k-1")

    assert second.json() == first.json()


def test_refused_call_leaves_its_key_free(programme, requester):
    draft = world.draft(programme, **world.tasking_window())
    refused = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")
    requester.patch(f"/requests/{draft.number}", {"agrees_to_enlargement": True})

    again = requester.post(f"/requests/{draft.number}/do/submit", key="k-1")

    assert (refused.status_code, again.status_code) == (409, 200)
    assert again.get("Idempotency-Replayed") is None


def test_key_is_free_again_after_a_day(programme, requester):
    draft = world.draft(programme)
    requester.post(f"/requests/{draft.number}/copy", key="k-1")
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))

    requester.post(f"/requests/{draft.number}/copy", key="k-1")

    assert ImageryRequest.objects.count() == 3


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
def test_key_that_is_none_is_refused(programme, requester, key):
    draft = world.draft(programme)

    response = requester.post(f"/requests/{draft.number}/copy", key=key)

    assert (response.status_code, codes(response)) == (422, ["idempotency_key_invalid"])
    assert ImageryRequest.objects.count() == 1


def test_answers_are_forgotten_after_a_day(programme, requester):
    draft = world.draft(programme)
    for key in ("old", "new"):
        requester.post(f"/requests/{draft.number}/copy", key=key)
    then = timezone.now() - timedelta(hours=24, minutes=1)
    IdempotentAnswer.objects.filter(key="old").update(created_at=then)

    assert forget_answers() == 1
    assert [row.key for row in IdempotentAnswer.objects.all()] == ["new"]

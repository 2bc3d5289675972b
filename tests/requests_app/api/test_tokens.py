"""Who is let in, and to what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eligibility.models import ApiToken
from eligibility.services import change_password, end_tokens, suspend_account
from requests_app.models import ImageryRequest
from tests.eligibility.factories import UserFactory
from tests.requests_app import world
from tests.requests_app.api.calling import Program, codes, program_of, secret_of

pytestmark = pytest.mark.django_db


def is_refused(response) -> bool:
    told = (response.status_code, response["Content-Type"], response["WWW-Authenticate"])
    return told == (401, "application/problem+json", "Bearer") and codes(response) == [
        "not_authenticated"
    ]


def test_token_in_use_is_let_in(programme, requester):
    response = requester.get("/me")

    assert response.status_code == 200
    assert response.json()["full_name"] == "Requester"


@pytest.mark.parametrize("token", [None, "", "orb_00000000_wrong", "é" * 50, "x" * 5_000])
def test_unknown_token_is_refused(db, token):
    assert is_refused(Program(token).get("/me"))


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_token_under_another_scheme_is_refused(programme, scheme):
    secret = secret_of(programme.requester)

    assert is_refused(Program(None, authorization=f"{scheme} {secret}".strip()).get("/me"))


def test_expired_token_is_refused(programme, requester):
    then = timezone.now() - timedelta(days=31)
    ApiToken.objects.update(created_at=then, expires_at=then + timedelta(days=30))

    assert is_refused(requester.get("/me"))


def test_ended_token_is_refused(programme, requester):
    end_tokens(user_id=programme.requester.pk)

    assert is_refused(requester.get("/me"))


def test_token_of_a_suspended_person_is_refused(programme, requester):
    assert requester.get("/me").status_code == 200

    suspend_account(user_id=programme.requester.pk, by_user_id=programme.secretariat.pk)

    assert is_refused(requester.get("/me"))


def test_token_of_a_suspended_person_stays_refused_when_they_come_back(programme, requester):
    suspend_account(user_id=programme.requester.pk, by_user_id=programme.secretariat.pk)
    person = programme.requester
    person.refresh_from_db()
    person.is_active, person.suspended_at = True, None
    person.save(update_fields=["is_active", "suspended_at"])

    assert is_refused(requester.get("/me"))


def test_token_of_an_inactive_account_is_refused(programme, requester):
    """An erased account is inactive: the database holds it to that."""
    person = programme.requester
    person.is_active, person.erased_at = False, timezone.now()
    person.save(update_fields=["is_active", "erased_at"])

    assert is_refused(requester.get("/me"))


def test_token_ends_with_the_password(programme, requester):
    change_password(user=programme.requester, password="another long password")

    assert is_refused(requester.get("/me"))


def test_session_opens_no_operation(programme):
    client = Client()
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")

    assert is_refused(client.get("/api/v1/me"))


def test_token_opens_no_page(programme, requester):
    response = requester.client.get("/requests/", headers=requester.headers)

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/requests/")


@pytest.mark.parametrize(
    ("scope", "path", "body"),
    [
        ("areas", "/requests", None),
        ("read", "/areas", {}),
        ("read", "/requests", {}),
        ("office", "/requests/R2026-000001/do/submit", {}),
        ("requests", "/requests/R2026-000001/do/take", {}),
        ("requests", "/requests/R2026-000001/do/approve", {}),
        ("read", "/requests/R2026-000001/do/cancel", {}),
    ],
)
def test_wrong_scope_is_refused(programme, scope, path, body):
    program = program_of(programme.requester, scope)

    response = program.get(path) if body is None else program.post(path, body)

    assert (response.status_code, codes(response)) == (403, ["scope_missing"])


def test_scope_does_not_give_a_right_that_the_person_has_not(programme):
    request = world.submitted(programme)

    response = program_of(programme.colleague).post(f"/requests/{request.number}/do/take", {})

    assert (response.status_code, codes(response)) == (403, ["not_allowed"])


def test_token_that_writes_requests_does_not_act_in_an_office(programme):
    request, reason = world.in_review(programme), {"reason": "A mistake."}
    written = program_of(programme.chair, "read", "requests")
    response = written.post(f"/requests/{request.number}/do/cancel", reason)
    request.refresh_from_db()
    assert (response.status_code, codes(response)) == (403, ["scope_missing"])
    assert request.state == "in_review"

    in_office = program_of(programme.chair, "read", "requests", "office")
    assert in_office.post(f"/requests/{request.number}/do/cancel", reason).status_code == 200


@pytest.mark.parametrize("role", ["requester", "entity_contact"])
def test_token_that_writes_requests_is_enough_for_who_asks(programme, role):
    request = world.in_review(programme)
    program = program_of(programme.people[role], "read", "requests")

    response = program.post(f"/requests/{request.number}/do/cancel", {"reason": ""})

    assert response.status_code == 200


def test_contact_accepts_a_price_without_an_office(programme):
    request = world.priced_offer(programme)
    program = program_of(programme.entity_contact, "read", "requests")

    response = program.post(
        f"/requests/{request.number}/do/accept_offer", {"purchase_reference": "PO-1"}
    )

    assert (response.status_code, response.json()["state"]) == (200, "approved")


@pytest.mark.parametrize("kind", ["shared", "internal"])
def test_token_that_writes_requests_writes_nothing_for_the_cell(programme, kind):
    request, body = world.in_review(programme), {"text": "Is July possible?", "kind": kind}
    address = f"/requests/{request.number}/messages"

    response = program_of(programme.reviewer, "read", "requests").post(address, body)

    assert (response.status_code, codes(response)) == (403, ["scope_missing"])
    assert not request.messages.exists()
    in_office = program_of(programme.reviewer, "read", "requests", "office")
    assert in_office.post(address, body).status_code == 201


def test_token_of_another_person_sees_their_requests_and_not_mine(programme):
    request = world.draft(programme)

    response = program_of(programme.colleague).get(f"/requests/{request.number}")

    assert (response.status_code, codes(response)) == (404, ["not_found"])
    assert program_of(programme.requester).get(f"/requests/{request.number}").status_code == 200


def test_stranger_changes_nothing(programme):
    request = world.draft(programme)
    stranger = program_of(programme.stranger)

    answers = [
        stranger.patch(f"/requests/{request.number}", {"title": "Mine"}),
        stranger.post(f"/requests/{request.number}/copy"),
        stranger.post(f"/requests/{request.number}/do/submit"),
    ]

    assert [response.status_code for response in answers] == [404, 404, 404]
    assert ImageryRequest.objects.get().title == request.title


def test_day_of_use_is_noted_once_a_day(requester, django_assert_num_queries):
    requester.get("/sensors")

    assert ApiToken.objects.get().last_used_on == timezone.localdate()
    # The token, the sensors.
    with django_assert_num_queries(2):
        requester.get("/sensors")


def test_calls_of_a_minute_are_limited(programme, requester, settings):
    settings.ORBITRAGE_API_CALLS_PER_MINUTE = 2

    answers = [requester.get("/sensors") for _ in range(3)]

    assert [response.status_code for response in answers] == [200, 200, 429]
    assert codes(answers[2]) == ["too_many_calls"]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60


def test_limit_is_of_the_account_with_all_its_tokens(programme, requester, settings):
    settings.ORBITRAGE_API_CALLS_PER_MINUTE = 1
    requester.get("/sensors")

    assert program_of(programme.requester).get("/sensors").status_code == 429
    assert program_of(programme.colleague).get("/sensors").status_code == 200


def test_refusals_speak_the_language_asked_for(programme):
    secret = secret_of(programme.requester)
    english, french = Program(secret), Program(secret, **{"accept-language": "fr"})

    told = [each.get("/requests/R2026-000001").json()["title"] for each in (english, french)]
    languages = [each.get("/sensors")["Content-Language"] for each in (english, french)]

    assert told == ["Not Found", "Not Found"]
    assert languages == ["en", "fr"]


def test_without_a_language_the_person_s_own_is_spoken(programme):
    programme.requester.language = "en"
    programme.requester.save(update_fields=["language"])
    program = program_of(programme.requester)
    del program.headers["accept-language"]

    assert program.get("/sensors")["Content-Language"] == "en"


def test_account_without_an_entity_asks_for_nobody(db):
    response = program_of(UserFactory()).get("/me")

    assert response.json()["on_behalf"] == []

"""What the administration shows of the outbox, and whom it lets try again."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from orbitrage.shared.models import OutboxMessage
from tests.eligibility.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:shared_outboxmessage_changelist")
SECRET = "written by somebody to the contact page"


@pytest.fixture(autouse=True)
def english(client, settings):
    """A page leaves its language behind."""
    client.cookies["django_language"] = "en"
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def messages():
    """One message in each state in which it needs no lease."""
    return {
        state: OutboxMessage.objects.create(
            topic="test", key=f"key:{state}", payload={"text": SECRET}, state=state, attempts=8
        )
        for state in ("pending", "done", "dead")
    }


def try_again(client, messages):
    chosen = [message.pk for message in messages]
    return client.post(LIST, {"action": "try_again", "_selected_action": chosen})


def questions_of_the_list(client):
    with CaptureQueriesContext(connection) as asked:
        client.get(LIST)
    return len(asked)


def states(messages):
    return {state: OutboxMessage.objects.get(pk=m.pk).state for state, m in messages.items()}


def test_list_shows_what_is_not_done(client, messages):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(LIST)

    shown = {message.key for message in page.context["cl"].result_list}
    assert shown == {"key:pending", "key:dead"}


def test_what_was_written_in_a_message_is_not_shown(client, messages):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:shared_outboxmessage_change", args=[messages["dead"].pk]))

    assert "key:dead" in page.content.decode()
    assert SECRET not in page.content.decode()


def test_only_what_was_given_up_is_tried_again(client, messages):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    answer = try_again(client, messages.values())

    assert states(messages) == {"pending": "pending", "done": "done", "dead": "pending"}
    assert OutboxMessage.objects.get(pk=messages["dead"].pk).attempts == 0
    assert OutboxMessage.objects.get(pk=messages["pending"].pk).attempts == 8
    assert [str(told) for told in get_messages(answer.wsgi_request)] == [
        "Messages that are tried again: 1"
    ]


def test_who_may_only_look_does_not_try_again(client, messages):
    looks = UserFactory(is_staff=True)
    looks.user_permissions.add(Permission.objects.get(codename="view_outboxmessage"))
    client.force_login(looks)
    assert client.get(LIST).status_code == 200

    try_again(client, messages.values())

    assert states(messages)["dead"] == "dead"


def test_list_asks_as_many_questions_for_five_rows_as_for_two(client, messages):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    two = questions_of_the_list(client)
    for number in range(3):
        OutboxMessage.objects.create(topic="test", key=f"more:{number}", payload={}, state="dead")

    assert questions_of_the_list(client) == two

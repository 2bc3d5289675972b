"""Two messages at once on one request, on a real PostgreSQL."""

import pytest

from requests_app.messages import services
from requests_app.messages.services import write_message
from requests_app.models import Attachment, ImageryRequest, Message
from requests_app.transitions import TransitionRefused
from tests.concurrency import second_waits_for_first
from tests.requests_app import world
from tests.requests_app.attached import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'


def write(request, user):
    return lambda: write_message(request_id=request.pk, user=user, attachments=[upload()])


def test_second_message_waits_and_finds_the_request_full(committed_programme, settings):
    settings.ORBITRAGE_ATTACHMENTS_PER_REQUEST = 1
    request = world.submitted(committed_programme)

    race = second_waits_for_first(
        write(request, committed_programme.requester),
        write(request, committed_programme.chair),
        at=REQUEST_LOCK,
    )

    race.assert_second_waited()
    race.winner.result()
    with pytest.raises(TransitionRefused) as refusal:
        race.loser.result()
    assert refusal.value.codes == ("attachments_full",)
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 1)


def test_without_the_lock_the_second_does_not_wait(committed_programme, monkeypatch):
    """Control: the assertion of the test above is about this lock and about nothing else."""
    request = world.submitted(committed_programme)
    monkeypatch.setattr(services, "lock_request", lambda pk: ImageryRequest.objects.get(pk=pk))

    race = second_waits_for_first(
        write(request, committed_programme.requester),
        write(request, committed_programme.chair),
        at=REQUEST_LOCK,
        timeout_s=1,
    )

    with pytest.raises(AssertionError, match="does not wait for"):
        race.assert_second_waited()

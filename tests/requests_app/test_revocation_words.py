"""What a licensee reads where the licence was revoked is a sentence, never a code."""

import pytest
from django.utils import translation

from licences.models import Licence
from requests_app.intake import services as intake
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db


def cancelled(p):
    return intake.cancel(request_id=world.approved(p).pk, user=p.requester)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (cancelled, "The request was cancelled."),
        (after.rescinded, "The decision was rescinded."),
        (after.failed, "The operator could not acquire the images."),
        (after.stopped, "The order was stopped before any image had come."),
    ],
)
def test_end_of_a_licence_is_said_in_words(programme, end, words):
    end(programme)

    with translation.override("en"):
        assert Licence.objects.get().revocation_in_words == words

"""Two windows with one form."""

from uuid import uuid4

import pytest

from requests_app.intake import services as intake
from requests_app.intake.services import FormRefused, Typed
from requests_app.models import UnfinishedForm
from tests.concurrency import second_waits_for_first

pytestmark = pytest.mark.usefixtures("in_english")


def keep(user, key, title, *, version):
    typed = Typed(answers={"title": [title]}, version=version)
    return intake.keep_form(key=key, user=user, typed=typed)


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_windows_at_once_keep_one_and_tell_the_other(committed_programme):
    user, key = committed_programme.requester, uuid4()
    keep(user, key, "Coastline", version=0)

    race = second_waits_for_first(
        lambda: keep(user, key, "First", version=1),
        lambda: keep(user, key, "Second", version=1),
        at='SELECT "eligibility_user"',
    )

    race.assert_second_waited()
    assert race.winner.result().version == 2
    with pytest.raises(FormRefused):
        race.loser.result()
    assert UnfinishedForm.objects.get().answers == {"title": ["First"]}

"""Who asks with the requester is named on the form."""

import pytest

from requests_app.models import ImageryRequest, TransitionRecord
from tests.requests_app.area_posts import errors
from tests.requests_app.form_posts import drafted, expert_answers, post

pytestmark = pytest.mark.django_db


def test_colleague_who_is_named_asks_too(requester, programme):
    post(requester, expert_answers(programme, co_requesters=programme.colleague.email.upper()))

    assert list(drafted().co_requesters.all()) == [programme.colleague]
    (record,) = TransitionRecord.objects.all()
    assert (record.transition, record.author) == ("add_co_requester", programme.requester)


def test_unknown_address_is_refused_at_its_field_and_nothing_is_written(requester, programme):
    named = f"{programme.colleague.email}\nnobody@example.org"

    response = post(requester, expert_answers(programme, co_requesters=named))

    assert errors(response) == {"co_requesters": ["nobody_known"]}
    assert response.context["form"]["co_requesters"].value() == named
    assert (ImageryRequest.objects.count(), TransitionRecord.objects.count()) == (0, 0)

"""A form that is sent twice becomes one request, and loses nothing that was typed."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from requests_app.intake import services as intake
from requests_app.intake.services.drafts import draft_of
from requests_app.models import ImageryRequest, SentForm
from requests_app.states import State
from requests_app.transitions import TransitionRefused
from tests.requests_app import world
from tests.requests_app.area_posts import answers, errors

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

NEW = reverse("requests:new")


def send(programme, key, *, user=None, aoi=None, **changed):
    user = user or programme.requester
    area = world.area_of(user, aoi)
    draft = draft_of(
        user=user,
        entity=programme.entity,
        mandate=None,
        sensor=programme.sensor,
        area=area,
        answers=world.ANSWERS | changed,
    )
    return intake.send_form(key=key, user=user, draft=draft, area=area)


# --- The service ----------------------------------------------------------------------------------


def test_form_sent_twice_is_one_draft(programme):
    key = uuid4()

    first, second = send(programme, key), send(programme, key)

    assert (first.pk, first.number) == (second.pk, second.number)
    assert ImageryRequest.objects.count() == 1


def test_what_a_form_says_when_it_is_sent_again_is_the_drafts(programme):
    key, elsewhere = uuid4(), world.square(west=3)
    send(programme, key)

    again = send(programme, key, title="Coastline", aoi=elsewhere)

    again.refresh_from_db()
    assert (again.title, again.aoi.extent) == ("Coastline", elsewhere.extent)
    assert ImageryRequest.objects.count() == 1


def test_two_forms_are_two_drafts(programme):
    first, second = send(programme, uuid4()), send(programme, uuid4())

    assert first.number != second.number


def test_key_of_somebody_elses_form_is_a_form_of_ones_own(programme):
    key = uuid4()
    mine = send(programme, key)

    theirs = send(programme, key, user=programme.colleague)

    assert (mine.requester, theirs.requester) == (programme.requester, programme.colleague)
    assert mine.pk != theirs.pk


def test_form_of_a_request_that_was_handed_in_is_refused_with_its_number(programme):
    key = uuid4()
    draft = send(programme, key)
    intake.submit(request_id=draft.pk, user=programme.requester)

    with pytest.raises(TransitionRefused) as refused:
        send(programme, key, title="Coastline")

    assert refused.value.codes == ("form_already_sent",)
    state = str(State.SUBMITTED.label).lower()
    assert (draft.number in str(refused.value), state in str(refused.value)) == (True, True)
    assert ImageryRequest.objects.get().title == world.ANSWERS["title"]


def test_who_may_not_ask_sends_no_form(programme):
    with pytest.raises(PermissionDenied):
        send(programme, uuid4(), user=programme.stranger)

    assert SentForm.objects.count() == 0


def test_database_keeps_one_request_by_form(programme):
    key = uuid4()
    request = send(programme, key)

    with (
        pytest.raises(IntegrityError, match="form_becomes_one_request"),
        transaction.atomic(),
    ):
        SentForm.objects.create(owner=programme.requester, key=key, request=request)


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def requester(programme, client):
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")
    return client


def typed(programme, key, **changed):
    area = world.area_of(programme.requester)
    return answers(programme, area_id=area.pk) | {"form_key": key} | changed


def test_form_has_a_key_of_its_own(requester):
    first, second = (requester.get(NEW).context["form_page"].key for _ in range(2))

    assert first != second


def test_second_sending_leads_to_the_first_ones_draft(requester, programme):
    key = requester.get(NEW).context["form_page"].key

    first, second = (requester.post(NEW, typed(programme, key)) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.url == second.url == ImageryRequest.objects.get().get_absolute_url()


def test_form_that_its_address_names_is_the_same_one(requester):
    key = uuid4()

    response = requester.get(NEW, {"form": str(key)})

    assert response.context["form_page"].key == key


def test_key_stays_while_the_form_is_mended(requester, programme):
    key = uuid4()

    response = requester.post(NEW, typed(programme, key, title=""))

    assert errors(response) == {"title": ["required"]}
    assert response.context["form_page"].key == key


def test_form_of_what_the_cell_has_keeps_what_was_typed_for_a_second_request(requester, programme):
    key = uuid4()
    requester.post(NEW, typed(programme, key))
    intake.submit(request_id=ImageryRequest.objects.get().pk, user=programme.requester)

    told = requester.post(NEW, typed(programme, key, title="Coastline"))
    assert errors(told) == {"__all__": ["form_already_sent"]}
    assert told.context["form"]["title"].value() == "Coastline"
    once_more = typed(programme, told.context["form_page"].key, title="Coastline")
    requester.post(NEW, once_more)

    assert [request.title for request in ImageryRequest.objects.order_by("pk")] == [
        world.ANSWERS["title"],
        "Coastline",
    ]


@pytest.mark.parametrize("key", ["", "no key", "1" * 5000])
def test_form_without_a_key_is_sent_all_the_same(requester, programme, key):
    response = requester.post(NEW, typed(programme, key))

    assert response.url == ImageryRequest.objects.get().get_absolute_url()


def test_copy_asked_for_twice_is_one_draft(requester, programme):
    source = world.submitted(programme)
    key = requester.get(source.get_absolute_url()).context["copy_key"]
    address = reverse("requests:copy", args=[source.number])

    first, second = (requester.post(address, {"form_key": key}) for _ in range(2))

    assert first.url == second.url != source.get_absolute_url()
    assert ImageryRequest.objects.count() == 2


def test_second_click_of_submit_says_that_it_is_submitted(requester, programme):
    request = world.draft(programme)
    address = reverse("requests:move", args=[request.number, "submit"])

    first, second = (requester.post(address, follow=True) for _ in range(2))

    told = [[str(line) for line in answer.context["messages"]] for answer in (first, second)]
    assert first.redirect_chain == second.redirect_chain == [(request.get_absolute_url(), 302)]
    assert told[0] == told[1]
    assert [record.transition for record in request.records.all()] == ["submit"]


def test_submission_of_another_is_told_as_such(programme, client):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)
    intake.submit(request_id=request.pk, user=programme.colleague)
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(reverse("requests:move", args=[request.number, "submit"]))

    assert response.status_code == 409

"""Two change one request: nothing is overwritten unseen, and nothing typed is lost."""

import pytest
from django.urls import reverse

from requests_app.models import ImageryRequest, UnfinishedForm
from tests.concurrency import second_waits_for_first
from tests.requests_app import world
from tests.requests_app.api.calling import Program, codes, program_of, secret_of
from tests.requests_app.form_posts import expert_answers, keep, of_page, opened, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(programme) -> ImageryRequest:
    return world.draft(programme)


def edit_of(draft) -> str:
    return reverse("requests:edit", args=[draft.number])


def version_of(page) -> int:
    return page.context["request_version"]


def send(client, programme, draft, version, **typed):
    sent = expert_answers(programme, area_id="", request_version=version, **typed)
    return post(client, sent, edit_of(draft))


def test_second_window_is_told_and_overwrites_nothing(requester, programme, draft):
    version = version_of(requester.get(edit_of(draft)))
    assert send(requester, programme, draft, version, title="First").status_code == 302

    late = send(requester, programme, draft, version, title="Second")

    draft.refresh_from_db()
    form = late.context["form"]
    assert (late.status_code, draft.title) == (200, "First")
    assert form.has_error("__all__", "changed_elsewhere")
    assert form["title"].value() == "Second"
    assert "Otherwise in the request by now: Title" in late.text


def test_whoever_was_told_puts_their_answers_in_place(requester, programme, draft):
    version = version_of(requester.get(edit_of(draft)))
    send(requester, programme, draft, version, title="First")
    told = version_of(send(requester, programme, draft, version, title="Second"))

    again = send(requester, programme, draft, told, title="Second")

    draft.refresh_from_db()
    assert (again.status_code, draft.title) == (302, "Second")


def test_form_that_was_kept_is_of_the_version_it_was_typed_over(requester, programme, draft):
    page = opened(requester, edit_of(draft))
    typed = of_page(page, title="Dunes", form_request=draft.number, request_version=0)
    keep(requester, **typed)
    send(requester, programme, draft, 0, title="First")

    back = requester.get(edit_of(draft), {"form": page.key})

    assert UnfinishedForm.objects.filter(key=page.key).exists()
    assert (version_of(back), back.context["form"]["title"].value()) == (0, "Dunes")


def test_check_button_keeps_the_version_that_was_seen(requester, programme, draft):
    send(requester, programme, draft, 0, title="First")

    checked = send(requester, programme, draft, 0, title="Second", check="1")

    assert version_of(checked) == 0


def test_form_sent_again_overwrites_nothing_that_was_changed_since(requester, programme):
    page = opened(requester)
    sent = of_page(page) | expert_answers(programme, title="First")
    post(requester, sent)
    made = ImageryRequest.objects.get()
    send(requester, programme, made, 0, title="Changed")

    again = post(requester, sent)

    made.refresh_from_db()
    assert again.context["form"].has_error("__all__", "form_already_sent")
    assert (made.title, ImageryRequest.objects.count()) == ("Changed", 1)


def test_program_changes_the_version_it_has_read(programme, draft):
    program = program_of(programme.requester)
    read = program.get(f"/requests/{draft.number}").json()["version"]
    program.headers["if-match"] = f'"{read}"'
    path = f"/requests/{draft.number}"
    assert program.patch(path, {"title": "First"}).json()["version"] == read + 1

    late = program.patch(path, {"title": "Second"})

    draft.refresh_from_db()
    assert (late.status_code, codes(late), draft.title) == (412, ["changed_elsewhere"], "First")


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_programs_at_once_lose_nothing_of_each_other(committed_programme):
    draft = world.draft(committed_programme)
    secret = secret_of(committed_programme.requester)
    Program(secret).get("/sensors")  # the day of use is noted

    def change(**said):
        return lambda: Program(secret).patch(f"/requests/{draft.number}", said)

    race = second_waits_for_first(
        change(title="Dunes"),
        change(maximum_cloud_percent=5),
        at='SELECT "requests_app_imageryrequest"',
    )

    race.assert_second_waited()
    answers = (race.winner.result().status_code, race.loser.result().status_code)
    draft.refresh_from_db()
    assert answers == (200, 200)
    assert (draft.title, draft.maximum_cloud_percent, draft.answers_version) == ("Dunes", 5, 2)

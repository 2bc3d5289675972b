"""Writing about a request in a browser, with and without a file that is refused; and its looks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload

from eligibility.models import User
from requests_app.intake import services as intake
from requests_app.messages.services import write_message
from requests_app.models import ImageryRequest, Message
from requests_app.review import services as review
from tests.browser.inspection import VIEWS, View, Window, inspect, new_context, open_window
from tests.browser.people import Person, another_page, file_of
from tests.requests_app import world
from tests.requests_app.attached import pdf, upload

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

TEXT = "Bonjour,\n\nla campagne peut-elle être avancée en juin ?"
WRITE = "#write summary"


def letter(name: str = "lettre d’engagement.pdf") -> FilePayload:
    return file_of(name, pdf())


def send(somebody: Person) -> None:
    with another_page(somebody.page):
        somebody.page.click("#write .form__actions button")


def test_a_message_with_a_file_reaches_the_other_side(
    person: Callable[..., Person], programme: world.Programme, tmp_path: Any
):
    request = world.in_review(programme)
    requester, reviewer = person("requester"), person("reviewer")

    # A file that is refused loses no word.
    requester.open_request(request.number)
    requester.page.click(WRITE)
    requester.page.fill("#id_text", TEXT)
    requester.page.set_input_files("#id_attachments", file_of("lettre.exe", b"MZ"))
    send(requester)
    assert requester.page.locator(".form-errors li").count() == 1
    assert requester.page.input_value("#id_text") == TEXT
    requester.page.set_input_files("#id_attachments", [letter(), file_of("notes.txt", b"Juin.")])
    send(requester)

    # It stands on the page, and the other side fetches the file.
    message = Message.objects.get()
    assert message.text.content == TEXT
    assert requester.page.url.endswith(f"#{message.anchor}")
    assert requester.page.locator(f"#{message.anchor} a[download]").count() == 2
    reviewer.open_request(request.number)
    with reviewer.page.expect_download() as fetched:
        reviewer.page.click(f"#{message.anchor} a[download] >> nth=0")
    assert fetched.value.suggested_filename == "lettre d’engagement.pdf"
    fetched.value.save_as(tmp_path / "fetched.pdf")
    assert (tmp_path / "fetched.pdf").read_bytes() == pdf()

    # A note of the cell is on the officers' pages alone.
    reviewer.page.click(WRITE)
    reviewer.page.fill("#id_text", "Trop vague pour la commission.")
    reviewer.page.check('input[name="kind"][value="internal"]')
    send(reviewer)
    assert "Trop vague" in reviewer.page.locator("main").inner_text()
    requester.open_request(request.number)
    assert "Trop vague" not in requester.page.locator("main").inner_text()


def test_a_message_is_written_with_the_keyboard_alone(
    person: Callable[..., Person], programme: world.Programme
):
    request = world.in_review(programme)
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:messages", args=[request.number]))

    page.focus("#id_text")
    page.keyboard.type("Avec le clavier.")
    for _ in range(2):
        page.keyboard.press("Tab")
    with another_page(page):
        page.keyboard.press("Enter")

    assert Message.objects.get().text.content == "Avec le clavier."


# --- Looks ----------------------------------------------------------------------------------------


def exchange(programme: world.Programme) -> ImageryRequest:
    """A revised request with messages whose words and names are as long as they may be."""
    request = world.in_review(programme)
    review.request_information(
        request_id=request.pk, user=programme.reviewer, question="Which season?"
    )
    answers = world.ANSWERS | {"purpose": "Toitures, voiries\net plantations. " * 20}
    area = world.area_of(programme.requester, world.square(size_deg=0.07))
    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=answers,
        area=area,
    )
    intake.answer(
        request_id=request.pk, user=programme.requester, text="Juin.", attachments=[upload()]
    )
    for user, kind in ((programme.requester, "shared"), (programme.reviewer, "internal")):
        write_message(
            request_id=request.pk,
            user=user,
            text="Mot" * 400 + "\n\nUne ligne.\nUne autre.",
            kind=kind,
            attachments=[upload("x" * 300 + ".pdf"), upload("تقرير المشروع.pdf")],
        )
    return request


def seen_by(browser: Browser, base: str, view: View, user: User) -> Window:
    User.objects.filter(pk=user.pk).update(language=view.language)
    window = open_window(new_context(browser, base, view))
    Person(window.page, base, window.console).sign_in(user)
    return window


@pytest.mark.parametrize("role", ["requester", "reviewer"])
@pytest.mark.parametrize("view", VIEWS[::3], ids=str)
def test_pages_of_an_exchange_are_sound(
    browser: Browser, base: str, programme: world.Programme, view: View, role: str
):
    request, found = exchange(programme), {}
    window = seen_by(browser, base, view, programme.people[role])
    page = window.page

    page.goto(base + request.get_absolute_url())
    page.click(WRITE)
    found["detail"] = inspect(window)
    assert page.locator("[data-map]").count() == 2
    page.goto(base + reverse("requests:messages", args=[request.number]))
    found["messages"] = inspect(window)
    page.set_input_files("#id_attachments", file_of("page.html", b"<html>"))
    with another_page(page):
        page.click("#write .form__actions button")
    found["refused"] = inspect(window)

    assert found == {"detail": [], "messages": [], "refused": []}


@pytest.mark.parametrize("view", VIEWS[::3], ids=str)
def test_changes_not_sent_yet_and_the_answer_are_sound(
    browser: Browser, base: str, programme: world.Programme, view: View
):
    request, found = exchange(programme), {}
    review.request_information(request_id=request.pk, user=programme.reviewer, question="And?")
    area = world.area_of(programme.requester, world.square(size_deg=0.06))
    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=world.ANSWERS,
        area=area,
    )
    window = seen_by(browser, base, view, programme.requester)

    window.page.goto(base + request.get_absolute_url())
    found["detail"] = inspect(window)
    window.page.goto(base + reverse("requests:move", args=[request.number, "answer"]))
    found["answer"] = inspect(window)

    assert found == {"detail": [], "answer": []}

"""Messages on the pages of a request: written, shown, and the latest of many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.intake import services as intake
from requests_app.models import Message, MessageText
from requests_app.models.message import MESSAGES_SHOWN
from tests.requests_app import after, world
from tests.requests_app.api.calling import program_of
from tests.requests_app.attached import posted, upload
from tests.requests_app.messages.writing import INTERNAL, SHARED, address, post, write
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db


# --- The page -------------------------------------------------------------------------------------


def test_message_is_sent_and_leads_to_it(programme, client):
    request = world.submitted(programme)

    response = post(
        client, programme.requester, request, text="One.\r\nTwo.", attachments=[posted()]
    )

    message = Message.objects.get()
    assert response["Location"] == f"{request.get_absolute_url()}#message-{message.pk}"
    assert message.text.content == "One.\nTwo."
    assert f'id="message-{message.pk}"' in client.get(request.get_absolute_url()).text


def test_officer_chooses_who_reads(programme, client):
    request = world.submitted(programme)

    post(client, programme.reviewer, request, text="Too vague.", kind="internal")
    post(client, programme.reviewer, request, text="Too vague.", kind="shared")

    assert list(Message.objects.values_list("kind", flat=True)) == ["internal", "shared"]


@pytest.mark.parametrize("kind", ["", "public"])
def test_officer_must_say_who_reads(programme, client, kind):
    request = world.submitted(programme)

    response = post(client, programme.reviewer, request, text="Too vague.", kind=kind)

    assert set(response.context["message_form"].errors) == {"kind"}
    assert Message.objects.count() == 0


def test_requester_who_forges_a_note_sends_a_message(programme, client):
    request = world.submitted(programme)

    post(client, programme.requester, request, text="Too vague.", kind="internal", cell="1")

    message = Message.objects.get()
    assert (message.kind, message.cell) == (SHARED, None)


def test_text_stays_where_a_file_is_refused(programme, client):
    request = world.submitted(programme)

    response = post(
        client, programme.requester, request,
        text="A <b>long</b> letter", attachments=[posted(), posted("page.html", b"<html>")],
    )  # fmt: skip

    assert response.status_code == 409
    assert "A &lt;b&gt;long&lt;/b&gt; letter</textarea>" in response.text
    assert "“page.html” is of a kind that is not accepted. Accepted: PDF" in response.text
    assert "Choose the files again" in response.text
    assert Message.objects.count() == 0


def test_limit_counts_an_end_of_line_once(programme, client):
    request = world.submitted(programme)
    text = "a" * 3_998 + "\r\nb"

    assert post(client, programme.requester, request, text=text).status_code == 302
    assert post(client, programme.requester, request, text=text + "c").status_code == 200
    assert len(MessageText.objects.get().content) == 4_000


def test_markup_is_text(programme, client):
    request = world.submitted(programme)
    write(request, programme.requester, "<script>alert(1)</script>\nTwo")
    client.force_login(programme.reviewer)

    page = client.get(request.get_absolute_url()).text

    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>Two</p>" in page


def test_who_may_answer_is_sent_to_the_answer(programme, client):
    request = after.asked(programme)
    answer = f'href="{reverse("requests:move", args=[request.number, "answer"])}"'

    def says(person):
        client.force_login(person)
        page = client.get(address(request), headers={"accept-language": "en"}).text
        return answer in page, "Write a message without answering" in page

    assert says(programme.requester) == (True, True)
    assert says(programme.reviewer) == (False, False)


def test_draft_has_no_form_and_colleagues_none(programme, client):
    draft, request = world.draft(programme), world.submitted(programme)

    def form(person, of):
        client.force_login(person)
        return client.get(of.get_absolute_url()).context["message_form"]

    assert form(programme.requester, draft) is None
    assert form(programme.colleague, request) is None
    assert form(programme.requester, request) is not None


def test_message_of_a_request_taken_back_stays_readable(programme, client):
    request = world.submitted(programme)
    write(request, programme.requester, "Wait, please.")

    intake.recall(request_id=request.pk, user=programme.requester)

    client.force_login(programme.requester)
    assert "Wait, please." in text_of(client.get(address(request)))


@pytest.mark.parametrize("page", ["requests:detail", "requests:messages"])
@pytest.mark.parametrize("role", ["requester", "chair"])
def test_page_asks_the_same_of_one_message_and_of_three(programme, client, page, role):
    request = world.in_review(programme)
    client.force_login(programme.people[role])

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(page, args=[request.number]))
        return len(asked)

    def exchange():
        write(request, programme.requester, attachments=[upload()])
        write(request, programme.reviewer, attachments=[upload(), upload("b.pdf")])
        write(request, programme.chair, kind=INTERNAL, attachments=[upload()])

    exchange()
    one = queries()
    exchange()
    exchange()

    assert queries() == one


# --- How many a page shows ------------------------------------------------------------------------


@pytest.fixture
def long_thread(programme):
    """Five messages more than a page shows, and two notes of the cell among them."""
    request = world.in_review(programme)
    written = [
        Message(request=request, author=programme.requester) for _ in range(MESSAGES_SHOWN + 5)
    ]
    Message.objects.bulk_create(written)
    for _ in range(2):
        write(request, programme.reviewer, kind=INTERNAL)
    return request


def pages_of(client, request):
    """The anchors of each page, from the latest on."""
    address_of_page, found = address(request), []
    while address_of_page:
        story = client.get(address_of_page).context["story"]
        found.append([step.anchor for step in story.steps if step.anchor])
        earlier = story.earlier_before
        address_of_page = f"{address(request)}?before={earlier}" if earlier else ""
    return found


@pytest.mark.parametrize(("role", "on_pages"), [("requester", [100, 5]), ("reviewer", [100, 7])])
def test_page_shows_the_latest_messages_and_leads_to_the_others(
    client, programme, long_thread, role, on_pages
):
    client.force_login(programme.people[role])

    pages = pages_of(client, long_thread)

    readable = Message.objects.visible_to(programme.people[role]).order_by("pk")
    assert [len(page) for page in pages] == on_pages
    assert [*pages[1], *pages[0]] == [message.anchor for message in readable]


def test_program_reads_the_latest_messages_and_goes_on(programme, long_thread):
    program, path = program_of(programme.requester), f"/requests/{long_thread.number}/messages"

    first = program.get(path).json()
    rest = program.get(path, {"before": first["earlier_before"]}).json()

    assert (len(first["items"]), len(rest["items"]), rest["earlier_before"]) == (100, 5, None)


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "١"])
def test_message_that_is_none_leads_to_the_latest(client, programme, before):
    request = world.in_review(programme)
    client.force_login(programme.requester)

    assert client.get(address(request), {"before": before}).status_code == 200

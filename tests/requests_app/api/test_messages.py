"""Messages, their files, revisions and notices over JSON."""

import base64

import pytest
from django.utils import timezone

from notices.models import Notice
from requests_app.models import Attachment, Message
from tests.requests_app import world
from tests.requests_app.api.calling import codes, fields, program_of
from tests.requests_app.attached import image

pytestmark = pytest.mark.django_db


def png(name: str = "scan.png", data: bytes | None = None) -> dict[str, str]:
    content = base64.b64encode(image("PNG") if data is None else data).decode()
    return {"name": name, "content_base64": content}


def texts(program, request) -> list[str]:
    return [
        each["note"] for each in program.get(f"/requests/{request.number}/messages").json()["items"]
    ]


def test_message_is_written_and_read_by_the_other_side(programme, requester):
    request = world.in_review(programme)
    path = f"/requests/{request.number}/messages"

    written = requester.post(path, {"text": "Is July possible?"})

    (told,) = program_of(programme.reviewer).get(path).json()["items"]
    assert (written.status_code, written.json()["kind"]) == (201, "shared")
    assert (told["note"], told["by"], told["is_internal"], told["is_message"]) == (
        "Is July possible?", "Requester", False, True,
    )  # fmt: skip


def test_program_is_told_that_about_a_draft_nothing_can_be_written(programme, requester):
    draft = world.draft(programme)

    told = requester.get(f"/requests/{draft.number}/messages").json()

    assert told == {"items": [], "kinds": [], "earlier_before": None}


def test_internal_note_is_read_by_the_cell_alone(programme, requester):
    request = world.in_review(programme)
    path = f"/requests/{request.number}/messages"
    officer = program_of(programme.reviewer)

    officer.post(path, {"text": "A doubt.", "kind": "internal", "attachments": [png()]})

    key = Attachment.objects.get().key
    assert texts(officer, request) == ["A doubt."]
    assert texts(requester, request) == []
    story = requester.get(f"/requests/{request.number}/story")
    assert "A doubt." not in story.content.decode()
    assert [
        program.get(f"/requests/{request.number}/attachments/{key}").status_code
        for program in (officer, requester)
    ] == [200, 404]


def test_requester_leaves_no_internal_note(programme, requester):
    request = world.in_review(programme)
    path = f"/requests/{request.number}/messages"

    response = requester.post(path, {"text": "Mine.", "kind": "internal"})

    assert (response.status_code, codes(response)) == (403, ["not_allowed"])
    assert requester.get(path).json()["kinds"] == ["shared"]
    assert Message.objects.count() == 0


def test_file_is_attached_and_fetched_as_it_was(programme, requester):
    request = world.in_review(programme)
    text = {"name": "notes.txt", "content": "Sète"}

    requester.post(f"/requests/{request.number}/messages", {"attachments": [png(), text]})

    story = program_of(programme.reviewer).get(f"/requests/{request.number}/story").json()
    files = story["steps"][-1]["files"]
    found = [requester.client.get(each["href"], headers=requester.headers) for each in files]
    assert [each["name"] for each in files] == ["scan.png", "notes.txt"]
    assert [each.content for each in found] == [image("PNG"), "Sète".encode()]
    assert {each["X-Content-Type-Options"] for each in found} == {"nosniff"}
    assert all(each["Content-Disposition"].startswith("attachment") for each in found)


@pytest.mark.parametrize(
    ("body", "status", "wrong"),
    [
        ({}, 409, {"": "message_empty"}),
        ({"text": "x" * 4_001}, 422, {"text": "string_too_long"}),
        ({"text": "a\x00b"}, 422, {"text": "null_characters_not_allowed"}),
        ({"text": "a", "kind": "loud"}, 422, {"kind": "literal_error"}),
        ({"attachments": [{"name": "a.txt"}]}, 422, {"attachments.0": "file_content"}),
        (
            {"attachments": [{"name": "a.txt", "content_base64": "abc"}]},
            422,
            {"attachments.0": "base64"},
        ),
        (
            {"attachments": [{"name": "a.txt", "content_base64": "é"}]},
            422,
            {"attachments.0.content_base64": "string_pattern_mismatch"},
        ),
    ],
)
def test_message_that_cannot_be_kept_says_why(programme, requester, body, status, wrong):
    request = world.in_review(programme)

    response = requester.post(f"/requests/{request.number}/messages", body)

    assert (response.status_code, fields(response)) == (status, wrong)
    assert Message.objects.count() == 0


def test_file_that_is_not_what_it_is_called_is_refused(programme, requester):
    request = world.in_review(programme)
    body = {"text": "Look.", "attachments": [png(data=b"MZ not an image")]}

    response = requester.post(f"/requests/{request.number}/messages", body)

    assert (response.status_code, Message.objects.count()) == (409, 0)


def test_message_with_one_key_is_sent_once(programme, requester):
    request = world.in_review(programme)

    for _ in range(2):
        requester.post(f"/requests/{request.number}/messages", {"text": "Once."}, key="k-1")

    assert texts(requester, request) == ["Once."]


@pytest.mark.parametrize("key", ["", "not-a-key", "00000000-0000-4000-8000-000000000000"])
def test_attachment_under_no_key_is_not_there(programme, requester, key):
    request = world.in_review(programme)

    response = requester.get(f"/requests/{request.number}/attachments/{key}")

    assert (response.status_code, codes(response)) == (404, ["not_found"])


def test_attachment_is_found_under_its_own_request_alone(programme, requester):
    request = world.in_review(programme)
    other = world.submitted(programme, aoi=world.square(west=5))
    requester.post(f"/requests/{request.number}/messages", {"attachments": [png()]})
    key = Attachment.objects.get().key

    answers = [
        requester.get(f"/requests/{each.number}/attachments/{key}") for each in (request, other)
    ]

    assert [response.status_code for response in answers] == [200, 404]


# --- Revisions ------------------------------------------------------------------------------------


def test_revision_tells_what_was_and_what_is(programme, requester):
    request = world.in_review(programme)
    program_of(programme.reviewer).post(
        f"/requests/{request.number}/do/request_information", {"question": "Which title?"}
    )
    path = f"/requests/{request.number}"
    area = world.area_of(programme.requester, world.square(size_deg=0.1))
    requester.patch(path, {"title": "Hedges", "area_id": area.pk})
    before = requester.get(f"{path}/revisions").json()

    requester.post(f"{path}/do/answer", {"text": "This one."})

    told = requester.get(f"{path}/revisions").json()
    (revision,) = told["items"]
    assert (before["items"], told["not_handed_in"]) == ([], None)
    assert before["not_handed_in"]["differences"] == revision["differences"]
    assert [(each["label"], each["after"]) for each in revision["differences"]] == [
        ("Title", "Hedges")
    ]
    assert (revision["number"], revision["by"], revision["is_erased"]) == (1, "Requester", False)
    assert (revision["area"]["before_km2"], revision["area"]["after_km2"]) == (
        str(request.area_km2), str(area.area_km2),
    )  # fmt: skip


# --- Notices --------------------------------------------------------------------------------------


@pytest.fixture
def notices(programme):
    request = world.submitted(programme)
    return [
        Notice.objects.create(
            key=f"notice-{place}",
            reader=reader,
            kind="progress",
            subjects={"en": f"Notice {place}", "fr": f"Avis {place}"},
            path=request.get_absolute_url(),
            request=request,
            delivery="here",
        )
        for place, reader in enumerate([programme.requester] * 3 + [programme.colleague])
    ]


def test_notices_are_mine_newest_first_by_pages(notices, requester):
    notices[0].read_at = timezone.now()
    notices[0].save(update_fields=["read_at"])

    page = requester.get("/notices", {"limit": 2}).json()
    rest = requester.get("/notices", {"cursor": page["next_cursor"]}).json()
    unread = requester.get("/notices", {"unread": True, "kind": "progress"}).json()

    assert [each["subject"] for each in page["items"]] == ["Notice 2", "Notice 1"]
    assert [(each["subject"], each["is_read"]) for each in rest["items"]] == [("Notice 0", True)]
    assert [each["subject"] for each in unread["items"]] == ["Notice 2", "Notice 1"]
    assert Notice.objects.filter(read_at=None).count() == 3


@pytest.mark.parametrize("read", [1, 3])
def test_list_of_notices_costs_the_same_queries(
    notices, requester, django_assert_num_queries, read
):
    requester.get("/notices", {"limit": read})

    # The token, the posts of its person, the rows.
    with django_assert_num_queries(3):
        requester.get("/notices", {"limit": read})

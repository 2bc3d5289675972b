"""Where attached files are kept, who fetches them and how they leave."""

import hashlib
import os
import time

import pytest
from django.urls import reverse
from django.utils import timezone

from requests_app.attachments.storing import ORPHAN_AFTER, sweep
from requests_app.intake import services as intake
from requests_app.messages.services import write_message
from requests_app.models import Attachment, AttachmentName, Message, MessageKind
from tests.requests_app import after, world
from tests.requests_app.attached import WHOLE, pdf, posted, upload
from tests.requests_app.books import refused

pytestmark = pytest.mark.django_db


def stored(storage):
    return sorted(path for path in storage.rglob("*") if path.is_file())


def sent(programme, *files, role="requester", kind=MessageKind.SHARED):
    request = world.in_review(programme)
    user = programme.people[role]
    return write_message(
        request_id=request.pk, user=user, text="Here.", kind=kind, attachments=files or [upload()]
    )


def address(attachment):
    number = attachment.message.request.number
    return reverse("requests:attachment", args=[number, attachment.key])


# --- Keeping --------------------------------------------------------------------------------------


def test_file_is_kept_whole_under_a_key_that_tells_nothing(programme, storage):
    message = sent(programme, upload("secret plan.pdf"))

    attachment = message.attachments.get()
    (path,) = stored(storage)
    assert path.relative_to(storage).as_posix() == (
        f"attachments/{attachment.key.hex[:2]}/{attachment.key.hex}"
    )
    assert path.read_bytes() == pdf()
    assert (attachment.kind, attachment.size_bytes, attachment.sha256) == (
        "pdf", len(pdf()), hashlib.sha256(pdf()).hexdigest(),
    )  # fmt: skip
    assert attachment.name.content == "secret plan.pdf"


def test_one_refused_file_keeps_the_whole_message_back(programme, storage):
    request = world.in_review(programme)

    with refused("attachment_other_content"):
        write_message(
            request_id=request.pk,
            user=programme.requester,
            text="Here.",
            attachments=[upload(), upload("scan.png")],
        )

    assert stored(storage) == []


def test_request_takes_so_many_files(programme, settings):
    settings.ORBITRAGE_ATTACHMENTS_PER_REQUEST = 3
    request = sent(programme, upload("a.pdf"), upload("b.pdf")).request

    def send(*files):
        return write_message(request_id=request.pk, user=programme.reviewer, attachments=files)

    with refused("attachments_full"):
        send(upload("c.pdf"), upload("d.pdf"))
    send(upload("c.pdf"))
    assert Attachment.objects.count() == 3


def test_no_refusal_counts_the_files_of_internal_notes(programme, settings):
    settings.ORBITRAGE_ATTACHMENTS_PER_REQUEST = 1
    request = sent(programme, role="reviewer", kind=MessageKind.INTERNAL).request

    write_message(request_id=request.pk, user=programme.requester, attachments=[upload()])

    with refused("attachments_full"):
        write_message(request_id=request.pk, user=programme.requester, attachments=[upload()])


def aged(path):
    long_ago = time.time() - ORPHAN_AFTER.total_seconds() - 1
    os.utime(path, (long_ago, long_ago))


def test_file_without_a_row_is_swept_after_a_day(programme, storage, settings):
    sent(programme)
    (kept,) = stored(storage)
    settings.ORBITRAGE_ATTACHMENTS_PER_REQUEST = 1
    request = Message.objects.get().request
    with refused("attachments_full"):
        write_message(request_id=request.pk, user=programme.reviewer, attachments=[upload()])
    (orphan,) = set(stored(storage)) - {kept}
    half = storage / "attachments" / ".aside" / f"{orphan.name}.abc"
    half.write_bytes(b"half")
    for path in (kept, half):
        aged(path)

    assert sweep() == 1
    assert stored(storage) == sorted([kept, orphan])
    aged(orphan)
    assert sweep() == 1
    assert stored(storage) == [kept]


def erase_name(attachment):
    AttachmentName.objects.filter(pk=attachment.pk).update(
        content=None, erased_at=timezone.now(), erasure_reason="personal_data"
    )


def test_file_goes_with_its_name(programme, client, storage):
    attachment = sent(programme).attachments.get()
    aged(stored(storage)[0])
    client.force_login(programme.requester)

    erase_name(attachment)

    assert client.get(address(attachment)).status_code == 404
    assert "letter.pdf" not in client.get(attachment.message.request.get_absolute_url()).text
    assert sweep() == 1
    assert stored(storage) == []


# --- Fetching -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHOLE)
def test_file_leaves_to_be_kept_and_never_shown(programme, client, name):
    kind, data = WHOLE[name]
    attachment = sent(programme, upload(name, data)).attachments.get()
    client.force_login(programme.reviewer)

    response = client.get(address(attachment))

    assert response.content == data
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert (
        response["Content-Type"]
        == {
            "pdf": "application/pdf",
            "png": "image/png",
            "jpeg": "image/jpeg",
            "tiff": "image/tiff",
            "odt": "application/vnd.oasis.opendocument.text",
            "ods": "application/vnd.oasis.opendocument.spreadsheet",
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "csv": "text/csv",
            "txt": "text/plain",
            "geojson": "application/geo+json",
            "zip": "application/zip",
        }[kind]
    )


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Été.pdf", "attachment; filename*=utf-8''%C3%89t%C3%A9.pdf"),
        ("תוכנית.pdf", "attachment; filename*=utf-8''%D7%AA%D7%95%D7%9B%D7%A0%D7%99%D7%AA.pdf"),
        ('a"; x=".pdf', 'attachment; filename="a_; x=_.pdf"'),
    ],
)
def test_any_name_is_a_name_in_the_header(programme, client, name, header):
    attachment = sent(programme, upload(name)).attachments.get()
    client.force_login(programme.reviewer)

    assert client.get(address(attachment))["Content-Disposition"] == header


def test_altered_file_is_not_given_out(programme, client, storage, caplog):
    attachment = sent(programme).attachments.get()
    stored(storage)[0].write_bytes(pdf() + b" ")
    client.force_login(programme.reviewer)

    response = client.get(address(attachment))

    assert response.status_code == 503
    assert "letter.pdf" in response.text
    assert str(attachment.key) in caplog.text


SHARED = {
    "requester": 200, "colleague": 200, "entity_contact": 200, "legal_representative": 200,
    "reviewer": 200, "arbitrator": 200, "chair": 200, "supply_officer": 200,
    "secretariat": 200, "observer": 200, "stranger": 404,
}  # fmt: skip
OF_OFFICERS = ("reviewer", "arbitrator", "chair", "supply_officer", "secretariat")


def statuses(programme, client, attachment):
    found = {}
    for role, person in programme.people.items():
        client.force_login(person)
        found[role] = client.get(address(attachment)).status_code
    return found


def test_file_of_a_message_is_for_who_sees_the_request(programme, client):
    attachment = sent(programme).attachments.get()

    assert statuses(programme, client, attachment) == SHARED


def test_file_of_an_internal_note_is_for_officers_alone(programme, client):
    note = sent(programme, role="reviewer", kind=MessageKind.INTERNAL)

    found = statuses(programme, client, note.attachments.get())

    assert found == {role: 200 if role in OF_OFFICERS else 404 for role in programme.people}


def test_file_is_found_under_its_own_request_alone(programme, client):
    attachment = sent(programme).attachments.get()
    other = world.submitted(programme, aoi=world.square(west=2.0))
    client.force_login(programme.requester)

    address_of_other = reverse("requests:attachment", args=[other.number, attachment.key])

    assert client.get(address(attachment)).status_code == 200
    assert client.get(address_of_other).status_code == 404


def test_file_of_a_request_taken_back_is_closed_to_the_cell(programme, client):
    request = world.submitted(programme)
    message = write_message(request_id=request.pk, user=programme.requester, attachments=[upload()])
    attachment = message.attachments.get()
    client.force_login(programme.reviewer)
    assert client.get(address(attachment)).status_code == 200

    intake.recall(request_id=request.pk, user=programme.requester)

    assert client.get(address(attachment)).status_code == 404


# --- With an answer -------------------------------------------------------------------------------


def test_answer_brings_its_files(programme, client):
    request = after.asked(programme)
    client.force_login(programme.requester)

    response = client.post(
        reverse("requests:move", args=[request.number, "answer"]),
        {"text": "Here is the letter.", "attachments": [posted()]},
    )

    assert response.status_code == 302
    message = Message.objects.get()
    assert message.record == request.records.latest("pk")
    assert message.attachments.get().name.content == "letter.pdf"
    page = client.get(request.get_absolute_url())
    (step,) = [step for step in page.context["story"].steps if step.files]
    assert step.note == "Here is the letter."
    assert [file.name for file in step.files] == ["letter.pdf"]


def test_refused_file_keeps_the_answer_and_loses_no_word(programme, client):
    request = after.asked(programme)
    client.force_login(programme.requester)

    response = client.post(
        reverse("requests:move", args=[request.number, "answer"]),
        {"text": "Here is the letter.", "attachments": [posted("letter.exe", b"MZ")]},
        headers={"accept-language": "en"},
    )

    assert response.status_code == 409
    assert "Here is the letter.</textarea>" in response.text
    assert "“letter.exe” is of a kind that is not accepted." in response.text
    assert "Choose the files again" in response.text
    assert Message.objects.count() == 0
    assert request.records.latest("pk").transition == "request_information"

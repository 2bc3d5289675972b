"""The database itself: what was written stays, and its words can only be emptied."""

import pytest
from django.utils import timezone

from requests_app.intake.services import offers
from requests_app.messages.services import write_message
from requests_app.models import (
    Attachment,
    AttachmentName,
    Message,
    MessageText,
    RequestRevision,
    RevisionContent,
)
from tests.requests_app import world
from tests.requests_app.attached import upload
from tests.requests_app.books import stopped_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(programme):
    """A message with its file, and a revision."""
    request = world.offered(programme)
    write_message(
        request_id=request.pk,
        user=programme.requester,
        text="My number is 5.",
        attachments=[upload()],
    )
    return offers.accept_offer(request_id=request.pk, user=programme.requester)


STAYS = [
    (Message, {"kind": "shared"}, "message_append_only"),
    (Attachment, {"size_bytes": 1}, "attachment_append_only"),
    (RequestRevision, {"number": 2}, "revision_append_only"),
]


@pytest.mark.parametrize(("model", "change", "constraint"), STAYS)
def test_row_is_not_changed(written, model, change, constraint):
    with stopped_by(constraint):
        model.objects.update(**change)


@pytest.mark.parametrize(("model", "change", "constraint"), STAYS)
def test_row_is_not_deleted(written, model, change, constraint):
    with stopped_by(constraint):
        model.objects.all()._raw_delete("default")


EMPTIED = [
    (MessageText, "message_text_only_emptied", "Other words."),
    (AttachmentName, "attachment_name_only_emptied", "other.pdf"),
    (RevisionContent, "revision_content_only_emptied", {"title": ["a", "b"]}),
]
BY = {"erased_at": timezone.now(), "erasure_reason": "personal_data"}


@pytest.mark.parametrize(("model", "constraint", "other"), EMPTIED)
def test_words_are_emptied_once(written, model, constraint, other):
    model.objects.update(content=None, **BY)

    assert model.objects.get().content is None
    with stopped_by(constraint):
        model.objects.update(content=None, **BY)
    with stopped_by(constraint):
        model.objects.update(content=other)


@pytest.mark.parametrize(("model", "constraint", "other"), EMPTIED)
def test_words_are_not_rewritten(written, model, constraint, other):
    with stopped_by(constraint):
        model.objects.update(content=other, **BY)


@pytest.mark.parametrize(("model", "constraint", "other"), EMPTIED)
@pytest.mark.parametrize("left_out", BY)
def test_words_are_not_emptied_without_saying_when_and_why(
    written, model, constraint, other, left_out
):
    said = {name: value for name, value in BY.items() if name != left_out}

    with stopped_by(constraint):
        model.objects.update(content=None, **said)


@pytest.mark.parametrize(("model", "constraint", "other"), EMPTIED)
def test_words_are_not_deleted(written, model, constraint, other):
    with stopped_by(constraint):
        model.objects.all().delete()


def test_words_do_not_move_to_another_message(written, programme):
    write_message(request_id=written.pk, user=programme.reviewer, attachments=[upload()])
    first, second = Message.objects.order_by("pk")

    with stopped_by("message_text_only_emptied"):
        MessageText.objects.filter(message=first).update(message=second, content=None, **BY)


# -- what must never be false ----------------------------------------------------------------------


def message(request, **fields):
    return Message.objects.create(request=request, author=request.requester, **fields)


def test_internal_note_is_of_a_cell(written):
    with stopped_by("internal_note_is_of_the_cell"):
        message(written, kind="internal")


def test_what_comes_with_a_move_is_no_internal_note(written):
    record = written.records.latest("pk")

    with stopped_by("internal_note_is_of_the_cell"):
        message(written, kind="internal", cell=written.cell, record=record)


def test_attachment_is_not_empty(written):
    with stopped_by("attachment_not_empty"):
        Attachment.objects.create(
            message=Message.objects.get(), kind="pdf", size_bytes=0, sha256="0" * 64
        )


def test_revision_has_both_areas_or_none(written):
    with stopped_by("revision_has_both_areas_or_none"):
        RequestRevision.objects.create(
            request=written,
            record=written.records.earliest("pk"),
            number=9,
            aoi_before=written.aoi,
            area_before_km2=1,
        )


def test_revision_is_numbered_once(written):
    with stopped_by("revision_numbered_once"):
        RequestRevision.objects.create(
            request=written, record=written.records.earliest("pk"), number=1
        )

"""The database itself: no move without its record, and what must never be false."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from requests_app.models import (
    AcquisitionShare,
    Delivery,
    ImageryRequest,
    Offer,
    TransitionNote,
    TransitionRecord,
    UploadedArea,
)
from requests_app.review import services as review
from tests.requests_app import world
from tests.requests_app.books import again, last_record, stopped_by

pytestmark = pytest.mark.django_db


# -- the state column ------------------------------------------------------------------------------


def test_bare_update_is_refused(programme):
    request = world.submitted(programme)

    with stopped_by("state_needs_record"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE requests_app_imageryrequest SET state = 'approved' WHERE id = %s",
            [request.pk],
        )

    assert again(request).state == "submitted"


def test_queryset_update_is_refused(programme):
    request = world.submitted(programme)

    with stopped_by("state_needs_record"):
        ImageryRequest.objects.filter(pk=request.pk).update(state="cancelled")

    assert again(request).state == "submitted"


def test_bulk_update_is_refused(programme):
    request = world.submitted(programme)
    request.__dict__["state"] = "cancelled"

    with stopped_by("state_needs_record"):
        ImageryRequest.objects.bulk_update([request], ["state"])

    assert again(request).state == "submitted"


def test_save_after_a_transition_without_its_record_is_refused(programme):
    request = ImageryRequest.objects.get(pk=world.submitted(programme).pk)
    request.take(reviewer_id=programme.reviewer.pk)

    with stopped_by("state_needs_record"):
        request.save(update_fields=["state", "reviewer"])

    assert again(request).state == "submitted"


def test_state_is_not_assigned(programme):
    request = ImageryRequest.objects.get(pk=world.submitted(programme).pk)

    with pytest.raises(AttributeError):
        request.state = "approved"


def test_other_columns_change_without_a_record(programme):
    request = world.submitted(programme)

    ImageryRequest.objects.filter(pk=request.pk).update(title="Other title")

    assert ImageryRequest.objects.get(pk=request.pk).title == "Other title"


def written(request, target):
    return TransitionRecord.objects.create(
        request=request, transition="test", source=request.state, target=target
    )


def test_record_of_another_move_does_not_help(programme):
    request = world.submitted(programme)
    written(request, "cancelled")

    with stopped_by("state_needs_record"):
        ImageryRequest.objects.filter(pk=request.pk).update(state="approved")


def test_record_of_another_request_does_not_help(programme):
    request = world.submitted(programme)
    written(world.submitted(programme), "cancelled")

    with stopped_by("state_needs_record"):
        ImageryRequest.objects.filter(pk=request.pk).update(state="cancelled")


def test_record_in_a_savepoint_helps(programme):
    request = world.submitted(programme)

    with transaction.atomic():
        written(request, "cancelled")
    with transaction.atomic():
        ImageryRequest.objects.filter(pk=request.pk).update(state="cancelled")

    assert again(request).state == "cancelled"


def test_record_in_a_savepoint_undone_does_not_help(programme):
    request = world.submitted(programme)
    with transaction.atomic():
        written(request, "cancelled")
        transaction.set_rollback(True)

    with stopped_by("state_needs_record"):
        ImageryRequest.objects.filter(pk=request.pk).update(state="cancelled")


def copy_of(request, **fields):
    """A new row with the columns of ``request``."""
    request = ImageryRequest.objects.get(pk=request.pk)
    request.pk, request.number = None, f"R{request.number[-6:]}x"
    request.__dict__.update(fields)
    return request


def test_request_is_not_inserted_in_another_state(programme):
    submitted = copy_of(world.submitted(programme))

    with stopped_by("born_a_draft"):
        submitted.save(force_insert=True)


def test_requests_are_not_inserted_in_bulk_in_another_state(programme):
    closed = copy_of(world.draft(programme), state="closed")

    with stopped_by("born_a_draft"):
        ImageryRequest.objects.bulk_create([closed])


# -- records and notes -----------------------------------------------------------------------------


def test_record_is_not_changed(programme):
    record = last_record(world.submitted(programme))

    with stopped_by("record_append_only"):
        TransitionRecord.objects.filter(pk=record.pk).update(author=None)


def test_record_is_not_deleted(programme):
    record = last_record(world.submitted(programme))

    with stopped_by("record_append_only"):
        TransitionRecord.objects.filter(pk=record.pk).delete()


@pytest.fixture
def note(programme):
    request = world.in_review(programme)
    review.request_information(
        request_id=request.pk, user=programme.reviewer, question="Whose house is it?"
    )
    return TransitionNote.objects.filter(pk=last_record(request).note.pk)


def erase(note):
    note.update(content=None, erased_at=timezone.now(), erasure_reason="personal_data")


def test_note_is_emptied_once(note):
    erase(note)

    assert note.get().content is None
    with stopped_by("note_only_emptied"):
        erase(note)


def test_note_is_not_rewritten(note):
    with stopped_by("note_only_emptied"):
        note.update(content="Something else.")


def test_note_is_not_emptied_without_saying_why(note):
    with stopped_by("note_only_emptied"):
        note.update(content=None, erased_at=timezone.now())


def test_note_is_not_emptied_without_saying_when(note):
    with stopped_by("note_only_emptied"):
        note.update(content=None, erasure_reason="personal_data")


def test_emptied_note_is_not_filled_again(note):
    erase(note)

    with stopped_by("note_only_emptied"):
        note.update(content="As before.")


def test_note_is_not_deleted(note):
    with stopped_by("note_only_emptied"):
        note.delete()


# -- what must never be false ----------------------------------------------------------------------

TODAY = timezone.localdate()
FACTS = [
    (world.submitted, {"cell": None}, "request_in_progress_has_a_cell"),
    (world.in_review, {"reviewer": None}, "request_in_review_has_reviewer"),
    (world.approved, {"granted_area_km2": None}, "request_decided_has_granted_area"),
    (world.offered, {"granted_aoi": None}, "request_decided_has_granted_area"),
    (world.approved, {"priced_eur": 5}, "request_priced_has_purchase_reference"),
    (world.partly_delivered, {"priced_eur": 5}, "request_priced_has_purchase_reference"),
    (world.draft, {"area_km2": 0}, "request_area_positive"),
    (world.draft, {"operator_area_km2": -1}, "request_area_positive"),
    (
        world.draft,
        {"window_starts_on": TODAY, "window_ends_on": TODAY - timedelta(days=1)},
        "request_window_ordered",
    ),
]


@pytest.mark.parametrize(
    ("reach", "change", "constraint"),
    FACTS,
    ids=[f"{row[2]}-{next(iter(row[1]))}" for row in FACTS],
)
def test_request_keeps(programme, reach, change, constraint):
    request = reach(programme)

    with stopped_by(constraint):
        ImageryRequest.objects.filter(pk=request.pk).update(**change)


def test_number_is_given_once(programme):
    first, second = world.draft(programme), world.draft(programme)

    with stopped_by("requests_app_imageryrequest_number_key"):
        ImageryRequest.objects.filter(pk=second.pk).update(number=first.number)


def test_request_has_one_open_offer(programme):
    offer = world.offered(programme).offers.get()
    offer.pk, offer.decision = None, last_record(world.submitted(programme)).decision

    with stopped_by("one_open_offer"):
        offer.save(force_insert=True)


def test_offer_has_an_area(programme):
    offer = world.offered(programme).offers.get()

    with stopped_by("offer_area_positive"):
        Offer.objects.filter(pk=offer.pk).update(area_km2=0)


def test_acquisition_has_one_share_per_request(programme):
    share = world.ordered(programme).shares.get()

    with stopped_by("share_once_per_request"):
        AcquisitionShare.objects.create(
            acquisition=share.acquisition, request=share.request, granted_km2=1
        )


@pytest.mark.parametrize("change", [{"granted_km2": 0}, {"delivered_km2": -1}])
def test_share_is_not_negative(programme, change):
    share = world.ordered(programme).shares.get()

    with stopped_by("share_area_not_negative"):
        AcquisitionShare.objects.filter(pk=share.pk).update(**change)


def test_product_is_delivered_once(programme):
    world.delivered(programme)
    delivery = Delivery.objects.get()

    with stopped_by("delivered_once"):
        Delivery.objects.create(
            acquisition=delivery.acquisition,
            item=delivery.item,
            registered_by=programme.supply_officer,
        )


def test_uploaded_area_is_positive(programme):
    area = world.area_of(programme.requester)

    with stopped_by("uploaded_area_positive"):
        UploadedArea.objects.filter(pk=area.pk).update(area_km2=0)

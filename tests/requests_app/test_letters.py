"""What letters say: the receipt, the amounts of each decision, its dates, and the next step."""

import re

import pytest

from orbitrage.shared.days import day_in_words, instant_in_words
from quotas.selectors import Charged
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.letter_figures import figures_of
from requests_app.models import ImageryRequest, TransitionRecord
from requests_app.notifications import MAILS, letter_about, mail_of
from tests.requests_app import after, world
from tests.requests_app.books import (
    ASKED_KM2,
    LARGE_KM2,
    NOTHING,
    PRICE_EUR,
    SHORTFALL_KM2,
    SIXTY_PERCENT_KM2,
    last_record,
)
from tests.requests_app.decided import decided

pytestmark = pytest.mark.django_db


def body(programme, request, role="requester", template=None):
    """The English letter about the last record, with plain spaces."""
    record = last_record(request)
    reader = programme.people[role]
    reader.language = "en"
    letter = letter_about(record, reader, mail_of(record, template or record.transition))
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", letter.body)


# --- The receipt ----------------------------------------------------------------------------------


def test_receipt_says_what_was_asked_of_whom_and_what_comes(programme, in_english):
    request = world.submitted(programme, **world.tasking())

    text = body(programme, request)

    start, end = request.window_starts_on, request.window_ends_on
    for said in (
        f"Request {request.number}",
        f"Submitted on {instant_in_words(request.submitted_at)}",
        f"Cell: {request.cell.name}",
        f"In the name of: {programme.entity.name}",
        "Asked: 57.47 km², Pléiades, New acquisition, Mono",
        f"Images of: {day_in_words(start)} to {day_in_words(end)}",
        "Clouds: 10% at most; incidence: 30° at most",
        "Product: Pansharpened colour, Orthorectified",
        "As it would be decided today:",
        "Free: 57.47 km²",
        "Nothing to pay",
        "What happens next: a reviewer of the cell takes the file",
    ):
        assert said in text


def test_receipt_says_the_price_of_what_is_not_free(programme):
    request = world.submitted(programme, aoi=world.square(size_deg=0.12))

    text = body(programme, request)

    assert "Free: 100.00 km²" in text
    assert "To pay: €100.00, for 29.27 km²" in text
    assert "Nothing to pay" not in text


def test_receipt_read_after_a_recall_tells_no_funding(programme):
    request = world.submitted(programme)
    intake.recall(request_id=request.pk, user=programme.requester)
    receipt = TransitionRecord.objects.get(request=request, transition="submit")
    programme.requester.language = "en"

    text = letter_about(receipt, programme.requester, mail_of(receipt, "submit")).body

    assert "As it would be decided today" not in text
    assert "Nothing to pay" not in text


def test_receipt_says_the_delay_that_was_measured(programme):
    decided(programme, [2, 4, 6, 8, 40])
    request = world.submitted(programme)

    text = body(programme, request)

    assert (
        "in days, over the last 12 months: 6 at most for half of the files, 8 at most for four of "
        "five (5 files measured)." in text
    )


def test_receipt_says_that_too_few_files_were_decided(programme):
    request = world.submitted(programme)

    text = body(programme, request)

    days = request.cell.decision_delay_days
    assert "has not decided enough files yet" in text
    assert f"it sets itself {days} days." in text


def test_receipt_of_open_data_names_no_cell_and_no_delay(programme):
    text = body(programme, after.open_data(programme))

    assert "Cell:" not in text
    assert "delay" not in text
    assert "Asked: 57.47 km², Sentinel-2" in text


# --- Amounts, as they were moved by the record ------------------------------------------------------


AMOUNTS = [
    (world.ordered, ASKED_KM2, NOTHING),
    (after.cancelled_by_requester, NOTHING, -ASKED_KM2),
    (after.refused, NOTHING, -ASKED_KM2),
    (after.window_closed, SIXTY_PERCENT_KM2, -SHORTFALL_KM2),
    (after.failed, NOTHING, -ASKED_KM2),
    (after.stopped, NOTHING, -ASKED_KM2),
]


@pytest.mark.parametrize(
    ("reach", "stands", "moved"), AMOUNTS, ids=[reach.__name__ for reach, *_ in AMOUNTS]
)
def test_amounts_of_a_record(programme, reach, stands, moved):
    found = figures_of(last_record(reach(programme)))

    assert (found.charged, found.moved) == (Charged(stands, NOTHING), Charged(moved, NOTHING))


def test_amounts_of_a_record_stay_those_of_its_day(programme):
    """A mail that waited for its mailbox is read after the file has moved on."""
    request = world.approved(programme)
    record = last_record(request)
    before = figures_of(record)

    intake.cancel(request_id=request.pk, user=programme.requester)

    record = request.records.get(pk=record.pk)
    assert figures_of(record).charged == before.charged == Charged(ASKED_KM2, NOTHING)


def test_price_stands_on_the_budget(programme):
    request = after.accepted_for_a_price(programme)

    assert figures_of(last_record(request)).charged == Charged(LARGE_KM2, PRICE_EUR)


SAID = [
    (world.approved, "requester", "approve", "57.47 km² are granted.", "Licence: "),
    (world.approved, "supply_officer", "approve_to_cell", "57.47 km² are granted", "Free: 57.47"),
    (world.offered, "requester", None, "You asked for 57.47 km². The cell offers 22.45 km², with nothing to pay.", "The offer is open until"),
    (world.priced_offer, "requester", None, "The cell offers 129.27 km², to pay: €100.00.", "the contact of the entity accepts the price"),
    (after.asked, "requester", None, "Please answer by", "without an answer it expires"),
    (after.answered, "reviewer", None, "The file is back in review, for 57.47 km².", "The usual delay of the cell ends on"),
    (after.deferred, "requester", None, "The cell will come back to your request on", "On the quotas for this request:"),
    (after.refused, "requester", None, "Asked: 57.47 km². Given back to the quotas: 57.47 km²", "Competition between requests"),
    (after.withdrawn, "requester", None, "On the quotas for this request:", "you have nothing to do"),
    (after.rescinded, "requester", None, "its licence revoked", "you have nothing to do"),
    (world.ordered, "requester", None, "(Airbus", "The order ends on"),
    (world.partly_delivered, "requester", None, "A part of the images has come. Delivered: 34.48 km² of the 57.47 km² granted.", "the operator goes on"),
    (world.delivered, "requester", None, "Delivered: 57.47 km² of the 57.47 km² granted.", "After that day it counts as accepted."),
    (after.window_closed, "requester", None, "Delivered: 34.48 km² of the 57.47 km² granted. Given back to the quotas: 22.99 km²", "accept the delivery or dispute it"),
    (after.failed, "requester", None, "Nothing was delivered of the 57.47 km² granted. Given back to the quotas: 57.47 km²", "The request ends here"),
    (after.stopped, "requester", None, "Given back to the quotas: 57.47 km²", "The request ends here"),
    (after.disputed, "arbitrator", None, "Delivered: 57.47 km²", "uphold the delivery, refund a part"),
    (after.upheld, "requester", None, "On the quotas for this request: 57.47 km²", "The request is closed."),
    (after.refunded, "requester", None, "Given back to the quotas: 1.00 km²", "On the quotas for this request: 56.47 km²"),
    (after.retasked, "requester", None, "will be acquired again", "The order ends on"),
    (after.cancelled_by_chair, "requester", None, "Given back to the quotas: 57.47 km²", "which ends it"),
    (after.cancelled_by_requester, "reviewer", "cancel_to_cell", "nothing left to do", "Given back to the quotas: 57.47 km²"),
    (after.declined, "reviewer", None, "which ends the request", "Given back to the quotas:"),
    (after.price_declined, "entity_contact", "price_declined", "there is no price left to accept", "which ends the request"),
    (after.price_replied_to, "entity_contact", "price_replied_to", "no price to accept for now", "back in arbitration"),
    (after.replied, "arbitrator", None, "back in arbitration", "On the quotas for this request:"),
    (after.lapsed, "requester", None, "which ends the request", "Given back to the quotas:"),
    (after.reminded, "requester", None, "Something is to be done by", "Answer the offer of 22.45 km²"),
    (world.in_arbitration, "arbitrator", "recommend", "it waits for a decision", "Free: 57.47 km²"),
    (after.returned, "reviewer", None, "look at this file again", "The usual delay of the cell ends on"),
    (after.proposed, "arbitrator", None, "the decision is yours", "The usual delay of the cell ends on"),
    (after.assigned, "arbitrator", None, "Asked: 57.47 km²", "has given you this file to review"),
    (after.rerouted, "requester", None, "On the quotas for this request:", "another cell, which decides on it"),
    (after.rerouted, "chair", "reroute_to_cell", "Asked: 57.47 km²", "The chair gives it to a reviewer"),
    (after.transferred, "requester", None, "On the quotas for this request:", "asks, answers and accepts"),
    (after.joined, "colleague", None, "Asked: 57.47 km²", "changes it and answers for it"),
    (after.gone, "requester", None, "Asked: 57.47 km²", "no longer asks for this request with you"),
    (after.expedited, "arbitrator", None, "Asked: 57.47 km²", "decided outside a meeting"),
    (after.blocked, "requester", None, "On the quotas for this request:", "until the cause is mended"),
    (after.unblocked, "requester", None, "On the quotas for this request:", "this request goes on"),
    (after.rescission_proposed, "arbitrator", None, "On the quotas for this request: 57.47 km²", "The order waits."),
    (after.rescission_rejected, "chair", None, "On the quotas for this request: 57.47 km²", "no longer waits"),
    (after.amendment_proposed, "requester", None, "On the quotas for this request: 57.47 km²", "takes your agreement"),
    (after.amended, "supply_officer", None, "On the quotas for this request: 57.47 km²", "The requester agrees"),
    (after.amendment_declined, "supply_officer", None, "On the quotas for this request: 57.47 km²", "the order goes on as it left"),
    (after.closing_asked, "requester", "ask_on_shortfall", "Delivered: 34.48 km² of the 57.47 km² granted.", "without an answer it is given back"),
    (after.closing_told, "supply_officer", "may_extend", "Delivered: 34.48 km² of the 57.47 km² granted.", "If the operator can, extend it by"),
    (after.window_extended, "requester", None, "Delivered: 34.48 km² of the 57.47 km² granted.", "goes on acquiring"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reach", "role", "template", "amounts", "next_step"),
    SAID,
    ids=[f"{reach.__name__} {template or role}" for reach, role, template, *_ in SAID],
)
def test_letter_says_the_amounts_and_what_comes(
    programme, reach, role, template, amounts, next_step
):
    text = body(programme, reach(programme), role, template)

    assert amounts in text
    assert next_step in text


def test_letters_above_are_of_every_notice_but_the_receipts():
    said = {template or None for _reach, _role, template, *_ in SAID}
    transitions = {
        "offer", "request_information", "answer", "defer", "refuse", "withdraw_offer", "rescind",
        "order", "register_delivery", "close_window", "fail", "stop_order", "dispute",
        "uphold_delivery", "refund_part", "retask", "cancel", "decline_offer", "reply_to_offer",
        "lapse", "remind", "return_to_review", "propose_inadmissible", "assign", "reroute",
        "transfer_request", "add_co_requester", "leave_request", "expedite", "block", "unblock",
        "propose_rescission", "reject_rescission", "propose_amendment", "amend_order",
        "decline_amendment", "extend_window",
    }  # fmt: skip
    named = {mail.template for mails in MAILS.values() for mail in mails if mail.readers}

    receipts = {"submit", "submit_to_cell", "submit_open_data"}
    assert transitions | {template for template in said if template} == named - receipts


def test_delivery_that_waits_says_until_when(programme, in_english):
    request = ImageryRequest.objects.get(pk=world.delivered(programme).pk)

    assert f"by {day_in_words(request.due_on)}. After that day" in body(programme, request)


def test_accepted_delivery_no_longer_asks_for_an_answer_by_a_day(programme):
    request = ImageryRequest.objects.get(pk=world.delivered(programme).pk)
    record = last_record(request)
    deliveries.accept_delivery(request_id=request.pk, user=programme.requester)

    assert figures_of(record).due_on == request.due_on is not None
    assert figures_of(TransitionRecord.objects.get(pk=record.pk)).due_on is None


def test_letter_is_in_both_languages(programme):
    request = world.submitted(programme)

    record = last_record(request)
    letter = letter_about(record, programme.requester, mail_of(record, "submit"))

    assert set(letter.texts) == {"fr", "en"}
    assert letter.texts["en"].subject == "Your request is submitted"
    assert letter.subject == f"[{request.number}] {letter.texts['fr'].subject}"

"""Who hears of what."""

import pytest
from django.core import mail
from django.utils import timezone

from eligibility.selectors import actor_of
from orbitrage.outbox_handlers import HANDLERS
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.notifications import MAILS, letter_of
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory
from tests.requests_app import after, world
from tests.requests_app.books import last_record
from tests.requests_app.mails import send, sent_to

pytestmark = pytest.mark.django_db

READERS = [
    (world.submitted, "submit", ["requester", "reviewer"]),
    (after.open_data, "submit_open_data", ["requester"]),
    (world.in_review, "take", []),
    (after.asked, "request_information", ["requester"]),
    (after.answered, "answer", ["reviewer"]),
    (after.proposed, "propose_inadmissible", ["arbitrator"]),
    (world.in_arbitration, "recommend", ["arbitrator"]),
    (after.returned, "return_to_review", ["reviewer"]),
    (after.deferred, "defer", ["requester"]),
    (after.refused, "refuse", ["requester"]),
    (world.approved, "approve", ["requester", "supply_officer"]),
    (world.offered, "offer", ["requester", "entity_contact"]),
    (after.signed, "sign_licence", ["supply_officer"]),
    (after.accepted, "accept_offer", ["supply_officer"]),
    (after.accepted_for_a_price, "accept_offer", ["requester", "supply_officer"]),
    (after.replied, "reply_to_offer", ["arbitrator"]),
    (after.declined, "decline_offer", ["reviewer"]),
    (after.withdrawn, "withdraw_offer", ["requester"]),
    (after.price_replied_to, "reply_to_offer", ["arbitrator", "entity_contact"]),
    (after.price_declined, "decline_offer", ["reviewer", "entity_contact"]),
    (after.price_withdrawn, "withdraw_offer", ["requester", "entity_contact"]),
    (after.price_rescinded, "rescind", ["requester", "entity_contact"]),
    (after.price_cancelled, "cancel", ["requester", "entity_contact", "reviewer"]),
    (after.price_lapsed, "lapse", ["requester", "entity_contact"]),
    (after.price_reminded, "remind", ["requester", "entity_contact"]),
    (after.rescinded, "rescind", ["requester"]),
    (world.ordered, "order", ["requester"]),
    (world.partly_delivered, "register_delivery", ["requester"]),
    (world.delivered, "register_delivery", ["requester"]),
    (after.window_closed, "close_window", ["requester"]),
    (after.stopped, "stop_order", ["requester"]),
    (after.failed, "fail", ["requester"]),
    (world.closed, "accept_delivery", []),
    (after.disputed, "dispute", ["arbitrator"]),
    (after.upheld, "uphold_delivery", ["requester"]),
    (after.refunded, "refund_part", ["requester"]),
    (after.retasked, "retask", ["requester"]),
    (after.cancelled_by_requester, "cancel", ["reviewer"]),
    (after.cancelled_by_chair, "cancel", ["requester", "reviewer"]),
    (after.lapsed, "lapse", ["requester"]),
    (after.reminded, "remind", ["requester"]),
    (after.assigned, "assign", ["arbitrator"]),
    (after.rerouted, "reroute", ["requester"]),
    (after.transferred, "transfer_request", ["colleague", "requester"]),
    (after.joined, "add_co_requester", ["colleague"]),
    (after.left, "remove_co_requester", ["colleague"]),
    (after.gone, "leave_request", ["requester"]),
    (after.expedited, "expedite", ["reviewer", "arbitrator"]),
    (after.blocked, "block", ["requester", "entity_contact", "chair"]),
    (after.unblocked, "unblock", ["requester", "entity_contact", "chair"]),
    (after.rescission_proposed, "propose_rescission", ["arbitrator", "supply_officer"]),
    (after.rescission_rejected, "reject_rescission", ["chair", "supply_officer"]),
    (after.amendment_proposed, "propose_amendment", ["requester"]),
    (after.amended, "amend_order", ["supply_officer"]),
    (after.amendment_declined, "decline_amendment", ["supply_officer"]),
    (after.closing_asked, "warn_of_shortfall", ["requester"]),
    (after.closing_told, "warn_of_shortfall", ["supply_officer"]),
    (after.more_time_chosen, "choose_on_shortfall", ["supply_officer"]),
    (after.window_extended, "extend_window", ["requester"]),
]


@pytest.mark.parametrize(
    ("reach", "transition", "roles"), READERS, ids=[reach.__name__ for reach, *_ in READERS]
)
def test_readers_after(programme, reach, transition, roles):
    request = reach(programme)

    assert last_record(request).transition == transition
    assert sent_to(programme, request) == roles


def test_every_notice_is_in_the_list_above():
    told = {transition for _reach, transition, roles in READERS if roles}

    assert told == set(MAILS)


def test_other_cell_hears_of_a_file_that_comes_to_it(programme):
    request = after.rerouted(programme)
    chair = CellMemberFactory(cell=request.cell, role="chair").user

    send(last_record(request))

    to_chair = [message for message in mail.outbox if message.to == [chair.email]]
    assert [message.extra_headers["Message-ID"].split("-")[2] for message in to_chair] == [
        "reroute_to_cell"
    ]


def test_chair_hears_of_an_answer_whose_reviewer_serves_the_cell_no_more(programme):
    request = after.answered(programme)
    programme.reviewer.cell_posts.update(until=timezone.localdate())

    assert sent_to(programme, request) == ["chair"]


def test_secretariat_hears_of_a_dispute_that_no_arbitrator_may_judge(programme):
    CellMemberFactory(cell=programme.cell, user=programme.supply_officer, role="arbitrator")
    request = world.delivered(programme)
    programme.arbitrator.cell_posts.update(until=timezone.localdate())
    deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")

    assert sent_to(programme, request) == ["supply_officer", "secretariat"]


def test_price_is_counted_as_waiting_for_the_contact_alone(programme):
    request = world.priced_offer(programme)

    waiting = {
        role: list(ImageryRequest.objects.awaiting_answer_of(actor_of(programme.people[role])))
        for role in ("requester", "entity_contact")
    }

    assert waiting == {"requester": [], "entity_contact": [request]}


def test_co_requesters_hear_too(programme):
    request = world.approved(programme)
    request.co_requesters.add(programme.colleague)

    assert sent_to(programme, request) == ["requester", "colleague", "supply_officer"]


AMONG_OFFICERS = [
    (after.proposed, "arbitrator"),
    (world.in_arbitration, "arbitrator"),
    (after.returned, "reviewer"),
    (after.expedited, "reviewer"),
    (after.rescission_proposed, "supply_officer"),
    (after.rescission_rejected, "supply_officer"),
]


@pytest.mark.parametrize("part", ["asks", "entity_asks"])
@pytest.mark.parametrize(("reach", "role"), AMONG_OFFICERS)
def test_what_officers_write_to_each_other_goes_to_none_with_a_part(programme, reach, role, part):
    request, officer = reach(programme), programme.people[role]
    assert role in sent_to(programme, request)

    if part == "asks":
        request.co_requesters.add(officer)
    else:
        AffiliationFactory(user=officer, entity=programme.entity)

    assert role not in sent_to(programme, request)


def test_letter_written_down_is_not_sent_to_who_may_no_longer_read_it(programme):
    request = world.in_arbitration(programme)
    record = last_record(request)
    payload = {
        "record_id": record.pk, "template": "recommend", "reader_id": programme.arbitrator.pk,
    }  # fmt: skip
    before = letter_of(payload)
    request.co_requesters.add(programme.arbitrator)

    after_it = letter_of(payload)
    HANDLERS["requests.mail"](payload)

    assert (before is None, after_it, mail.outbox) == (False, None, [])


def test_author_hears_nothing_of_what_they_did(programme):
    request = world.submitted(programme)
    request.co_requesters.add(programme.colleague)
    intake.cancel(request_id=request.pk, user=programme.colleague)

    assert sent_to(programme, request) == ["requester", "reviewer"]


def test_receipt_goes_to_the_author(programme):
    request = world.draft(programme)
    request.co_requesters.add(programme.colleague)
    intake.submit(request_id=request.pk, user=programme.colleague)

    assert sent_to(programme, request) == ["requester", "colleague", "reviewer"]

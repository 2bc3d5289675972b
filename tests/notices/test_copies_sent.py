"""What a copied address is told: numbers, states and dates, once, until the copies end."""

import pytest
from django.utils import timezone, translation

from eligibility import services as eligibility
from notices.links import path_to_stop
from notices.models import CopyAddress
from notices.notifications import addresses_for, leave_copies
from orbitrage.shared.days import day_in_words
from orbitrage.shared.models import OutboxMessage
from requests_app.arbitration import services as arbitration
from requests_app.handling.services import people
from requests_app.handling.services.standing import review_standing
from requests_app.intake import services as intake
from requests_app.review import services as review
from tests.eligibility.factories import AffiliationFactory, UserFactory
from tests.eligibility.pages import link_in
from tests.notices.copying import ADDRESS, ask, to
from tests.notices.telling import confirmed_copy, tell
from tests.requests_app import world
from tests.requests_app.books import last_record
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db


# --- What is copied -------------------------------------------------------------------------------


def test_copy_carries_number_state_and_dates_and_nothing_that_was_typed(programme):
    request = world.in_review(programme, title="Secret survey", purpose="A secret purpose")
    confirmed_copy(request=request, added_by=programme.requester)
    tell()
    review.request_information(
        request_id=request.pk, user=programme.reviewer, question="A secret question?"
    )

    (message,) = to(ADDRESS, tell())

    assert message.subject == f"[{request.number}] Information requested"
    lines = [line for line in message.body.splitlines() if line]
    today, due = world.in_days(0), last_record(request).changes["due_on"]
    assert lines[:3] == [
        "Hello,",
        f"Request {request.number}",
        f"State: Information requested, since {today:%-d %B %Y}",
    ]
    assert lines[3].startswith("Next date: ")
    assert due[:4] in lines[3]
    assert lines[4] == "To end these copies:"
    assert len(lines) == 6
    assert "secret" not in message.body.lower()


def test_copy_goes_out_once_however_often_the_notice_is_handled(programme):
    request = world.submitted(programme)
    confirmed_copy(request=request, added_by=programme.requester)

    leave_copies(last_record(request).pk)
    leave_copies(last_record(request).pk)

    assert OutboxMessage.objects.filter(topic="notices.copy").count() == 1


def test_copy_sent_again_is_recognised(programme):
    request = world.submitted(programme)
    confirmed_copy(request=request, added_by=programme.requester)
    (first,) = to(ADDRESS, tell())
    OutboxMessage.objects.filter(topic="notices.copy").update(state="pending")

    (again,) = tell()

    assert again.extra_headers == first.extra_headers


def test_steps_inside_the_cell_are_not_copied(programme):
    request = world.in_review(programme)
    confirmed_copy(request=request, added_by=programme.requester)
    tell()

    review.recommend(
        request_id=request.pk, user=programme.reviewer, opinion="Good.", nationality_reviewed=True
    )

    assert to(ADDRESS, tell()) == []


def test_entitys_address_is_told_of_each_of_its_requests_but_not_of_drafts(programme):
    confirmed_copy(entity=programme.entity, added_by=programme.entity_contact)
    draft = world.draft(programme)
    intake.cancel(request_id=draft.pk, user=programme.requester)
    submitted = world.submitted(programme)

    (message,) = to(ADDRESS, tell())

    assert submitted.number in message.subject
    assert draft.number != submitted.number


def test_requests_own_address_is_told_of_its_draft(programme):
    draft = world.draft(programme)
    confirmed_copy(request=draft, added_by=programme.requester)
    intake.cancel(request_id=draft.pk, user=programme.requester)

    assert [message.subject for message in to(ADDRESS, tell())] == [f"[{draft.number}] Cancelled"]


def test_other_entitys_address_is_told_nothing(programme):
    other = AffiliationFactory(role="entity_contact")
    confirmed_copy(entity=other.entity, added_by=other.user)
    world.submitted(programme)

    assert to(ADDRESS, tell()) == []


def test_address_of_request_and_entity_gets_one_copy(programme):
    request = world.draft(programme)
    confirmed_copy(request=request, added_by=programme.requester)
    confirmed_copy(entity=programme.entity, added_by=programme.entity_contact)
    intake.submit(request_id=request.pk, user=programme.requester)

    assert len(to(ADDRESS, tell())) == 1


def test_address_of_a_suspended_account_gets_nothing(programme):
    confirmed_copy(
        entity=programme.entity, added_by=programme.entity_contact, address="left@example.org"
    )
    left = UserFactory(email="Left@Example.org")
    world.submitted(programme)
    eligibility.suspend_account(user_id=left.pk, by_user_id=programme.secretariat.pk)

    assert to("left@example.org", tell()) == []


def test_copy_written_before_the_end_is_not_sent_after_it(programme, client):
    request = world.submitted(programme)
    copy = confirmed_copy(request=request, added_by=programme.requester)
    leave_copies(last_record(request).pk)

    client.post(path_to_stop(copy))

    assert to(ADDRESS, tell()) == []


def test_link_in_each_copy_ends_them_by_its_button(programme, client):
    request = world.submitted(programme)
    confirmed_copy(request=request, added_by=programme.requester)
    link = link_in(*to(ADDRESS, tell()))

    opened = client.get(link, headers={"accept-language": "en"})
    still = CopyAddress.objects.get().ended_at
    client.post(link)
    ended = CopyAddress.objects.get()

    assert "End the copies to this address?" in text_of(opened)
    assert (still, ended.ended_at is None, ended.ended_by) == (None, False, None)
    review.take(request_id=request.pk, user=programme.reviewer)
    review.request_information(request_id=request.pk, user=programme.reviewer, question="Why?")
    assert to(ADDRESS, tell()) == []


def test_copy_is_in_the_language_of_the_address(programme):
    request = world.submitted(programme)
    confirmed_copy(request=request, added_by=programme.requester, language="fr")

    (message,) = to(ADDRESS, tell())

    with translation.override("fr"):
        assert day_in_words(world.in_days(0)) in message.body


def test_copies_go_on_through_a_decision(programme):
    request = world.in_arbitration(programme)
    confirmed_copy(request=request, added_by=programme.requester)
    tell()

    arbitration.approve(request_id=request.pk, user=programme.arbitrator)

    assert [message.subject for message in to(ADDRESS, tell())] == [f"[{request.number}] Approved"]


# --- The right of who added them ------------------------------------------------------------------


def leaves(person):
    person.affiliations.update(until=timezone.localdate())


def test_copies_end_when_who_added_them_asks_no_longer(programme):
    request = world.submitted(programme)
    copy = confirmed_copy(request=request, added_by=programme.requester)
    assert addresses_for(request) == [copy]

    people.transfer_request(
        request_id=request.pk,
        user=programme.entity_contact,
        to_id=programme.colleague.pk,
        reason="Leaves in May.",
    )

    assert addresses_for(request) == []
    assert ask(programme, request, user=programme.colleague).added_by == programme.colleague


def test_copies_end_when_who_added_them_leaves_the_entity(programme):
    request = world.submitted(programme)
    copy = confirmed_copy(request=request, added_by=programme.requester)
    assert addresses_for(request) == [copy]

    leaves(programme.requester)
    review_standing(request_id=request.pk)

    assert addresses_for(request) == []


def test_copies_of_an_entity_end_with_the_contact_who_added_them(programme):
    request = world.submitted(programme)
    copy = confirmed_copy(entity=programme.entity, added_by=programme.entity_contact)
    assert addresses_for(request) == [copy]

    leaves(programme.entity_contact)

    assert addresses_for(request) == []


def test_copy_that_was_left_to_the_outbox_is_not_sent_without_the_right(programme):
    request = world.submitted(programme)
    confirmed_copy(entity=programme.entity, added_by=programme.entity_contact)
    leave_copies(last_record(request).pk)
    assert OutboxMessage.objects.filter(topic="notices.copy").count() == 1

    leaves(programme.entity_contact)

    assert to(ADDRESS, tell()) == []

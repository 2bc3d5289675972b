"""Addresses that are copied: asked first, told numbers, states and dates, and let go when they wish."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation

from eligibility import services as eligibility
from notices import rules
from notices.links import path_to_confirm, path_to_stop
from notices.models import CopyAddress
from notices.notifications import leave_copies
from notices.services import copy_entity_to, copy_request_to, end_copy
from notices.services.copies import CopyRefused
from orbitrage.shared.days import day_in_words
from orbitrage.shared.models import OutboxMessage
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.review import services as review
from tests.eligibility.factories import AffiliationFactory, UserFactory
from tests.eligibility.pages import queries_of
from tests.notices.telling import confirmed_copy, tell
from tests.requests_app import world
from tests.requests_app.books import last_record
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

ADDRESS = "files@example.org"


def ask(programme, request, address=ADDRESS, user=None):
    return copy_request_to(
        request_id=request.pk, user=user or programme.requester, address=address, language="en"
    )


def ask_for_entity(programme, address=ADDRESS, user=None):
    return copy_entity_to(
        entity_id=programme.entity.pk,
        user=user or programme.entity_contact,
        address=address,
        language="en",
    )


def codes(ask, *arguments, **named):
    """Of the refusal; nothing was written."""
    before = list(CopyAddress.objects.order_by("pk").values()), OutboxMessage.objects.count()
    with pytest.raises(CopyRefused) as refusal:
        ask(*arguments, **named)
    after = list(CopyAddress.objects.order_by("pk").values()), OutboxMessage.objects.count()
    assert after == before
    return refusal.value.codes


def to(address, mails):
    return [message for message in mails if message.to == [address]]


def link_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", message.body).group(1)


# --- Asking ---------------------------------------------------------------------------------------


def test_address_is_asked_by_a_mail_that_says_nothing_of_anybody(programme):
    request = world.draft(programme, title="Secret survey")
    tell()

    ask(programme, request, "Files@Example.org")

    (message,) = tell()
    text = f"{message.subject}\n{message.body}"
    assert message.to == [ADDRESS]
    assert "If you do nothing, nothing more will be sent." in text
    for told in (
        request.number,
        request.title,
        programme.entity.name,
        programme.requester.full_name,
    ):
        assert told not in text


def test_invitation_for_an_entity_names_it_no_more_than_one_for_a_request(programme):
    ask_for_entity(programme)

    (message,) = tell()

    assert programme.entity.name not in f"{message.subject}\n{message.body}"


def test_nothing_is_copied_before_the_address_has_confirmed(programme):
    request = world.draft(programme)
    ask(programme, request)
    tell()

    intake.submit(request_id=request.pk, user=programme.requester)

    assert to(ADDRESS, tell()) == []


def test_link_is_opened_then_confirmed_and_the_copies_begin(programme, client):
    request = world.draft(programme)
    ask(programme, request)
    link = link_in(*tell())

    opened = client.get(link, headers={"accept-language": "en"})
    before = CopyAddress.objects.get().confirmed_at
    client.post(link)
    after = client.get(link, headers={"accept-language": "en"})
    intake.submit(request_id=request.pk, user=programme.requester)

    assert before is None
    assert request.number in text_of(opened)
    assert "Copies come to this address" in text_of(after)
    assert len(to(ADDRESS, tell())) == 1


def test_wrong_link_is_not_there(programme, client):
    copy = ask(programme, world.draft(programme))

    for link in (
        reverse("notices:copy_confirm", args=["wrong"]),
        reverse("notices:copy_stop", args=["wrong"]),
        path_to_stop(copy).replace("stop", "confirm"),
        path_to_confirm(copy).replace("confirm", "stop"),
    ):
        assert client.get(link).status_code == client.post(link).status_code == 404


def test_link_is_good_for_seven_days(programme, client, monkeypatch):
    copy = ask(programme, world.draft(programme))
    link = path_to_confirm(copy)
    assert client.get(link).status_code == 200

    now = timezone.now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert client.post(link).status_code == 404
    assert CopyAddress.objects.get().confirmed_at is None


def test_suspension_of_who_asked_ends_the_pending_link_and_the_copies(programme, client):
    request = world.draft(programme)
    asked = ask(programme, request)
    ask(programme, request, "other@example.org")
    tell()
    CopyAddress.objects.exclude(pk=asked.pk).update(confirmed_at=timezone.now())
    link = path_to_confirm(asked)
    assert client.get(link).status_code == 200

    eligibility.suspend_account(user_id=programme.requester.pk, by_user_id=programme.secretariat.pk)

    assert client.post(link).status_code == 404
    assert list(CopyAddress.objects.copied()) == []


def test_invitation_of_an_address_removed_meanwhile_is_not_sent(programme):
    copy = ask(programme, world.draft(programme))

    end_copy(copy_id=copy.pk, user=programme.requester)

    assert tell() == []


# --- Who may, and how often -----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["colleague", "entity_contact", "reviewer", "secretariat"])
def test_only_the_requester_sets_the_addresses_of_a_request(programme, role):
    request = world.submitted(programme)

    with pytest.raises(PermissionDenied):
        ask(programme, request, user=programme.people[role])

    assert not CopyAddress.objects.exists()


@pytest.mark.parametrize("role", ["requester", "legal_representative", "reviewer", "secretariat"])
def test_only_the_contact_sets_the_addresses_of_an_entity(programme, role):
    with pytest.raises(PermissionDenied):
        ask_for_entity(programme, user=programme.people[role])

    assert not CopyAddress.objects.exists()


def test_request_has_so_many_addresses_and_no_more(programme):
    request = world.draft(programme)
    for n in range(rules.COPIES_OF_A_REQUEST):
        ask(programme, request, f"{n}@example.org")

    assert codes(ask, programme, request) == ("too_many_copies",)


def test_entity_has_so_many_addresses_and_no_more(programme):
    for n in range(rules.COPIES_OF_AN_ENTITY):
        confirmed_copy(
            entity=programme.entity, address=f"{n}@example.org", added_by=programme.entity_contact
        )
    CopyAddress.objects.update(added_at=timezone.now() - timedelta(days=30))

    assert codes(ask_for_entity, programme) == ("too_many_copies",)


def test_person_asks_so_many_addresses_a_day_and_no_more(programme):
    requests = [world.draft(programme), world.draft(programme), world.draft(programme)]
    for n in range(rules.INVITATIONS_A_DAY):
        ask(programme, requests[n % 2], f"{n}@example.org")

    assert codes(ask, programme, requests[2]) == ("too_many_invitations",)


def test_addresses_that_were_removed_count_among_those_of_the_day(programme):
    request = world.draft(programme)
    for n in range(rules.INVITATIONS_A_DAY):
        copy = ask(programme, request, f"{n}@example.org")
        end_copy(copy_id=copy.pk, user=programme.requester)

    assert codes(ask, programme, request) == ("too_many_invitations",)


def test_address_is_asked_so_many_times_a_day_whoever_asks(programme):
    for _ in range(rules.INVITATIONS_TO_AN_ADDRESS_A_DAY):
        contact = AffiliationFactory(role="entity_contact")
        copy_entity_to(
            entity_id=contact.entity_id, user=contact.user, address=ADDRESS, language="en"
        )

    assert codes(ask, programme, world.draft(programme)) == ("address_pressed",)


def test_address_is_not_asked_twice_while_it_may_confirm(programme):
    request = world.draft(programme)
    ask(programme, request)

    assert codes(ask, programme, request, "FILES@example.org") == ("already_invited",)

    CopyAddress.objects.update(confirmed_at=timezone.now())
    assert codes(ask, programme, request) == ("already_copied",)


def test_address_that_did_not_confirm_in_time_may_be_asked_again(programme):
    request = world.draft(programme)
    first = ask(programme, request)
    CopyAddress.objects.update(added_at=timezone.now() - timedelta(days=8))

    again = ask(programme, request)

    assert list(CopyAddress.objects.running()) == [again]
    assert CopyAddress.objects.get(pk=first.pk).ended_by == programme.requester


def test_address_whose_reader_ended_the_copies_is_not_asked_again(programme, client):
    request = world.draft(programme)
    copy = ask(programme, request)
    client.post(path_to_stop(copy))

    assert codes(ask, programme, request) == ("copy_refused_by_reader",)
    assert ask(programme, world.draft(programme)).pk is not None


@pytest.mark.parametrize("kind", ["request", "entity"])
def test_database_refuses_the_same_address_twice(programme, kind):
    about = (
        {"request": world.draft(programme)} if kind == "request" else {"entity": programme.entity}
    )
    confirmed_copy(added_by=programme.requester, **about)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        confirmed_copy(added_by=programme.requester, address="FILES@example.org", **about)

    name = {"request": "copy_of_a_request_once", "entity": "copy_of_an_entity_once"}[kind]
    assert refusal.value.__cause__.diag.constraint_name == name


def test_database_refuses_a_copy_of_nothing_and_one_of_two_things(programme):
    both = {"request": world.draft(programme), "entity": programme.entity}

    for about in ({}, both):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            confirmed_copy(added_by=programme.requester, **about)
        constraint = refusal.value.__cause__.diag.constraint_name
        assert constraint == "copy_is_of_a_request_or_an_entity"


def test_database_refuses_an_end_by_somebody_that_is_none(programme):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        confirmed_copy(
            added_by=programme.requester, entity=programme.entity, ended_by=programme.requester
        )

    constraint = refusal.value.__cause__.diag.constraint_name
    assert constraint == "copy_ended_by_somebody_has_ended"


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


# --- Pages ----------------------------------------------------------------------------------------


def test_requester_sets_and_removes_an_address_from_the_page(programme, client):
    request = world.submitted(programme)
    page = reverse("notices:request_copies", args=[request.number])
    client.force_login(programme.requester)
    assert page in client.get(request.get_absolute_url()).text

    client.post(page, {"address": ADDRESS, "language": "en"})
    listed = client.get(page, headers={"accept-language": "en"})
    client.post(reverse("notices:copy_end", args=[CopyAddress.objects.get().pk]))
    empty = client.get(page, headers={"accept-language": "en"})

    assert ADDRESS in text_of(listed)
    assert "to be confirmed" in text_of(listed)
    assert "No address is copied" in text_of(empty)
    assert CopyAddress.objects.get().ended_by == programme.requester


def test_refusal_keeps_what_was_typed_and_has_its_code(programme, client):
    request = world.draft(programme)
    ask(programme, request)
    client.force_login(programme.requester)
    page = reverse("notices:request_copies", args=[request.number])

    response = client.post(page, {"address": ADDRESS, "language": "en"})

    assert response.context["form"].has_error("__all__", "already_invited")
    assert f'value="{ADDRESS}"' in response.text


def test_contact_sets_an_address_from_the_page_of_the_entity(programme, client):
    page = reverse("notices:entity_copies", args=[programme.entity.pk])
    client.force_login(programme.entity_contact)
    entity_page = reverse("eligibility:entity", args=[programme.entity.pk])
    assert page in client.get(entity_page).text

    response = client.post(page, {"address": ADDRESS, "language": "en"})

    assert response.status_code == 302
    assert CopyAddress.objects.get().entity == programme.entity


@pytest.mark.parametrize(
    ("role", "status"), [("colleague", 403), ("entity_contact", 403), ("stranger", 404)]
)
def test_others_do_not_open_the_addresses_of_a_request(programme, client, role, status):
    request = world.submitted(programme)
    client.force_login(programme.people[role])

    page = reverse("notices:request_copies", args=[request.number])

    assert client.get(page).status_code == status


def test_somebody_elses_address_is_not_removed(programme, client):
    copy = ask(programme, world.submitted(programme))
    client.force_login(programme.colleague)

    response = client.post(reverse("notices:copy_end", args=[copy.pk]))

    assert (response.status_code, CopyAddress.objects.get().ended_at) == (404, None)


def test_page_costs_the_same_with_one_address_and_with_three(programme, client):
    client.force_login(programme.requester)
    request = world.submitted(programme)
    page = reverse("notices:request_copies", args=[request.number])
    ask(programme, request, "1@example.org")
    queries_of(client, page)
    one = queries_of(client, page)
    ask(programme, request, "2@example.org")
    ask(programme, request, "3@example.org")

    assert queries_of(client, page) == one

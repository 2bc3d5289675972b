"""An address is asked first: by whom, how often, and what the link to confirm it does."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility import services as eligibility
from notices import rules
from notices.links import path_to_confirm, path_to_stop
from notices.models import CopyAddress
from notices.services import copy_entity_to, end_copy
from notices.services.copies import CopyRefused
from orbitrage.shared.models import OutboxMessage
from requests_app.intake import services as intake
from tests.eligibility.factories import AffiliationFactory
from tests.eligibility.pages import link_in
from tests.notices.copying import ADDRESS, ask, ask_for_entity, to
from tests.notices.telling import confirmed_copy, tell
from tests.requests_app import world
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db


def codes(ask, *arguments, **named):
    """Of the refusal; nothing was written."""
    before = list(CopyAddress.objects.order_by("pk").values()), OutboxMessage.objects.count()
    with pytest.raises(CopyRefused) as refusal:
        ask(*arguments, **named)
    after = list(CopyAddress.objects.order_by("pk").values()), OutboxMessage.objects.count()
    assert after == before
    return refusal.value.codes


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


def test_opened_link_names_the_request_and_confirms_nothing(programme, client):
    request = world.draft(programme)
    ask(programme, request)

    opened = client.get(link_in(*tell()), headers={"accept-language": "en"})

    assert request.number in text_of(opened)
    assert CopyAddress.objects.get().confirmed_at is None


def test_confirmed_link_says_that_copies_come(programme, client):
    ask(programme, world.draft(programme))
    link = link_in(*tell())

    client.post(link)

    page = text_of(client.get(link, headers={"accept-language": "en"}))
    assert "Copies come to this address" in page


def test_copies_begin_when_the_link_is_confirmed(programme, client):
    request = world.draft(programme)
    ask(programme, request)
    client.post(link_in(*tell()))

    intake.submit(request_id=request.pk, user=programme.requester)

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


def test_suspension_of_who_asked_ends_the_pending_link(programme, client):
    link = path_to_confirm(ask(programme, world.draft(programme)))
    assert client.get(link).status_code == 200

    eligibility.suspend_account(user_id=programme.requester.pk, by_user_id=programme.secretariat.pk)

    assert client.post(link).status_code == 404


def test_suspension_of_who_asked_ends_the_copies(programme):
    ask(programme, world.draft(programme))
    CopyAddress.objects.update(confirmed_at=timezone.now())
    assert CopyAddress.objects.copied().count() == 1

    eligibility.suspend_account(user_id=programme.requester.pk, by_user_id=programme.secretariat.pk)

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


def test_address_that_has_confirmed_is_not_asked_again(programme):
    request = world.draft(programme)
    ask(programme, request)
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

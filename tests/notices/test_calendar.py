"""The calendar at a secret address: what is in it, for whom, and when the address ends."""

import time
from datetime import timedelta

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from eligibility import services as eligibility
from eligibility.models import CalendarAddress, User
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from tests.eligibility.factories import UserFactory
from tests.eligibility.pages import queries_of
from tests.requests_app import after, world

pytestmark = pytest.mark.django_db


def feed_of(person):
    token = eligibility.make_calendar_address(user_id=person.pk)
    return reverse("notices:calendar_feed", args=[token])


def read(person, **headers):
    return Client().get(feed_of(person), headers=headers)


def events(response):
    """By UID without its domain: day and summary of each."""
    calendar = Calendar.from_ical(response.content)
    return {
        str(event["UID"]).partition("@")[0]: (event["DTSTART"].dt, str(event["SUMMARY"]))
        for event in calendar.walk("VEVENT")
    }


@pytest.fixture
def english(programme):
    for person in programme.people.values():
        person.language = "en"
        person.save(update_fields=["language"])
    return programme


# --- What is in it --------------------------------------------------------------------------------


STEPS = [
    (world.draft, "the draft expires"),
    (after.asked, "last day to answer the question"),
    (world.offered, "the offer ends"),
    (after.deferred, "the file comes back to arbitration"),
    (world.ordered, "the order ends"),
    (world.delivered, "last day to accept or dispute the delivery"),
]


@pytest.mark.parametrize(("reach", "words"), STEPS, ids=[reach.__name__ for reach, _ in STEPS])
def test_day_by_which_something_is_to_be_done(english, reach, words):
    request = ImageryRequest.objects.get(pk=reach(english).pk)

    found = events(read(english.requester))

    assert found == {f"{request.number}-due": (request.due_on, f"{request.number}: {words}")}


def test_end_of_the_window_of_a_new_acquisition(english):
    request = world.submitted(english, **world.tasking())

    found = events(read(english.requester))

    day = request.window_ends_on
    assert found == {
        f"{request.number}-window": (day, f"{request.number}: the acquisition window ends")
    }


def test_file_that_is_over_leaves_the_calendar(english):
    request = world.delivered(english)
    assert len(events(read(english.requester))) == 1

    deliveries.accept_delivery(request_id=request.pk, user=english.requester)

    assert events(read(english.requester)) == {}


def test_price_is_in_the_calendar_of_the_contact_too_and_of_no_colleague(english):
    request = world.priced_offer(english)

    found = {
        role: list(events(read(english.people[role])))
        for role in ("requester", "entity_contact", "colleague", "stranger")
    }

    assert found == {
        "requester": [f"{request.number}-due"],
        "entity_contact": [f"{request.number}-due"],
        "colleague": [],
        "stranger": [],
    }


def test_co_requester_has_the_same_dates(english):
    request = after.asked(english)
    request.co_requesters.add(english.colleague)

    assert list(events(read(english.colleague))) == [f"{request.number}-due"]


CELL_STEPS = [
    (world.submitted, ["reviewer"]),
    (world.in_review, ["reviewer"]),
    (world.in_arbitration, ["arbitrator"]),
    (world.approved, ["supply_officer"]),
    (after.disputed, ["arbitrator"]),
]


@pytest.mark.parametrize(
    ("reach", "roles"), CELL_STEPS, ids=[reach.__name__ for reach, _ in CELL_STEPS]
)
def test_end_of_the_usual_delay_for_who_must_act_in_the_cell(english, reach, roles):
    request = ImageryRequest.objects.get(pk=reach(english).pk)
    entry = (request.act_by, f"{request.number}: the usual delay of the cell ends")

    found = {
        role: events(read(english.people[role]))
        for role in ("reviewer", "arbitrator", "supply_officer", "observer")
    }

    assert found == {
        role: {f"{request.number}-cell": entry} if role in roles else {} for role in found
    }


def test_uid_stays_while_the_day_moves(english):
    request = after.asked(english)
    (first,) = events(read(english.requester)).items()
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(60))

    (second,) = events(read(english.requester)).items()

    assert first[0] == second[0]
    assert second[1][0] == world.in_days(60) != first[1][0]


def test_calendar_is_valid_and_in_the_language_of_its_reader(programme):
    request = after.asked(programme)
    programme.requester.language = "fr"
    programme.requester.save(update_fields=["language"])

    response = read(programme.requester, **{"accept-language": "en"})

    calendar = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert str(calendar["VERSION"]) == "2.0"
    assert str(calendar["PRODID"]) == "-//Orbitrage//Requests//FR"
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)
    assert event["DTSTAMP"].dt == request.records.last().at.replace(microsecond=0)
    assert str(event["URL"]) == f"{settings.ORBITRAGE_PUBLIC_URL}{request.get_absolute_url()}"
    assert str(event["UID"]).endswith(f"@{settings.ORBITRAGE_MAIL_DOMAIN}")
    lines = response.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75


def test_title_with_commas_and_line_breaks_stays_in_its_place(english):
    title = "A; b, c\\n END:VEVENT " + "é" * 60
    world.draft(english, title=title)

    calendar = Calendar.from_ical(read(english.requester).content)

    (event,) = calendar.walk("VEVENT")
    assert str(event["DESCRIPTION"]) == title


# --- How it is asked for again --------------------------------------------------------------------


def test_unchanged_calendar_is_not_sent_again(programme):
    request = after.asked(programme)
    address = feed_of(programme.requester)
    first = Client().get(address)

    again = Client().get(address, headers={"if-none-match": first["ETag"]})
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=world.in_days(60))
    changed = Client().get(address, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-store"
    assert (again.status_code, again.content, again["Cache-Control"]) == (
        304, b"", "private, no-store",
    )  # fmt: skip
    assert (changed.status_code, changed["ETag"] != first["ETag"]) == (200, True)


def test_date_of_the_calendar_is_that_of_its_last_step(programme):
    request = after.asked(programme)

    response = read(programme.requester)

    at = request.records.last().at
    address = CalendarAddress.objects.get(user=programme.requester)
    latest = max(at, address.made_at)
    assert response["Last-Modified"] == f"{latest:%a, %d %b %Y %H:%M:%S} GMT"


def test_calendar_whose_only_entry_went_is_sent_though_it_is_older(programme):
    """By its date alone an entry that went away would stay in every calendar."""
    request = world.delivered(programme)
    address = feed_of(programme.requester)
    first = Client().get(address)
    deliveries.accept_delivery(request_id=request.pk, user=programme.requester)

    again = Client().get(address, headers={"if-modified-since": first["Last-Modified"]})

    assert (again.status_code, events(again)) == (200, {})


def test_calendar_costs_the_same_with_one_file_and_with_three(programme, client):
    address = feed_of(programme.reviewer)
    world.submitted(programme)
    queries_of(client, address)
    one = queries_of(client, address)
    world.submitted(programme, aoi=world.square(west=2))
    world.in_review(programme, aoi=world.square(west=3))

    assert queries_of(client, address) == one
    assert len(events(Client().get(address))) == 3


# --- The address ----------------------------------------------------------------------------------


def sign_in(client, user):
    """With the password given just now."""
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session.save()


def test_address_is_made_with_the_password_given_again_alone(client):
    page = reverse("notices:calendar")
    client.force_login(User.objects.create_user("ada@example.org", "a quite new password"))
    assert client.get(page).status_code == 200

    response = client.post(page)

    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not CalendarAddress.objects.exists()


def test_address_is_shown_once_and_kept_nowhere(client):
    user = UserFactory(language="en")
    sign_in(client, user)
    page = reverse("notices:calendar")

    made = client.post(page)
    shown = client.get(page)
    again = client.get(page)

    token = shown.context["new_address"].rpartition("/")[2].removesuffix(".ics")
    assert made["Location"] == page
    assert token in shown.text
    assert again.context["new_address"] == ""
    assert token not in again.text
    assert CalendarAddress.objects.get().token_sha256 != token
    assert token not in str(list(CalendarAddress.objects.values()))
    assert client.get(reverse("notices:calendar_feed", args=[token])).status_code == 200


def test_new_address_is_not_shown_to_the_next_account_at_the_browser(client):
    page = reverse("notices:calendar")
    sign_in(client, UserFactory())
    client.post(page)
    cookie = client.cookies["new_calendar"]
    client.force_login(UserFactory())
    client.cookies["new_calendar"] = cookie.value

    assert client.get(page).context["new_address"] == ""


def test_new_address_ends_the_one_before():
    user = UserFactory()
    first = feed_of(user)
    assert Client().get(first).status_code == 200

    second = feed_of(user)

    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)


def test_address_is_ended_from_the_page(client):
    user = UserFactory()
    address = feed_of(user)
    client.force_login(user)

    client.post(reverse("notices:calendar_end"))

    assert Client().get(address).status_code == 404
    assert not CalendarAddress.objects.exists()


@pytest.mark.parametrize("token", ["wrong", "x" * 43, "..", "%00"])
def test_unknown_address_is_not_there(token):
    assert Client().get(f"/notices/calendar/{token}.ics").status_code == 404


def test_calendar_of_a_suspended_account_is_not_there():
    user = UserFactory()
    address = feed_of(user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)

    assert Client().get(address).status_code == 404

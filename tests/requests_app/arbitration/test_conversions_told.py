"""What pages, forms and mails say of an offer of other images."""

import json

import pytest
from django.core import mail

from eligibility.models import Sensor
from requests_app.arbitration import services as arbitration
from requests_app.conversion import Conversion
from requests_app.letter_figures import figures_of
from requests_app.models import ImageryRequest, Offer
from requests_app.notifications import letter_about, mail_of
from tests.requests_app import world
from tests.requests_app.arbitration.conversions import ARCHIVE, accept, convert
from tests.requests_app.books import SMALLER_KM2, last_record, refused
from tests.requests_app.move_pages import address
from tests.requests_app.pages import text_of
from tests.requests_app.supply.series import EAST, SMALL, THREE_KM2, WEST, series

pytestmark = pytest.mark.django_db


def test_pages_say_old_and_new_until_and_after_the_answer(programme, read):
    request = world.in_arbitration(programme, **world.tasking())
    convert(programme, request, ARCHIVE)

    open_page = read(programme.requester, request.get_absolute_url())
    answer = read(programme.requester, address(request, "accept_offer"))
    accept(programme, request)
    page = read(programme.requester, request.get_absolute_url())

    row = "What do you need? New acquisition Archive image"
    told = "What do you need?: Archive image instead of New acquisition"
    assert ("What is offered instead" in open_page, row in open_page, row in answer) == (
        True, True, True,
    )  # fmt: skip
    assert ("What is offered instead" in page, row in page, told in page) == (False, True, True)


@pytest.fixture
def moves_of(client):
    """Names of the moves that the page offers to somebody of a role, and all that it says."""

    def found(people, request, role):
        client.force_login(people[role], backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(request.get_absolute_url(), headers={"accept-language": "en"})
        moves = (*page.context["moves"], *page.context["moves_aside"])
        return {move.name for move in moves}, text_of(page)

    return found


OVER = "nothing can be acquired in it any more"


def test_page_offers_an_archive_in_place_of_a_window_that_is_over_and_its_acceptance(
    programme, moves_of
):
    request = world.in_arbitration(programme, **world.tasking())
    world.let_window_pass(request)
    before, _text = moves_of(programme.people, request, "arbitrator")

    convert(programme, request, ARCHIVE)
    after, text = moves_of(programme.people, request, "requester")
    accepted = accept(programme, request)

    assert ("approve" in before, "offer" in before) == (False, True)
    assert ("accept_offer" in after, OVER in text) == (True, False)
    assert accepted.state == "approved"


def test_page_hides_the_acceptance_of_an_offered_window_that_is_over(programme, moves_of):
    request = world.in_arbitration(programme)
    days = {"window_starts_on": world.in_days(10), "window_ends_on": world.in_days(40)}
    convert(programme, request, Conversion(request_kind="tasking", **days))
    before, _text = moves_of(programme.people, request, "requester")

    past = {"window_starts_on": world.in_days(-9), "window_ends_on": world.in_days(-1)}
    Offer.objects.update(**past)
    after, text = moves_of(programme.people, request, "requester")

    assert ("accept_offer" in before, "accept_offer" in after, OVER in text) == (True, False, True)


def test_page_looks_at_standing_and_nationality_of_the_sensor_offered(institution, moves_of):
    """SPOT 6/7 asks for no review of nationality; the membership is to lose that sensor."""
    spot = Sensor.objects.get(code="spot67")
    request = world.in_arbitration(institution)
    convert(institution, request, Conversion(sensor_id=spot.pk))
    ImageryRequest.objects.update(nationality_reviewed=False)
    reviewed, _text = moves_of(institution.people, request, "requester")
    closing, _text = moves_of(institution.people, request, "reviewer")

    institution.entity.memberships.get().sensors.remove(spot)
    without, text = moves_of(institution.people, request, "requester")

    assert ("accept_offer" in reviewed, "accept_offer" in without) == (True, False)
    assert "close_nationality_review" in closing
    assert "This request is blocked" in text
    with refused("sensor_outside_membership"):
        accept(institution, request)


def test_mail_says_old_and_new(programme):
    request = world.in_arbitration(programme, **world.tasking())
    convert(programme, request, ARCHIVE)
    programme.requester.language = "en"

    record = last_record(request)
    letter = letter_about(record, programme.requester, mail_of(record, "offer"))

    assert "What do you need?: Archive image instead of New acquisition" in letter.body


def letter_of_an_offer(record, reader):
    reader.language = "en"
    body = letter_about(record, reader, mail_of(record, "offer")).body
    return body.replace("\N{NO-BREAK SPACE}", " ")


def test_letter_of_one_image_in_place_of_a_series_says_no_number_of_images(programme):
    request = world.in_arbitration(programme, **series(programme))
    convert(programme, request, ARCHIVE)

    record = last_record(request)
    figures = figures_of(record)
    body = letter_of_an_offer(record, programme.requester)

    assert (figures.image_count, figures.images_km2) == (1, SMALLER_KM2)
    assert "images of it" not in body


def test_letter_of_one_acquisition_in_place_of_scenes_says_no_number_of_images(programme):
    scenes = {"archive_scenes": [WEST, EAST, WEST.replace("_01654", "_01656")]}
    request = world.in_arbitration(programme, **SMALL, **scenes, agrees_to_enlargement=True)
    days = {"window_starts_on": world.in_days(10), "window_ends_on": world.in_days(40)}
    convert(programme, request, Conversion(request_kind="tasking", **days))

    record = last_record(request)
    figures = figures_of(record)
    body = letter_of_an_offer(record, programme.requester)

    assert (figures.image_count, figures.images_km2) == (1, SMALLER_KM2)
    assert "images of it" not in body


def test_letter_of_a_smaller_series_says_its_images_though_the_offer_was_withdrawn(programme):
    wanted = series(programme, aoi=world.square())
    request = world.offered(programme, polygon=world.square(size_deg=0.05), **wanted)
    record = last_record(request)
    arbitration.withdraw_offer(request_id=request.pk, user=programme.chair, reason="An error.")

    figures = figures_of(record)
    body = letter_of_an_offer(record, programme.requester)

    assert (figures.image_count, figures.images_km2) == (3, THREE_KM2)
    assert "3 images of it: 67.36 km² together." in body


def test_form_offers_the_sensors_of_the_cell_alone(institution, programme, client):
    ours, theirs = world.in_arbitration(programme), world.in_arbitration(institution)

    found = []
    for person, request in ((programme.arbitrator, ours), (institution.arbitrator, theirs)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        page = client.get(address(request, "offer"))
        found.append([label for _pk, label in page.context["form"].fields["sensor_id"].choices])

    assert [[str(label) for label in labels[1:]] for labels in found] == [
        [], [Sensor.objects.get(code="spot67").name],
    ]  # fmt: skip


def test_other_images_are_folded_away_and_no_sensor_is_asked_for_without_a_choice(
    programme, institution, client
):
    ours, theirs = world.in_arbitration(programme), world.in_arbitration(institution)

    found = []
    for person, request in ((programme.arbitrator, ours), (institution.arbitrator, theirs)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        response = client.get(address(request, "offer"))
        asks_for_a_sensor = 'name="sensor_id"' in response.text
        found.append((asks_for_a_sensor, response.context["form"].unfolds))

    assert found == [(False, False), (True, False)]


@pytest.mark.parametrize("typed", [{"request_kind": "tasking"}, {"window_ends_on": "never"}])
def test_other_images_stay_open_when_one_is_chosen_or_wrong(programme, client, typed):
    request = world.in_arbitration(programme)
    client.force_login(programme.arbitrator, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(address(request, "offer"), typed)

    assert '<details class="disclosure" open>' in response.text


def test_form_converts(programme, client):
    request = world.in_arbitration(programme, **world.tasking())
    client.force_login(programme.arbitrator, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(
        address(request, "offer"), {"request_kind": "archive", "note": "It exists."}
    )

    assert (response.status_code, Offer.objects.get().request_kind) == (302, "archive")
    assert mail.outbox == []


def test_form_says_which_window_is_missing_and_keeps_what_was_typed(programme, client):
    request = world.in_arbitration(programme)
    client.force_login(programme.arbitrator, backend="django.contrib.auth.backends.ModelBackend")

    response = client.post(address(request, "offer"), {"request_kind": "tasking", "note": "Anew."})

    assert response.status_code == 409
    assert [each.code for each in response.context["form"].non_field_errors().as_data()] == [
        "window_missing"
    ]
    assert "Anew." in text_of(response) or b"Anew." in response.content


def test_outline_that_crosses_itself_is_refused_where_it_does(programme, client):
    request = world.in_arbitration(programme)
    client.force_login(programme.arbitrator, backend="django.contrib.auth.backends.ModelBackend")
    ring = [[1.31, 43.51], [1.33, 43.53], [1.33, 43.51], [1.31, 43.53], [1.31, 43.51]]
    typed = json.dumps({"type": "Polygon", "coordinates": [ring]})

    response = client.post(
        address(request, "offer"), {"polygon": typed}, headers={"accept-language": "en"}
    )

    (error,) = response.context["form"].errors.as_data()["polygon"]
    assert error.code == "self_intersection"
    assert "longitude 1.3200°, latitude 43.5200°" in error.messages[0]
    assert Offer.objects.count() == 0

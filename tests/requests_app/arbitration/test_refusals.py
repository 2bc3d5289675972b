"""A request is refused because images are there already: which ones is said, with their links."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Item
from requests_app.arbitration import services as arbitration
from requests_app.notifications import letter_about, mail_of
from requests_app.review import services as review
from tests.requests_app import world
from tests.requests_app.books import last_record, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(programme):
    """An image of the area that the entity may use, last year's."""
    world.closed(programme)
    Item.objects.update(acquired_at=timezone.now() - timedelta(days=400))
    return Item.objects.get()


def refuse(programme, request, *items, reason="already_available"):
    return arbitration.refuse(
        request_id=request.pk,
        user=programme.arbitrator,
        reason=reason,
        text="It is there.",
        items=items,
    )


def test_refusal_keeps_the_images(programme, known):
    request = world.in_arbitration(programme, **world.tasking())

    over = refuse(programme, request, known.identifier)

    changes = last_record(over).changes
    assert (changes["identifiers"], changes["items"]) == ([known.identifier], [known.pk])


def test_refusal_names_at_least_one_image_where_there_are_some(programme, known):
    request = world.in_arbitration(programme)

    with refused("items_missing"):
        refuse(programme, request)


def test_refusal_without_images_over_the_area_needs_none(programme):
    request = world.in_arbitration(programme)

    assert refuse(programme, request).state == "refused"


def test_image_elsewhere_is_refused(programme, known):
    request = world.in_arbitration(programme, aoi=world.square(west=3))

    with refused("item_unknown"):
        refuse(programme, request, known.identifier)


def test_images_with_another_reason_are_refused(programme, known):
    request = world.in_arbitration(programme)

    with refused("items_of_another_reason"):
        refuse(programme, request, known.identifier, reason="competition")


def test_form_shows_the_images_and_the_page_leads_to_them(programme, known, client, read):
    request = world.in_arbitration(programme)
    address = reverse("requests:move", args=[request.number, "refuse"])

    form = read(programme.arbitrator, address)
    client.post(
        address, {"reason": "already_available", "items": [known.identifier], "text": "There."}
    )
    client.force_login(programme.requester, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(request.get_absolute_url())

    assert f"{known.identifier}, " in form
    assert "100% of the area" in form
    assert f'<a href="{known.get_absolute_url()}">{known.identifier}</a>' in page.text


def test_form_of_an_inadmissible_file_asks_for_no_image(programme, known, read):
    request = world.in_review(programme)
    arbitrator = programme.arbitrator
    review.propose_inadmissible(request_id=request.pk, user=programme.reviewer, opinion="No.")

    page = read(arbitrator, reverse("requests:move", args=[request.number, "refuse"]))

    assert "Images that are available already" not in page


def test_mail_leads_to_the_images(programme, known, settings):
    over = refuse(programme, world.in_arbitration(programme), known.identifier)
    programme.requester.language = "en"

    record = last_record(over)
    letter = letter_about(record, programme.requester, mail_of(record, "refuse"))

    address = f"{settings.ORBITRAGE_PUBLIC_URL}{known.get_absolute_url()}"
    assert f"Images:\n{known.identifier} {address}\n" in letter.body

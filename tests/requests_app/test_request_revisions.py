"""What changes in a request after its submission: kept, and shown old and new."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from eligibility.selectors import actor_of
from requests_app.differences import changes_not_handed_in, revisions_of
from requests_app.intake import services as intake
from requests_app.models import (
    DRAFT_FIELDS,
    AnswersHandedIn,
    ImageryRequest,
    RequestRevision,
    RevisionContent,
)
from requests_app.review import services as review
from requests_app.revisions import FIELD_LABELS, in_words
from requests_app.selectors import request_page
from requests_app.supply.services import disputes
from tests.requests_app import after, world
from tests.requests_app.books import ASKED_KM2, SMALLER_KM2, last_record, refused

pytestmark = pytest.mark.django_db

CHANGED_DEG, CHANGED_KM2 = 0.06, Decimal("32.332306")  # by pyproj's Geod, apart


def change(request, user, *, aoi=None, **answers):
    kept = {name: getattr(request, name) for name in world.ANSWERS}
    return intake.update_draft(
        request_id=request.pk,
        user=user,
        sensor=request.sensor,
        answers=kept | answers,
        area=world.area_of(user, aoi) if aoi else None,
    )


def answer(request, user):
    return intake.answer(request_id=request.pk, user=user, text="Done.")


def ask_again(programme, request):
    return review.request_information(
        request_id=request.pk, user=programme.reviewer, question="And?"
    )


def contents(request):
    return [revision.content.content for revision in request.revisions.order_by("pk")]


def shown(request, reader):
    return revisions_of(request_page(reader).get(pk=request.pk), actor_of(reader))


def test_every_answer_of_the_form_has_a_label():
    assert set(FIELD_LABELS) == {"sensor", *DRAFT_FIELDS}


# --- Keeping --------------------------------------------------------------------------------------


def test_changes_are_kept_with_the_answer_that_hands_them_in(programme):
    request = after.asked(programme)
    change(request, programme.requester, title="Centre alone", maximum_cloud_percent=5)

    answer(request, programme.requester)

    revision = RequestRevision.objects.get()
    assert (revision.request, revision.number) == (request, 1)
    assert revision.record == last_record(request)
    assert revision.content.content == {
        "title": ["Cover of the commune", "Centre alone"],
        "maximum_cloud_percent": [10, 5],
    }
    assert (revision.aoi_before, revision.aoi_after) == (None, None)


def test_area_is_kept_before_and_after(programme):
    request = after.asked(programme)
    change(request, programme.requester, aoi=world.square(size_deg=CHANGED_DEG))

    answer(request, programme.requester)

    revision = RequestRevision.objects.get()
    assert (revision.area_before_km2, revision.area_after_km2) == (ASKED_KM2, CHANGED_KM2)
    assert revision.aoi_before == world.square()
    assert revision.aoi_after == world.square(size_deg=CHANGED_DEG)
    assert revision.content.content == {}


def test_dates_are_kept_as_days(programme):
    request = after.asked(programme)
    window = world.tasking()
    change(request, programme.requester, **window)

    answer(request, programme.requester)

    (content,) = contents(request)
    assert content["window_ends_on"] == [None, window["window_ends_on"].isoformat()]
    assert content["agrees_to_enlargement"] == [False, True]


def test_many_changes_before_one_answer_are_one_revision(programme):
    request = after.asked(programme)
    for title in ("One", "Two", "Three"):
        change(request, programme.requester, title=title)

    answer(request, programme.requester)

    assert contents(request) == [{"title": ["Cover of the commune", "Three"]}]
    assert not AnswersHandedIn.objects.exists()


def test_change_that_is_undone_is_none(programme):
    request = after.asked(programme)
    change(request, programme.requester, title="Other", aoi=world.square(size_deg=CHANGED_DEG))
    change(request, programme.requester, title="Cover of the commune", aoi=world.square())

    answer(request, programme.requester)

    assert not RequestRevision.objects.exists()
    assert not AnswersHandedIn.objects.exists()


def test_answer_without_a_change_is_no_revision(programme):
    after.answered(programme)

    assert not RequestRevision.objects.exists()


def test_each_answer_begins_where_the_last_one_ended(programme):
    request = after.asked(programme)
    change(request, programme.requester, title="One")
    answer(request, programme.requester)
    ask_again(programme, request)
    change(request, programme.requester, title="Two")

    answer(request, programme.requester)

    assert [revision.number for revision in request.revisions.order_by("pk")] == [1, 2]
    assert contents(request) == [
        {"title": ["Cover of the commune", "One"]},
        {"title": ["One", "Two"]},
    ]


def test_draft_changes_without_a_trace(programme):
    draft = world.draft(programme)

    change(draft, programme.requester, title="Other")

    assert not AnswersHandedIn.objects.exists()


def test_refused_answer_keeps_what_the_cell_has(programme):
    request = after.asked(programme)
    change(request, programme.requester, title="Other")

    with refused("answer_missing"):
        intake.answer(request_id=request.pk, user=programme.requester, text=" ")

    assert AnswersHandedIn.objects.get().answers["title"] == "Cover of the commune"


def test_refused_change_keeps_nothing(programme):
    request = world.in_review(programme)

    with refused("not_editable"):
        change(request, programme.requester, title="Other")


def test_agreed_offer_is_a_revision_of_the_area(programme):
    request = world.offered(programme)

    intake.offers.accept_offer(request_id=request.pk, user=programme.requester)

    revision = RequestRevision.objects.get()
    assert (revision.area_before_km2, revision.area_after_km2) == (ASKED_KM2, SMALLER_KM2)
    assert revision.record.transition == "accept_offer"
    assert revision.content.content == {}


def test_offer_of_the_whole_area_at_a_price_changes_no_answer(programme):
    world.accepted_price(programme, world.priced_offer(programme))

    assert not RequestRevision.objects.exists()


def test_new_window_of_an_acquisition_made_again_is_a_revision(programme):
    request = world.delivered(programme, **world.tasking())
    intake.deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    ends_on = world.in_days(150)

    disputes.retask(
        request_id=request.pk, user=programme.arbitrator, window_ends_on=ends_on, reason="Agreed."
    )

    before = request.window_ends_on.isoformat()
    assert contents(request) == [{"window_ends_on": [before, ends_on.isoformat()]}]


# --- Showing --------------------------------------------------------------------------------------


def revised(programme):
    request = after.asked(programme)
    change(
        request, programme.requester, aoi=world.square(size_deg=CHANGED_DEG),
        spectral_mode="bundle", purpose="Roofs\nand <b>roads</b>",
    )  # fmt: skip
    return answer(request, programme.requester)


def test_reader_sees_old_and_new_in_their_words(programme):
    request = revised(programme)

    with override("en"):
        (revision,) = shown(request, programme.reviewer)
        differences = [
            (each.label, each.before, each.after) for each in revision.changes.differences
        ]

    assert differences == [
        ("What are the images for?", "Mapping of built-up areas", "Roofs\nand <b>roads</b>"),
        ("Product", "Pansharpened colour", "Bundle: panchromatic and multispectral"),
    ]
    assert (revision.number, revision.by) == (1, programme.requester.full_name)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("title", "", "—"),
        ("window_ends_on", None, "—"),
        ("window_ends_on", "2026-03-01", "1 March 2026"),
        ("uses_prefunded", True, "Yes"),
        ("agrees_to_enlargement", False, "No"),
        ("maximum_cloud_percent", 0, "0"),
        ("request_kind", "tasking", "New acquisition"),
        ("request_kind", "gone", "gone"),
        ("purpose", "Why", "Why"),
    ],
)
def test_value_is_said_in_words(name, value, words):
    with override("en"):
        assert in_words(name, value) == words


def test_page_shows_the_table_and_both_areas(programme, client, read):
    request = revised(programme)

    text = read(programme.reviewer, request.get_absolute_url())
    page = client.get(request.get_absolute_url())

    assert "Revision 1" in text
    assert "Area 57.47 km² 32.33 km²" in text
    assert "Area before: 57.47 km²." in text
    (revision,) = page.context["revisions"]
    features = revision.changes.area.features["features"]
    assert [each["properties"]["role"] for each in features] == ["before", "after"]
    assert f'data-geojson-id="{revision.map_id}"' in page.text
    assert f'id="{revision.map_id}"' in page.text
    assert "Roofs<br>and &lt;b&gt;roads&lt;/b&gt;" in page.text


def test_cell_signs_its_revision_to_the_requester(programme):
    programme.arbitrator.full_name = "Officer arbitrator"
    programme.arbitrator.save(update_fields=["full_name"])
    request = world.delivered(programme, **world.tasking())
    intake.deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")
    disputes.retask(
        request_id=request.pk, user=programme.arbitrator, window_ends_on=world.in_days(150),
        reason="Agreed.",
    )  # fmt: skip

    found = {
        role: shown(request, programme.people[role])[0].by for role in ("requester", "reviewer")
    }

    assert found == {"requester": programme.cell.name, "reviewer": "Officer arbitrator"}


def test_latest_revision_comes_first(programme):
    request = revised(programme)
    ask_again(programme, request)
    change(ImageryRequest.objects.get(pk=request.pk), programme.requester, title="Other")
    answer(request, programme.requester)

    assert [revision.number for revision in shown(request, programme.requester)] == [2, 1]


def test_changes_are_shown_before_they_are_handed_in(programme, read):
    request = after.asked(programme)
    before = read(programme.requester, request.get_absolute_url())
    change(request, programme.requester, title="Other", aoi=world.square(size_deg=CHANGED_DEG))

    changes = changes_not_handed_in(request_page(programme.requester).get(pk=request.pk))

    assert "Changes not sent" not in before
    assert "Changes not sent" in read(programme.requester, request.get_absolute_url())
    assert [each.after for each in changes.differences] == ["Other"]
    assert (changes.area.before_km2, changes.area.after_km2) == (ASKED_KM2, CHANGED_KM2)


def test_erased_values_are_said_to_be_erased(programme, read):
    request = revised(programme)
    RevisionContent.objects.update(
        content=None, erased_at=timezone.now(), erasure_reason="personal_data"
    )

    text = read(programme.reviewer, request.get_absolute_url())

    assert "The values were erased." in text
    assert "Mapping of built-up areas" not in text
    assert "Area before: 57.47 km²." in text


def test_page_asks_the_same_of_one_revision_and_of_three(programme, client):
    request = after.asked(programme)
    client.force_login(programme.reviewer)

    def revise(title):
        change(request, programme.requester, title=title)
        answer(request, programme.requester)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get(request.get_absolute_url())
        return len(asked)

    revise("One")
    one = queries()
    for title in ("Two", "Three"):
        ask_again(programme, request)
        revise(title)

    assert RequestRevision.objects.count() == 3
    assert queries() == one


def test_km2_of_a_revision_are_those_of_the_request(programme):
    request = revised(programme)

    revision = RequestRevision.objects.get()
    assert revision.area_after_km2 == request.area_km2
    assert isinstance(revision.area_after_km2, Decimal)

"""What is told of a request while its form is filled in, and on the page of the draft."""

from datetime import timedelta
from decimal import Decimal

import pytest
import shapely
from django.urls import reverse

from catalogue.models import Item
from catalogue.selectors import ItemOver
from eligibility.models import Membership, Sensor
from orbitrage.shared.geo import to_geos_multipolygon
from quotas.models import Demand, Envelope, LedgerEntry
from quotas.selectors import Pressure
from requests_app.delays import UsualDelay, UsualSupply
from requests_app.intake.selectors.panel import OrdersBefore, panel_of
from requests_app.models import CloudAdvice, ImageryRequest, UploadedArea
from requests_app.regions import Region, season_of
from tests.catalogue.factories import ItemFactory
from tests.eligibility.factories import EntityFactory
from tests.requests_app import world
from tests.requests_app.area_posts import answers
from tests.requests_app.books import ASKED_KM2
from tests.requests_app.decided import decided
from tests.requests_app.near import small
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db

QUERIES = 32
TERRITORY = to_geos_multipolygon(shapely.box(0.4, 42.6, 2.1, 43.95))


def told(programme, draft=None, user=None):
    return panel_of(
        draft or world.draft(programme), user=user or programme.requester, on=world.in_days(0)
    )


def codes(refusals):
    return [refusal.code for refusal in refusals]


def item(programme, **fields) -> Item:
    """Over the western 60 % of the usual square, open to everybody."""
    whole = {"sensor": programme.sensor, "footprint": world.strip(width_deg=0.048)}
    return ItemFactory(**whole | fields)


# --- May I? ---------------------------------------------------------------------------------------


def test_who_may_ask_reads_the_rule(programme):
    seen = told(programme).preview

    assert (seen.eligibility.answer, seen.not_allowed) == ("yes", ())
    assert seen.eligibility.rule_code


def test_who_may_not_ask_reads_why_apart_from_what_is_to_be_mended(programme):
    Membership.objects.filter(entity=programme.entity).update(ends_on=world.in_days(-1))

    seen = told(programme, world.draft(programme, request_kind="tasking")).preview

    assert codes(seen.not_allowed) == ["membership_expired"]
    assert codes(seen.not_ready) == ["window_missing", "below_minimum_order"]
    assert seen.refusals == seen.not_allowed + seen.not_ready


# --- Is it there already? -------------------------------------------------------------------------


def test_images_that_one_may_use_are_named_with_their_part_the_newest_first(programme):
    older = item(programme)
    newer = item(programme, acquired_at=older.acquired_at + timedelta(days=3))
    Item.objects.filter(pk=newer.pk).update(footprint=world.strip(width_deg=0.008))

    found = told(programme)

    assert [(one.item, round(one.covered_percent)) for one in found.items] == [
        (newer, 10),
        (older, 60),
    ]
    assert all(isinstance(one, ItemOver) for one in found.items)
    assert (found.more_items, found.offers_remaining) == (0, True)


def test_more_images_than_are_named_are_counted(programme):
    for _ in range(7):
        item(programme)

    found = told(programme)

    assert (len(found.items), found.more_items) == (5, 2)


def test_images_of_others_are_not_told(programme):
    item(programme, audience=["entity:999999"])

    found = told(programme)

    assert (found.items, found.coverage.items, found.offers_remaining) == ((), 0, False)


def test_nothing_remains_of_what_is_there(programme):
    item(programme, footprint=world.square())

    assert not told(programme).offers_remaining


# --- Pressure -------------------------------------------------------------------------------------


def test_pressure_is_what_others_ask_of_the_cells_envelope(programme):
    other = world.submitted(programme, aoi=world.square(west=-5))
    left = Envelope.objects.get(scope="programme", unit="km2", cell=programme.cell).left

    found = told(programme).pressure

    assert found == Pressure(asked=other.area_km2, left=left, unit="km2")


def test_what_the_request_asks_itself_is_no_pressure_on_it(programme):
    request = world.submitted(programme)
    assert Demand.objects.get().amount == ASKED_KM2

    found = told(programme, request).pressure

    assert found is not None
    assert found.asked == 0


def test_no_pressure_where_nothing_is_drawn_from_the_cell(programme):
    item(programme, footprint=world.square())

    assert told(programme).pressure is None


# --- How long? ------------------------------------------------------------------------------------


def test_delay_of_the_cell_is_that_of_its_records(programme):
    decided(programme, [2, 4, 6, 8, 40])

    assert told(programme).delay == UsualDelay(files=5, median_days=6, most_days=8)


def test_orders_of_a_tasking_are_counted_in_its_region_and_season(programme):
    draft = world.draft(programme, **world.tasking())

    season = season_of(draft.window_starts_on, draft.window_ends_on)
    assert told(programme, draft).before == OrdersBefore(
        UsualSupply(orders=0), Region(0, 40), season
    )


def test_orders_of_the_archive_are_counted_everywhere(programme):
    assert told(programme).before == OrdersBefore(UsualSupply(orders=0), None, None)


def test_open_data_are_neither_decided_nor_ordered(programme):
    programme.sensor = Sensor.objects.filter(policy="open").first()

    found = told(programme)

    assert (found.delay, found.before, found.pressure, found.advice) == (None, None, None, ())


# --- Good to know ---------------------------------------------------------------------------------


def test_nothing_to_know(programme):
    assert told(programme).advice == ()


def test_clouds_are_advised_on_by_the_row_of_policy_for_the_latitude(programme):
    CloudAdvice.objects.update(cloud_percent=15)
    draft = world.draft(programme, **world.tasking() | {"maximum_cloud_percent": 14})

    assert codes(told(programme, draft).advice) == ["cloud_below_advice"]

    draft.maximum_cloud_percent = 15
    assert told(programme, draft).advice == ()
    CloudAdvice.objects.all().delete()
    draft.maximum_cloud_percent = 0
    assert told(programme, draft).advice == ()


def test_no_advice_on_the_clouds_of_what_was_taken_already(programme):
    CloudAdvice.objects.update(cloud_percent=15)

    assert told(programme, world.draft(programme, maximum_cloud_percent=0)).advice == ()


def test_outline_of_too_many_vertices_is_told_with_its_change(programme):
    circle = to_geos_multipolygon(shapely.Point(1.35, 43.55).buffer(0.07, quad_segs=300))

    found = told(programme, world.draft(programme, aoi=circle)).advice

    assert codes(found) == ["too_many_vertices"]


def test_axes_that_look_swapped_are_told(programme):
    programme.entity.territory = TERRITORY
    swapped = to_geos_multipolygon(shapely.box(43.5, 1.3, 43.58, 1.38))

    assert codes(told(programme, world.draft(programme, aoi=swapped)).advice) == [
        "axes_look_swapped"
    ]
    assert told(programme).advice == ()


def test_who_is_not_eligible_reads_that_nothing_shown_is_not_nothing_there(programme):
    Membership.objects.filter(entity=programme.entity).update(ends_on=world.in_days(-1))

    assert codes(told(programme).advice) == ["images_not_shown"]


def test_window_before_the_usual_decision_is_told(programme):
    decided(programme, [9] * 5)
    ImageryRequest.objects.update(request_kind="tasking")
    asked = {**world.tasking(), "maximum_cloud_percent": 50}
    soon = world.draft(programme, **asked | {"window_starts_on": world.in_days(3)})

    assert codes(told(programme, soon).advice) == ["window_before_decision"]
    assert told(programme, world.draft(programme, **asked)).advice == ()


# --- On the page, and beside the form -------------------------------------------------------------


@pytest.fixture
def beside(client, programme):
    """The English answer of the panel to what was typed."""

    def post(aoi=None, **typed):
        client.force_login(programme.requester)
        answers = {
            "on_behalf": f"{programme.entity.pk}-0",
            "sensor": programme.sensor.pk,
            "request_kind": "archive",
            "acquisition_mode": "mono",
            "area_id": world.area_of(programme.requester, aoi).pk,
            "maximum_cloud_percent": 10,
        }
        return client.post(
            reverse("requests:panel"), answers | typed, headers={"accept-language": "en"}
        )

    return post


def test_panel_answers_the_questions_in_the_order_of_a_requester(beside):
    text = text_of(beside())

    places = [
        text.index(heading)
        for heading in (
            "May you ask?",
            "What will it cost?",
            "Is it there already?",
            "How long does it take?",
        )
    ]
    assert places == sorted(places)


def test_one_sentence_says_it_all_to_who_does_not_see_the_panel_change(programme, beside):
    item(programme)

    text = text_of(beside(request_kind="tasking"))

    assert text.endswith(
        "You may ask for this. Nothing to pay. 60% available already. 2 things to mend before"
        " submitting. "
    )


def test_the_page_of_the_draft_says_the_same(programme, beside, read):
    item(programme)
    world.submitted(programme, aoi=world.square(west=-5))
    draft = world.draft(programme)

    page = read(programme.requester, draft.get_absolute_url())
    panel = text_of(beside())

    for fact in (
        "You may ask for this. Nothing to pay. 60% available already.",
        "others have asked",
        "(34.48 km²) is available to you; 22.99 km² remain.",
        "60% of the area",
        "No such order has ended yet",
        "The cell has decided no file of this kind",
    ):
        assert (fact in page, fact in panel) == (True, True), fact


def test_a_small_area_is_shown_as_it_would_be_ordered(programme, beside):
    world.submitted(programme)

    response = beside(world.square(size_deg=0.05))

    assert 'data-code="below_minimum_order"' in response.text
    assert "&quot;role&quot;: &quot;operator&quot;" in response.text
    assert "Pending requests for the same images that it might join" in response.text


def test_a_title_of_another_entity_is_never_told(programme, beside):
    request = world.submitted(programme, title="Secret works")
    ImageryRequest.objects.filter(pk=request.pk).update(
        requester=programme.stranger, entity=EntityFactory()
    )

    text = beside(world.square(size_deg=0.05)).text

    assert 'data-code="hidden_neighbours"' in text
    assert ("Secret" in text, request.number in text) == (False, False)


def test_checking_writes_nothing(programme, beside):
    item(programme)
    before = (UploadedArea.objects.count(), LedgerEntry.objects.count(), Envelope.objects.count())

    beside(world.square(size_deg=0.05), request_kind="tasking")

    assert not ImageryRequest.objects.exists()
    after = (UploadedArea.objects.count(), LedgerEntry.objects.count(), Envelope.objects.count())
    assert after == (before[0] + 1, *before[1:])  # the area that the test itself kept


def test_three_images_and_neighbours_take_no_more_queries_than_one(
    programme, django_assert_num_queries
):
    asked = small(programme)
    item(programme)
    world.submitted(programme)
    with django_assert_num_queries(QUERIES):
        panel_of(asked, user=programme.requester, on=world.in_days(0))
    for place in (1, 2):
        item(programme)
        world.submitted(programme, aoi=world.square(west=1.3 + 0.09 * place))

    with django_assert_num_queries(QUERIES):
        found = panel_of(asked, user=programme.requester, on=world.in_days(0))

    assert (len(found.items), len(found.preview.neighbours.seen)) == (3, 3)


def test_areas_of_the_panel_are_km2(programme):
    item(programme)

    covered = told(programme).coverage

    assert covered.covered_km2 + covered.remaining_km2 == ASKED_KM2
    assert round(covered.covered_km2 / ASKED_KM2, 3) == Decimal("0.600")


def test_check_button_and_live_panel_tell_of_a_change_alike(programme, client):
    """Also when the volume that was prefunded, and drawn on, has ended meanwhile."""
    draft = world.draft(programme, uses_prefunded=True)
    client.force_login(programme.requester)
    typed = answers(programme, uses_prefunded="on")

    live = client.post(reverse("requests:panel_of_change", args=[draft.number]), typed)
    checked = client.post(reverse("requests:edit", args=[draft.number]), typed | {"check": "1"})

    told = [response.context["draft"].uses_prefunded for response in (live, checked)]
    assert told == [True, True]

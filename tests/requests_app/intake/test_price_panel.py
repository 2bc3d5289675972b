"""The price while a form is filled in, and the same figures as JSON."""

from decimal import Decimal

import pytest
from django.urls import reverse

from orbitrage.shared.geo import to_geos_multipolygon
from quotas.models import LedgerEntry
from quotas.pricing import FundingPlan
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, LARGE_KM2
from tests.requests_app.outlines import SCATTERED
from tests.requests_app.pages import text_of

pytestmark = pytest.mark.django_db
NOTHING_YET = "Give your area"


@pytest.fixture
def panel(client, programme):
    """What the panel answers, in English, to what was typed."""

    def post(address: str | None = None, user=None, **typed) -> str:
        client.force_login(user or programme.requester)
        response = client.post(
            address or reverse("requests:panel"), typed, headers={"accept-language": "en"}
        )
        assert response.status_code == 200
        return text_of(response)

    return post


def answers(programme, aoi=None, **typed):
    area = world.area_of(programme.requester, aoi)
    return {
        "on_behalf": f"{programme.entity.pk}-0",
        "sensor": programme.sensor.pk,
        "request_kind": "archive",
        "acquisition_mode": "mono",
        "area_id": area.pk,
    } | typed


def test_panel_prices_what_is_said_so_far(programme, panel):
    """No title, no purpose, no window yet: the price is there, and nothing is written."""
    told = panel(**answers(programme, world.square(size_deg=0.12)))

    assert "Free quota 100.00" in told
    assert "Largest area that would still be free: 100.00 km²" in told
    assert "at least 100.00 km² × 1 × €1.00 = €100.00" in told
    assert not ImageryRequest.objects.exists()
    assert not LedgerEntry.objects.filter(envelope__scope="entity").exists()


def test_panel_follows_the_mode(programme, panel):
    told = panel(**answers(programme, world.square(size_deg=0.12), acquisition_mode="stereo"))

    assert "at least 100.00 km² × 2 × €1.00 = €200.00" in told


def test_panel_counts_every_date(programme, panel):
    """3 × 57.47 = 172.41 km², 72.41 beyond the cap: of two dates at least, each billed as 100."""
    dates = {"request_kind": "tasking", "acquisition_dates": "3", "interval_days": "20"}

    told = panel(**answers(programme, world.square()) | dates)

    assert "57.47 km² × 3 dates = 172.41 km²: every date counts." in told
    assert "200.00 km² × 1 × €1.00 = €200.00" in told
    assert "Largest area that would still be free: 33.33 km²" in told
    assert "smaller, there would be nothing to pay" not in told


@pytest.mark.parametrize("missing", ["area_id", "sensor", "on_behalf", "request_kind"])
def test_panel_waits_for_what_the_price_needs(programme, panel, missing):
    typed = answers(programme)
    assert NOTHING_YET not in panel(**typed)

    del typed[missing]

    assert NOTHING_YET in panel(**typed)


@pytest.mark.parametrize("hostile", ["-1", "9" * 30, "1 OR 1=1", "²"])
def test_area_that_is_no_number_is_no_area(programme, panel, hostile):
    assert NOTHING_YET in panel(**answers(programme) | {"area_id": hostile})


def test_area_of_somebody_else_is_not_priced(programme, panel):
    assert NOTHING_YET not in panel(**answers(programme))

    assert NOTHING_YET in panel(user=programme.colleague, **answers(programme))


def test_panel_of_a_change_prices_the_area_kept(programme, panel):
    draft = world.draft(programme)
    address = reverse("requests:panel_of_change", args=[draft.number])

    told = panel(address, **answers(programme) | {"area_id": ""})

    assert f"Free quota {ASKED_KM2:.2f}" in told
    assert ImageryRequest.objects.get().acquisition_mode == "mono"


def test_panel_of_a_change_writes_nothing(programme, panel):
    draft = world.draft(programme)
    address = reverse("requests:panel_of_change", args=[draft.number])
    before = ImageryRequest.objects.values().get()

    panel(address, **answers(programme, world.square(size_deg=0.12), acquisition_mode="stereo"))

    assert ImageryRequest.objects.values().get() == before


def test_what_the_request_holds_itself_counts_as_left_to_it(programme, panel):
    """A question is answered: the allowance of 500 km² is not counted as used by the file."""
    request = world.in_review(programme)
    review.request_information(request_id=request.pk, user=programme.reviewer, question="When?")
    address = reverse("requests:panel_of_change", args=[request.number])

    told = panel(address, **answers(programme) | {"area_id": ""})

    assert "Allowance of the entity 500 km² 57.47 km² 442.53 km²" in told


@pytest.fixture
def explained(client, programme):
    def get(request, user=None):
        client.force_login(user or programme.requester)
        response = client.get(reverse("requests:explanation", args=[request.number]))
        assert response.status_code == 200
        return response.json()

    return get


def test_draft_is_explained_as_json(programme, explained):
    draft = world.draft(programme, aoi=world.square(size_deg=0.12))

    told = explained(draft)

    assert (told["request"], told["state"], told["is_decided"]) == (draft.number, "draft", False)
    explanation = told["explanation"]
    assert Decimal(explanation["union_km2"]) == LARGE_KM2
    assert explanation["parts_km2"] == [str(LARGE_KM2)]
    assert explanation["largest_free_km2"] == "100.000000"
    assert [line["source"] for line in explanation["lines"]] == ["free", "cofunded"]
    assert explanation["total_eur"] == "100.00"


@pytest.mark.parametrize("reader", ["requester", "reviewer", "arbitrator"])
def test_requester_reviewer_and_arbitrator_read_the_same_figures(programme, explained, reader):
    request = world.in_arbitration(programme)

    told = explained(request, getattr(programme, reader))

    assert told == explained(request)
    assert (told["is_decided"], told["explanation"]["total_eur"]) == (False, "0.00")


def test_decided_request_is_explained_as_decided(programme, explained):
    request = world.approved(programme)

    told = explained(request)

    assert told["is_decided"]
    assert FundingPlan.from_json(told["explanation"]) == FundingPlan.from_json(request.funding_plan)


def test_arbitrator_is_offered_no_approval_of_a_price(programme, read):
    request = world.in_arbitration(programme, aoi=world.square(size_deg=0.12))

    page = read(programme.arbitrator, request.get_absolute_url())

    assert "Make an offer" in page
    assert "Approve" not in page


def test_refusal_is_offered_once_it_is_proposed(programme, read):
    request = world.in_review(programme)
    assert "Refuse" not in read(programme.arbitrator, request.get_absolute_url())

    review.propose_inadmissible(
        request_id=request.pk, user=programme.reviewer, opinion="Outside the programme."
    )

    assert "Refuse" in read(programme.arbitrator, request.get_absolute_url())


def test_area_that_is_no_order_is_told_in_the_panel(programme, panel, client):
    scattered = to_geos_multipolygon(SCATTERED)

    told = panel(**answers(programme, scattered))

    assert "Ask for the parts in several requests." in told
    draft = world.draft(programme)
    change = reverse("requests:panel_of_change", args=[draft.number])
    assert panel(change, **answers(programme, scattered)) == told

"""What licence, page, letter, quotation and order say of several images."""

from decimal import Decimal

import pytest

from licences.models import Licence
from quotas.documents.sheet import sheet
from quotas.models import Quotation
from quotas.pricing import FundingPlan
from requests_app.letter_figures import figures_of
from requests_app.licensed_images import image_parameters
from requests_app.models import AcquisitionShare, ImageryRequest
from requests_app.operators.manual import order_message
from tests.requests_app import world
from tests.requests_app.books import ASKED_KM2, SMALLER_KM2
from tests.requests_app.pages import text_of
from tests.requests_app.supply.series import THREE_KM2, TWO_KM2, WEST, came, mosaic, series

pytestmark = pytest.mark.django_db


def rows_of_licence(request):
    record = Licence.objects.get(request_number=request.number).record
    return record["area_km2"], {
        row["label_en"]: (row["value_fr"], row["value_en"]) for row in record["parameters"]
    }


def test_licence_says_the_dates_and_what_they_come_to(programme):
    request = world.approved(programme, **series(programme))

    area_km2, said = rows_of_licence(request)
    assert area_km2 == str(SMALLER_KM2)
    assert said["Dates"] == ("3, à 20 jours d'intervalle au moins", "3, at least 20 days apart")
    together = said["Area of all images together"]
    assert together == ("22,45 km² × 3 = 67,36 km²", "22.45 km² × 3 = 67.36 km²")


def test_licence_names_the_first_scenes_and_how_many_more(programme):
    names = [WEST.replace("_01654", f"_0165{n}") for n in range(7)]
    request = world.draft(programme, archive_scenes=names)
    plan = FundingPlan(lines=(), area_km2=Decimal(7), images_km2=(Decimal(1),) * 7)

    scenes, _area = image_parameters(request, plan)

    assert scenes.value_fr == ", ".join(names[:5]) + " et 2 autres"
    assert scenes.value_en == ", ".join(names[:5]) + " and 2 more"


def test_licence_says_base_over_height(programme):
    bounds = {
        "base_to_height_minimum": Decimal("0.25"),
        "base_to_height_maximum": Decimal("0.40"),
    }
    request = world.draft(
        programme, acquisition_mode="stereo", processing_level="primary", **bounds
    )
    plan = FundingPlan(lines=(), area_km2=ASKED_KM2)

    (ratio,) = image_parameters(request, plan)

    assert (ratio.value_fr, ratio.value_en) == ("≥ 0,25, ≤ 0,40", "≥ 0.25, ≤ 0.40")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "57.47 km² × 3 dates = 172.41 km²: every date counts."),
        ("en", "This tariff bills 100.00 km² at least for each image: the 72.41 km² are billed as"),
        ("en", "200.00 km² × 1 × €1.00 = €200.00"),
        ("en", "does not count on the quota, and is billed only as far as a tariff bills a least"),
        ("fr", "172,41"),
    ],
)
def test_page_says_how_a_series_counts(programme, client, language, said):
    aoi = world.square()
    request = world.in_arbitration(programme, **series(programme, aoi=aoi))
    operator_area_km2 = Decimal(100)
    ImageryRequest.objects.filter(pk=request.pk).update(
        operator_area_km2=operator_area_km2, order_is_enlarged=True
    )
    client.force_login(programme.requester)

    page = text_of(client.get(request.get_absolute_url(), headers={"accept-language": language}))

    assert said in page


def test_page_adds_up_what_the_scenes_show(programme, client):
    request = world.submitted(programme, **mosaic(programme))
    client.force_login(programme.requester)

    page = text_of(client.get(request.get_absolute_url(), headers={"accept-language": "en"}))

    assert "34.48 km² + 22.99 km² = 57.47 km²: what each of 2 scenes shows of the area" in page


def test_letter_says_what_came_of_all_images(programme):
    request = world.ordered(programme, **series(programme))
    request = came(programme, request, 0, 20)

    figures = figures_of(request.records.latest("pk"))

    assert (figures.delivered_km2, figures.images_km2) == (TWO_KM2, THREE_KM2)
    assert figures.granted_km2 == SMALLER_KM2


def test_quotation_says_of_how_many_images_it_is(programme):
    request = world.priced_offer(programme, **series(programme, aoi=world.square()))
    record = Quotation.objects.get(request_number=request.number).record
    nothing = dict.fromkeys(("recorded_at", "recorded_on", "engagement_number", "service_code"))
    document = record | nothing | {"version": 1}

    line, _programme = sheet(document, sha256="0" * 64, language="en")["lines"]

    assert line["notes"][:2] == [
        "billed at the minimum of the tariff, for each image: 100.00 km²",
        "images of the area: 3, together 172.410765 km²",
    ]


def test_order_by_mail_says_how_many_images(programme):
    request = world.ordered(programme, **series(programme))
    share = AcquisitionShare.objects.get(request=request)

    message = order_message(share.acquisition)

    assert "Pléiades, 3 × 100.02\N{NO-BREAK SPACE}km²" in message.subject

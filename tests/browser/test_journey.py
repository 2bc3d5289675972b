"""One request from sign-in to closing, through the pages, with a real worker behind them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from playwright.sync_api import Page, expect

from licences.models import Licence
from requests_app.models import ImageryRequest
from tests.browser.documents import download, text_of
from tests.browser.people import NO_EMERGENCY, WISHES, Person, ask, file_of, geojson
from tests.catalogue.dimap_text import dimap
from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

# Under a real Pléiades image of Haiti; 29 km².
ZONE = MultiPolygon(Polygon.from_bbox((-73.12, 18.40, -73.07, 18.45)), srid=4326)
BEYOND_THE_CAP = world.square(size_deg=0.12)  # 129 km², 100 of them free; co-funded beyond
ROUND_ZONE = ((-73.2, 18.5), (-73.0, 18.5), (-73.0, 18.3), (-73.2, 18.3))
HAITI = "dimap/airbus_dimap/Stars__DIM_PHR1A_PMS_202108151541301_ORT_5881313101.XML"
LAMBERT_93 = "aoi/derived_crs/communes_toulouse_latin1_epsg2154.zip"
LAMBERT_93_AREA = "179,55"
# A rectangle well inside the five communes: longitude, latitude of two corners; about 43 km².
OFFERED = ((1.39, 43.57), (1.47, 43.63))
PDF_PATIENCE_S = 60


@pytest.fixture
def delivery() -> tuple[str, bytes]:
    """The metadata of a real product when the real data lie beside the project."""
    real: Path = django_settings.ORBITRAGE_SHARED_DATA / HAITI
    if real.is_file():
        return real.name, real.read_bytes()
    return "DIM_PHR1A.XML", dimap(corners=ROUND_ZONE)


def review(reviewer: Person, number: str) -> None:
    """From the queue to the arbitrators."""
    reviewer.page.click('a[href="/queue/"]')
    reviewer.page.click(f"main table a >> text={number}")
    reviewer.move("take")
    assert reviewer.state == "in_review"
    reviewer.move("recommend", opinion="Besoin clair, dossier complet.", nationality_reviewed=True)
    assert reviewer.state == "in_arbitration"


def wait_for_document(page: Page, language: str) -> None:
    """The page of a licence says that its document is being prepared, until the worker has done it."""
    link = page.locator(f'.page-header__actions a[hreflang="{language}"]')
    deadline = time.monotonic() + PDF_PATIENCE_S
    while not link.count() and time.monotonic() < deadline:
        page.reload()
    expect(link).to_be_visible()


def download_licence(requester: Person, folder: Path) -> Path:
    """From the request's page: its licence, then the French document."""
    page = requester.page
    page.click('aside a[href^="/licences/"]')
    wait_for_document(page, "fr")
    return download(page, "fr", folder)


# --- By mouse -------------------------------------------------------------------------------------


def test_a_request_from_sign_in_to_closing(
    person: Callable[..., Person],
    start_worker: Callable[..., Any],
    delivery: tuple[str, bytes],
    tmp_path: Path,
):
    start_worker()
    requester, reviewer, arbitrator, officer = map(
        person, ("requester", "reviewer", "arbitrator", "supply_officer")
    )

    number = ask(requester, geojson(ZONE))
    preview = requester.page.locator("section[aria-labelledby=preview-title]")
    assert preview.locator(".badge--positive").count() == 1
    assert "0 %" in preview.inner_text().replace("\u202f", " ").replace("\xa0", " ")
    assert "29,2" in preview.locator("tfoot").inner_text()
    requester.move("submit")
    assert requester.state == "submitted"

    review(reviewer, number)
    arbitrator.open_request(number)
    arbitrator.move("approve", note="Bon usage des images.")
    assert arbitrator.state == "approved"

    requester.open_request(number)
    file = download_licence(requester, tmp_path)
    licence = Licence.objects.get(request_number=number)
    text = text_of(file)
    assert file.read_bytes()[:5] == b"%PDF-"
    assert [word in text for word in (licence.number, number, "Quota gratuit")] == [True] * 3

    officer.open_request(number)
    officer.move("order")
    assert officer.state == "ordered"
    officer.move("register_delivery", metadata_files=file_of(*delivery), complete=True)
    assert officer.state == "delivered"

    requester.open_request(number)
    requester.move("accept_delivery")

    assert requester.state == "closed"
    assert ImageryRequest.objects.get(number=number).state == "closed"


def test_an_area_in_lambert_93_is_offered_in_part_and_the_offer_accepted(
    person: Callable[..., Person],
    start_worker: Callable[..., Any],
    shared_data: Path,
    tmp_path: Path,
):
    start_worker()
    requester, reviewer, arbitrator = map(person, ("requester", "reviewer", "arbitrator"))
    area = file_of("communes.zip", (shared_data / LAMBERT_93).read_bytes())

    number = ask(requester, area)
    assert LAMBERT_93_AREA in requester.page.locator("main figcaption").inner_text()
    requester.move("submit")
    review(reviewer, number)

    arbitrator.open_request(number)
    arbitrator.page.click('main a[href$="/do/offer/"]')
    draw_rectangle(arbitrator.page, *OFFERED)
    assert '"Polygon"' in arbitrator.page.input_value("#id_polygon")
    arbitrator.answer(note="Le centre de l'agglomération.")
    arbitrator.confirm()
    assert arbitrator.state == "offered"

    requester.open_request(number)
    requester.move("accept_offer")
    assert requester.state == "approved"

    granted = ImageryRequest.objects.get(number=number).granted_area_km2
    assert 42 < granted < 44
    document = text_of(download_licence(requester, tmp_path))
    assert f"{granted:.2f}".replace(".", ",") in document


def draw_rectangle(page: Page, *corners: tuple[float, float]) -> None:
    """With the button of the mouse held from one corner to the other."""
    page.locator(".map-tools button[aria-pressed]").nth(1).click()
    page.locator(".map").scroll_into_view_if_needed()
    page.mouse.move(*place_of(page, corners[0]))
    page.mouse.down()
    page.mouse.move(*place_of(page, corners[1]), steps=4)
    page.mouse.up()


def place_of(page: Page, position: tuple[float, float]) -> tuple[float, float]:
    """Where a longitude and latitude stand in the window, in pixels."""
    x, y = page.evaluate(
        """([longitude, latitude]) => {
            const [element, shown] = window.Orbitrage.maps.entries().next().value;
            const point = shown.map.latLngToContainerPoint([latitude, longitude]);
            const box = element.getBoundingClientRect();
            return [box.x + point.x, box.y + point.y];
        }""",
        list(position),
    )
    return x, y


# --- What was typed stays -------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_is_refused_and_the_rest_stays(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    page.check(NO_EMERGENCY)
    requester.answer(area_file=file_of("zone.geojson", b"{not json"), **WISHES)
    page.fill("#id_maximum_cloud_percent", "35")
    page.select_option("#id_processing_level", index=0)

    page.click("main .form__actions button")

    codes = page.locator("#id_area_file_error li").evaluate_all(
        "all => all.map(e => e.dataset.code)"
    )
    kept = {name: page.input_value(f"#id_{name}") for name in WISHES}
    assert codes == ["invalid_json"]
    assert kept == WISHES
    assert page.input_value("#id_maximum_cloud_percent") == "35"
    assert ImageryRequest.objects.count() == 0


def test_the_area_is_kept_when_another_field_is_wrong(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    page.check(NO_EMERGENCY)
    requester.answer(area_file=geojson(ZONE), purpose=WISHES["purpose"])
    page.click("main .form__actions button")
    assert page.locator("#id_title_error li").get_attribute("data-code") == "required"
    assert "zone.geojson" in page.locator(".notice--success").inner_text()

    requester.answer(title=WISHES["title"])
    requester.confirm()

    assert ImageryRequest.objects.get().aoi.extent == pytest.approx(ZONE.extent)


def said_of_the_area(page: Page) -> str:
    expect(page.locator("#area-said .notice")).to_be_visible()
    return page.locator("#area-said").inner_text()


def test_an_area_is_read_and_shown_as_soon_as_its_file_is_chosen(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    page.check(NO_EMERGENCY)
    requester.answer(**WISHES)

    requester.answer(area_file=file_of("zone.geojson", b"{not json"))
    refused = page.locator("#area-said [data-code]").get_attribute("data-code")
    requester.answer(area_file=geojson(ZONE))
    page.wait_for_selector("#area-said .notice--success")

    assert refused == "invalid_json"
    assert "29," in said_of_the_area(page)
    assert page.locator("#area-map .map-legend li").count() == 1
    assert page.input_value("#id_title") == WISHES["title"]
    requester.confirm()
    assert ImageryRequest.objects.get().aoi.extent == pytest.approx(ZONE.extent)


def test_the_price_follows_the_form(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    page.check(NO_EMERGENCY)
    price = page.locator("#panel tfoot [data-label='€']")
    assert price.count() == 0

    requester.answer(area_file=geojson(BEYOND_THE_CAP))
    expect(price).to_have_text("100,00\xa0€")
    page.select_option("#id_acquisition_mode", "stereo")
    expect(price).to_have_text("200,00\xa0€")
    page.locator("details.explanation summary").click()

    assert (
        "100,00\xa0km² × 2 × 1,00\xa0€ = 200,00\xa0€" in page.locator(".explanation").inner_text()
    )
    assert ImageryRequest.objects.count() == 0


def test_whoever_is_signed_out_while_choosing_a_file_loses_nothing(person: Callable[..., Person]):
    requester = person("requester")
    page = requester.page
    page.goto(requester.base + reverse("requests:new") + "?depth=expert")
    page.check(NO_EMERGENCY)
    requester.answer(**WISHES)
    page.context.clear_cookies(name="sessionid")

    requester.answer(area_file=geojson(ZONE))

    assert said_of_the_area(page) == page.locator(".area-ways").get_attribute("data-failure")
    assert page.input_value("#id_title") == WISHES["title"]

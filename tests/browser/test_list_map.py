"""The map of a list of requests, and the table that says the same."""

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse

from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

FAR_AWAY = MultiPolygon(Polygon.from_bbox((-73.12, 18.40, -73.07, 18.45)), srid=4326)


def open_map(person, base):
    page = person("requester").page
    page.goto(base + reverse("requests:list") + "?map=1")
    page.locator(".map-legend li").first.wait_for()
    return page


def test_row_lights_its_shape_and_a_shape_leads_to_its_row(base, programme, person):
    request = world.submitted(programme)
    page = open_map(person, base)
    outline = page.locator("path.leaflet-interactive")

    usual = outline.get_attribute("stroke-width")
    page.locator(f"#{request.number} a").focus()
    lit = outline.get_attribute("stroke-width")
    page.locator("h1").click()

    assert (usual, lit, outline.get_attribute("stroke-width")) == ("2.5", "6", "2.5")

    outline.click()
    page.locator(".leaflet-popup-content a").click()

    assert page.url.endswith(f"#{request.number}")
    assert page.locator("tr:target th").inner_text() == request.number


def test_what_is_too_small_to_be_seen_has_a_mark_of_its_state(base, programme, person):
    """Shapes of their own, in the legend too: not colours alone."""
    world.submitted(programme)
    world.draft(programme, aoi=FAR_AWAY)
    page = open_map(person, base)

    marks = {mark.get_attribute("d") for mark in page.locator(".map-mark path").all()}
    legend = {mark.get_attribute("d") for mark in page.locator(".map-legend path").all()}
    fills = [mark.get_attribute("fill") for mark in page.locator(".map-mark path").all()]

    assert page.locator(".map-mark").count() == page.locator(".map-legend li").count() == 2
    assert marks == legend
    assert sorted(fills) == ["#1a5a9e", "#fff"]


def test_without_scripts_the_table_stands_alone(base, programme, browser, person):
    request = world.submitted(programme)
    cookies = person("requester").page.context.cookies()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()

    page.goto(base + reverse("requests:list") + "?map=1&state=submitted")

    assert page.locator("tbody th").all_inner_texts() == [request.number]
    assert not page.locator(".map").is_visible()
    assert page.locator(".map-figure .no-js").is_visible()
    assert page.locator("#id_state_0").is_checked() is False
    assert page.locator(".toolbar__more [name=state]:checked").is_visible()

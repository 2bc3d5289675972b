"""Numbers, days and states as people read them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from orbitrage.templatetags.orbitrage_format import (
    BADGES,
    area_km2,
    area_km2_number,
    day,
    euros,
    instant,
    number,
    page_numbers,
    percent,
    relative_day,
    state_badge_class,
)
from requests_app.states import State


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("fr", Decimal("1234.5"), "1\u202f234,50\u00a0km²"),
        ("en", Decimal("1234.5"), "1,234.50\u00a0km²"),
        ("fr", Decimal("0.005"), "0,01\u00a0km²"),
        ("fr", Decimal("1234567.891"), "1\u202f234\u202f567,89\u00a0km²"),
        ("en", Decimal(-40), "\u221240.00\u00a0km²"),
        ("en", Decimal("-0.001"), "0.00\u00a0km²"),
        ("fr", "60.1", "60,10\u00a0km²"),
        ("fr", None, "—"),
        ("fr", "", "—"),
    ],
)
def test_areas_are_shown_to_two_decimals(language, value, shown):
    with translation.override(language):
        assert area_km2(value) == shown


def test_area_without_unit():
    with translation.override("en"):
        assert area_km2_number(Decimal("12345.678")) == "12,345.68"


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [
        ("fr", Decimal("1234.5"), "1\u202f234,50\u00a0€"),
        ("en", Decimal("1234.5"), "€1,234.50"),
        ("en", Decimal("-4.06"), "\u2212€4.06"),
        ("fr", 0, "0,00\u00a0€"),
        ("en", None, "—"),
    ],
)
def test_euros(language, value, shown):
    with translation.override(language):
        assert euros(value) == shown


@pytest.mark.parametrize(
    ("language", "value", "decimals", "shown"),
    [
        ("fr", 12345, None, "12\u202f345"),
        ("en", Decimal("12.50"), None, "12.50"),
        ("en", 0.5, None, "0.5"),
        ("fr", Decimal("2.345"), 2, "2,35"),
        ("fr", None, None, "—"),
    ],
)
def test_numbers_keep_their_decimals_unless_told(language, value, decimals, shown):
    with translation.override(language):
        assert number(value, decimals) == shown


def test_percent_has_a_space_in_french_only():
    with translation.override("fr"):
        assert percent(Decimal("62.4")) == "62\u202f%"
    with translation.override("en"):
        assert percent(Decimal("62.45"), 1) == "62.5%"


def test_days_and_instants():
    at = datetime(2026, 3, 3, 23, 30, tzinfo=ZoneInfo("UTC"))

    with translation.override("en"):
        assert day(date(2026, 3, 3)) == "3 March 2026"
        assert day(at) == "4 March 2026"
        assert instant(at) == "4 March 2026 at 00:30"
        assert day(None) == instant(None) == relative_day(None) == "—"


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (3, "in 3 days"),
        (-7, "7 days ago"),
    ],
)
def test_near_days_are_told_in_words(days, shown):
    on = timezone.localdate() + timedelta(days=days)

    with translation.override("en"):
        assert relative_day(on) == shown


def test_far_days_are_dates():
    on = timezone.localdate() + timedelta(days=8)

    with translation.override("en"):
        assert relative_day(on) == day(on)


def test_every_state_of_a_request_has_a_badge():
    known = {state for states in BADGES.values() for state in states}

    assert set(State.values) - known == set()


def test_badge_classes():
    assert state_badge_class("offered") == "badge--action"
    assert state_badge_class("refused") == "badge--negative"
    assert state_badge_class("never heard of") == "badge--neutral"


def test_pages_shown_are_ends_and_neighbours():
    paginator = Paginator(range(430), 25)

    assert list(page_numbers(paginator.page(6))) == [1, None, 4, 5, 6, 7, 8, None, 18]
    assert list(page_numbers(paginator.page(1))) == [1, 2, 3, None, 18]
    assert list(page_numbers(Paginator(range(3), 25).page(1))) == [1]


def test_page_address_keeps_the_filters():
    request = RequestFactory().get("/queue/", {"state": "in_review", "page": "2"})
    template = Template("{% load orbitrage_format %}{% page_address 3 %}")

    address = template.render(Context({"request": request}))

    assert address == "?state=in_review&amp;page=3"

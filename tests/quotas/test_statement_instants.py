"""The balances of an envelope at any instant, for programs."""

import json
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.quotas.factories import AllowanceFactory
from tests.quotas.pages import THIS_YEAR, affiliate, body, used

pytestmark = pytest.mark.django_db


def url(envelope) -> str:
    return reverse("quotas:statement_file", args=[envelope.pk, "json"])


def test_json_tells_the_balances_of_any_instant(visit):
    envelope = used(AllowanceFactory(granted=100, **THIS_YEAR))
    entries = list(envelope.entries.order_by("sequence"))

    told = [as_of(visit, envelope, timezone.localtime(entry.at).isoformat()) for entry in entries]

    assert [each.pop("at") for each in told] == [
        timezone.localtime(entry.at).isoformat() for entry in entries
    ]
    assert [list(each.values()) for each in told] == [
        [f"{amount:.6f}" for amount in amounts]
        for amounts in (
            (100, 0, 0, 100),
            (100, Decimal("60.25"), 0, Decimal("39.75")),
            (100, 0, Decimal("60.25"), Decimal("39.75")),
            (100, 5, Decimal("60.25"), Decimal("34.75")),
            (100, 5, Decimal("49.75"), Decimal("45.25")),
        )
    ]


def as_of(visit, envelope, at, **filters):
    response = visit(affiliate(envelope), url(envelope), at=at, **filters)
    return json.loads(body(response))["as_of"]


def test_instant_is_that_of_its_zone_whatever_the_days_shown(visit):
    """An instant before the grant; the blank is what becomes of "+" in an address."""
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)
    days = {"starts_on": "2020-01-01", "ends_on": "2020-01-31"}

    told = as_of(visit, envelope, "2020-03-31T18:00:00 05:00", **days)

    assert told == {
        "at": "2020-03-31T15:00:00+02:00",
        "granted": "0.000000",
        "held": "0.000000",
        "consumed": "0.000000",
        "left": "0.000000",
    }
    assert as_of(visit, envelope, "2999-01-01T00:00:00Z", **days)["left"] == "100.000000"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("yesterday", "instant_invalid"),
        ("2026-02-30T10:00:00Z", "instant_invalid"),
        ("2026-03-31T18:00:00", "instant_without_zone"),
        ("2026-03-31", "instant_without_zone"),
        ("0001-01-01T00:00:00+14:00", "instant_too_far"),
        ("9999-12-31T23:59:59-14:00", "instant_too_far"),
        ("2026-03-31T18:00:00\x00Z", "null_characters_not_allowed"),
        ("2" * 41, "max_length"),
    ],
)
def test_instant_that_cannot_be_read_is_refused_with_its_code(visit, at, code):
    envelope = AllowanceFactory(granted=100, **THIS_YEAR)

    response = visit(affiliate(envelope), url(envelope), at=at)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (400, "at", code)
    assert error["message"]

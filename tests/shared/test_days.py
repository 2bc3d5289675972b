from datetime import UTC, date, datetime

import pytest
from django.utils.translation import override

from orbitrage.shared.days import day_in_words, instant_in_words


@pytest.mark.parametrize(
    ("on", "shown"),
    [
        (date(2027, 1, 1), "1er janvier 2027"),
        (date(2027, 8, 11), "11 août 2027"),
        (date(2027, 12, 21), "21 décembre 2027"),
    ],
)
def test_the_first_of_a_month_has_its_own_form_in_french(on, shown):
    with override("fr"):
        assert day_in_words(on) == shown


def test_english_keeps_the_figure():
    with override("en"):
        assert day_in_words(date(2027, 1, 1)) == "1 January 2027"


def test_an_instant_is_told_in_the_time_zone_of_the_service():
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    with override("fr"):
        assert instant_in_words(at) == "1er janvier 2027 à 00:30"
    with override("en"):
        assert instant_in_words(at) == "1 January 2027 at 00:30"

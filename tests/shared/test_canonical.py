"""Examples typed from RFC 8785 and ECMA-262, not from the code."""

from decimal import Decimal

import pytest

from orbitrage.shared.canonical import canonical_json, sha256_of


@pytest.mark.parametrize(
    ("number", "spelt"),
    [
        (0.0, b"0"),
        (-0.0, b"0"),
        (5e-324, b"5e-324"),
        (1.7976931348623157e308, b"1.7976931348623157e+308"),
        (9007199254740992, b"9007199254740992"),
        (295147905179352830000.0, b"295147905179352830000"),
        (9.999999999999997e22, b"9.999999999999997e+22"),
        (1e23, b"1e+23"),
        (0.000001, b"0.000001"),
        (1e-7, b"1e-7"),
        (333333333.3333332, b"333333333.3333332"),
        (-0.0000033333333333333333, b"-0.0000033333333333333333"),
        (1424953923781206.2, b"1424953923781206.2"),
        (2, b"2"),
        (2.0, b"2"),
    ],
)
def test_numbers_are_spelt_as_ecmascript_does(number, spelt):
    assert canonical_json(number) == spelt


def test_keys_are_in_the_order_of_utf_16():
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}

    assert canonical_json(value).decode() == (
        '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'
    )


def test_only_what_json_demands_is_escaped():
    assert canonical_json('€$\u000f\nA\'B"\\\\"/é').decode() == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/é"'


def test_order_of_keys_does_not_change_the_hash():
    assert sha256_of({"a": [1, {"b": None, "c": True}]}) == sha256_of(
        {"a": [1, {"c": True, "b": None}]}
    )


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(TypeError, match="Decimal"):
        canonical_json({"area_km2": Decimal("1.50")})
    with pytest.raises(ValueError, match="not a number"):
        canonical_json([float("nan")])

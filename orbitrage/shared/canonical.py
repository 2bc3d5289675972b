"""Canonical JSON: one spelling for one value, so that its SHA-256 can be printed and compared.

Source: RFC 8785 (JSON Canonicalization Scheme).
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal

NO_WORD = "JSON has no word for {}: text, numbers, lists and mappings only."


def canonical_json(value: object) -> bytes:
    """Return ``value`` in the one spelling of RFC 8785, as UTF-8.

    Raises:
        TypeError: ``value`` holds something JSON has no word for (a Decimal is given as text).
        ValueError: a number is infinite or not a number, or a text holds half a surrogate pair.
    """
    return _spell(value).encode("utf-8")


def sha256_of(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _spell(value: object) -> str:
    match value:
        case None | True | False | str():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return _spell_number(value)
        case Mapping():
            # The order is that of UTF-16 code units, not of code points.
            keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
            return "{" + ",".join(f"{_spell(key)}:{_spell(value[key])}" for key in keys) + "}"
        case list() | tuple():
            return "[" + ",".join(_spell(item) for item in value) + "]"
        case _:
            raise TypeError(NO_WORD.format(type(value).__name__))


def _spell_number(value: float) -> str:
    """Spell a number as ECMAScript does: the shortest digits that give the same double back."""
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("A coordinate is not a number.")
    if number == 0:
        return "0"
    if "e" not in (plain := repr(number)):
        return plain.removesuffix(".0")
    sign, digits, exponent = Decimal(plain).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    return ("-" if sign else "") + _place_point(text, point)


def _place_point(digits: str, point: int) -> str:
    """Place the decimal point after ``point`` of the ``digits`` (ECMA-262, Number::toString)."""
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"

"""How a document writes figures and days, in each language, whatever the machine's own settings."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NARROW_SPACE = "\u202f"
SPACE = "\u00a0"
TENTH = Decimal("0.1")
CENT = Decimal("0.01")
SQUARE_METRE = Decimal("0.000001")


def decimal(value: Decimal, language: str) -> str:
    text = f"{value.quantize(CENT, ROUND_HALF_UP):,.2f}"
    if language == "fr":
        return text.replace(",", NARROW_SPACE).replace(".", ",")
    return text


def area(value_km2: Decimal, language: str) -> str:
    """To 0.01 km²; to the square metre when that would say nothing."""
    if 0 < value_km2 < CENT:
        text = f"{value_km2.quantize(SQUARE_METRE, ROUND_HALF_UP):f}"
        return f"{text.replace('.', ',') if language == 'fr' else text}{SPACE}km²"
    return f"{decimal(value_km2, language)}{SPACE}km²"


def euros(value: Decimal, language: str) -> str:
    if language == "fr":
        return f"{decimal(value, language)}{SPACE}€"
    return f"€{decimal(value, language)}"


def rounded(value: float | None, unit: str, language: str) -> str:
    """To a tenth, with its unit; a dash where it is not known."""
    if value is None:
        return "—"
    text = f"{Decimal(str(value)).quantize(TENTH, ROUND_HALF_UP):f}"
    return f"{text.replace('.', ',') if language == 'fr' else text}{unit}"


def whole(value: int, language: str) -> str:
    return f"{value:,}".replace(",", NARROW_SPACE if language == "fr" else ",")


def day(on: date, language: str, months: list[str]) -> str:
    first = "1er" if language == "fr" and on.day == 1 else str(on.day)
    return f"{first}{SPACE}{months[on.month - 1]}{SPACE}{on.year}"

"""What a quotation must satisfy to be accepted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class QuotationDates:
    number: str
    valid_until: dt.date
    on: dt.date


def quotation_in_time(dates: QuotationDates) -> Refusal | None:
    if dates.on <= dates.valid_until:
        return None
    message = gettext("Quotation %(number)s was valid until %(valid_until)s.")
    figures = {"number": dates.number, "valid_until": day_in_words(dates.valid_until)}
    return Refusal("quotation_expired", message % figures)


def purchase_reference_given(reference: str) -> Refusal | None:
    if reference.strip():
        return None
    message = gettext("A priced request is accepted with the reference of a purchase order.")
    return Refusal("purchase_reference_missing", message)

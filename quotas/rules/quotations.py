"""What a quotation must satisfy to be accepted, and for what an accountant records on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in


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


def package_still_open(
    *, number: str, purchase_reference: str, is_accepted: bool, is_closed: bool
) -> Refusal | None:
    if is_accepted:
        message = gettext("Quotation %(number)s is accepted already, with the reference %(given)s.")
        figures = {"number": number, "given": purchase_reference}
        return Refusal("package_already_accepted", message % figures)
    if is_closed:
        message = gettext("Quotation %(number)s is closed. Ask for another one.")
        return Refusal("quotation_closed", message % {"number": number})
    return None


@dataclass(frozen=True, kw_only=True)
class ReferencesChange:
    """What would be recorded on a quotation, and how it stands. `changes_commitment` is about the
    engagement number and the service code, `changes_invoice` about the invoice and its payment."""

    number: str
    is_closed: bool
    accepted_on: dt.date | None
    changes_commitment: bool
    changes_invoice: bool
    invoice_number: str
    paid_on: dt.date | None
    on: dt.date


def commitment_still_open(change: ReferencesChange) -> Refusal | None:
    if not change.changes_commitment or not change.is_closed:
        return None
    message = gettext(
        "Quotation %(number)s is closed: its engagement number and its service code stay as they "
        "are."
    )
    return Refusal("quotation_closed", message % {"number": change.number})


def invoice_after_acceptance(change: ReferencesChange) -> Refusal | None:
    if not change.changes_invoice or change.accepted_on is not None:
        return None
    message = gettext("Quotation %(number)s is not accepted: it has no invoice.")
    return Refusal("quotation_not_accepted", message % {"number": change.number})


def payment_names_its_invoice(change: ReferencesChange) -> Refusal | None:
    if change.paid_on is None or change.invoice_number:
        return None
    message = gettext("A payment is recorded with the number of its invoice.")
    return Refusal("invoice_number_missing", message)


def payment_in_its_time(change: ReferencesChange) -> Refusal | None:
    if change.paid_on is None or change.accepted_on is None:
        return None
    if change.accepted_on <= change.paid_on <= change.on:
        return None
    message = gettext(
        "Paid on %(paid_on)s? Quotation %(number)s was accepted on %(accepted_on)s, and today is "
        "%(on)s."
    )
    figures = {
        "paid_on": day_in_words(change.paid_on),
        "number": change.number,
        "accepted_on": day_in_words(change.accepted_on),
        "on": day_in_words(change.on),
    }
    return Refusal("payment_out_of_time", message % figures)


REFERENCES_RULES: tuple[Callable[[ReferencesChange], Refusal | None], ...] = (
    commitment_still_open,
    invoice_after_acceptance,
    payment_names_its_invoice,
    payment_in_its_time,
)


def references_refusals(change: ReferencesChange) -> list[Refusal]:
    return refusals_in(*(rule(change) for rule in REFERENCES_RULES))

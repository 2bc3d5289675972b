from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.forms import EARLIEST_DAY, LATEST_DAY, DayField
from quotas.models import LedgerEntry
from quotas.selectors import EntryFilter

AN_INSTANT = "2026-03-31T18:00:00+02:00"
LAST_SEQUENCE = 2**63 - 1


class InstantField(forms.CharField):
    """An instant with its zone, to a `datetime`. In an address "+" is a blank."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=40, **options)

    def clean(self, value: Any) -> dt.datetime | None:
        typed: str = super().clean(value)
        if not typed:
            return None
        try:
            at = dt.datetime.fromisoformat(typed.replace(" ", "+") if "T" in typed else typed)
        except ValueError:
            message = gettext("“%(typed)s” is no instant: write it as %(example)s.")
            raise self._refused("instant_invalid", message, typed) from None
        if at.tzinfo is None:
            message = gettext("“%(typed)s” has no time zone: write it as %(example)s.")
            raise self._refused("instant_without_zone", message, typed)
        if not EARLIEST_DAY <= at.date() <= LATEST_DAY:
            message = gettext("“%(typed)s” is too far away: write it as %(example)s.")
            raise self._refused("instant_too_far", message, typed)
        return at

    def _refused(self, code: str, message: str, typed: str) -> forms.ValidationError:
        return forms.ValidationError(message % {"typed": typed, "example": AN_INSTANT}, code=code)


class PeriodFilter(forms.Form):
    """The day whose envelopes are shown; today when left empty."""

    on = DayField(label=_("On"))

    @property
    def day(self) -> dt.date | None:
        return getattr(self, "cleaned_data", {}).get("on")


class StatementFilter(forms.Form):
    """The days of a statement, and which of its entries are shown; all of the envelope's period
    when left empty. `after` turns the page."""

    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("Until"))
    kind = forms.ChoiceField(
        label=_("Entry"), required=False, choices=[("", _("all")), *LedgerEntry.Kind.choices]
    )
    request = forms.CharField(label=_("Request"), required=False, max_length=30)
    after = forms.IntegerField(
        required=False, min_value=0, max_value=LAST_SEQUENCE, widget=forms.HiddenInput
    )

    def clean_request(self) -> str:
        number: str = self.cleaned_data["request"]
        return number.upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            message = gettext("The last day is before the first.")
            self.add_error("ends_on", forms.ValidationError(message, code="dates_reversed"))
        return cleaned

    def day(self, name: str) -> dt.date | None:
        """None for a day left empty, and for one that was refused."""
        day: dt.date | None = getattr(self, "cleaned_data", {}).get(name)
        return day

    @property
    def only(self) -> EntryFilter:
        cleaned = getattr(self, "cleaned_data", {})
        return EntryFilter(kind=cleaned.get("kind", ""), request_number=cleaned.get("request", ""))

    @property
    def after_sequence(self) -> int:
        return getattr(self, "cleaned_data", {}).get("after") or 0


class StatementAtFilter(StatementFilter):
    """For programs, which may also ask for the balances of any instant."""

    at = InstantField()

    @property
    def instant(self) -> dt.datetime | None:
        return getattr(self, "cleaned_data", {}).get("at")

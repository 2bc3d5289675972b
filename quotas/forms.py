from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodFilter(forms.Form):
    """The day whose envelopes are shown; today when left empty."""

    on = forms.DateField(label=_("On"), required=False, widget=_day())

    @property
    def day(self) -> dt.date | None:
        return getattr(self, "cleaned_data", {}).get("on")


class StatementFilter(forms.Form):
    """The days of a statement; the envelope's period when left empty. `after` turns the page."""

    starts_on = forms.DateField(label=_("From"), required=False, widget=_day())
    ends_on = forms.DateField(label=_("To"), required=False, widget=_day())
    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

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
    def after_sequence(self) -> int:
        return getattr(self, "cleaned_data", {}).get("after") or 0

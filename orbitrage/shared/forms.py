"""Fields that several forms have, and what a service refused, said on the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator

from orbitrage.shared.errors import DomainError

# A day after it must still exist, and be one that a time zone knows.
LATEST_DAY = dt.date(2999, 12, 31)
EARLIEST_DAY = dt.date(1900, 1, 1)


class DayField(forms.DateField):
    def __init__(
        self, *, required: bool = False, earliest: dt.date | None = None, **options: Any
    ) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=required, widget=widget, **options)
        self.validators.append(MaxValueValidator(LATEST_DAY))
        if earliest is not None:
            self.validators.append(MinValueValidator(earliest))


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


def put_refusals(
    form: forms.BaseForm,
    error: DomainError,
    *,
    field: str | None = None,
    at_most: int | None = None,
) -> None:
    """At a field, or above the form, which keeps what was typed; each with its code."""
    refused = error.refusals[:at_most]
    form.add_error(field, [ValidationError(each.message, each.code) for each in refused])

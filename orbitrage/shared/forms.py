"""Fields that several forms have, and what a service refused, said on the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from orbitrage.shared.errors import DomainError


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

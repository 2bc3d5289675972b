"""What a service refused, said on the form."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from orbitrage.shared.errors import DomainError


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

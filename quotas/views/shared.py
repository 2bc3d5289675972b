"""What the views of this app have in common."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from eligibility.models import User
from orbitrage.shared.errors import DomainError


class AuthenticatedRequest(HttpRequest):
    user: User


def put_refusals(form: forms.Form, error: DomainError, *, at_most: int | None = None) -> None:
    """Above the form, which keeps what was typed; each with its code."""
    refused = error.refusals[:at_most]
    form.add_error(None, [ValidationError(each.message, each.code) for each in refused])

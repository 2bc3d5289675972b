"""What a person types on one line, which may end up in the subject of a mail, and keys typed."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

CONTROLS_AND_SEPARATORS = frozenset({"Cc", "Zl", "Zp"})


KEY_DIGITS = 18
"""As many as a column of keys holds, whatever they are."""


def is_key(text: str) -> bool:
    """Whether it can be the key of a row: what is longer is no number to the database."""
    return text.isdecimal() and text.isascii() and len(text) <= KEY_DIGITS


def validate_one_line(text: str) -> None:
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in CONTROLS_AND_SEPARATORS:
            raise ValidationError(
                _(
                    "Write it on one line: character %(position)d is a line break, a tab or "
                    "another control character."
                ),
                code="not_one_line",
                params={"position": position},
            )


class OneLineField(forms.CharField):
    default_validators = [validate_one_line]

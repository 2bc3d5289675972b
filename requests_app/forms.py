"""Fields of the forms of several parts of a request's life."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.models import Item
from orbitrage.shared.forms import SeveralFilesField, SeveralFilesInput
from requests_app.attachments.checking import Upload, limits_in_words_lazy
from requests_app.attachments.kinds import ACCEPTED_SUFFIXES
from requests_app.products import product_choices


class AttachmentsField(SeveralFilesField):
    """Files to attach; the service says of each whether it can be kept."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Files to attach"),
            required=False,
            allow_empty_file=True,
            help_text=limits_in_words_lazy(),
            widget=SeveralFilesInput({"accept": ACCEPTED_SUFFIXES}),
        )

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:  # type: ignore[override]
        files = [file for file in super().clean(data, initial) if file]
        return [Upload(name=file.name or "", data=file.read()) for file in files]


class PlainTextField(forms.CharField):
    """Lines as they were typed: a browser sends two characters for each end, and counts one."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))


def offer_products(form: forms.Form, items: Sequence[Item], *, chosen: Sequence[str] = ()) -> None:
    """A checkbox for each of ``items``, of which one at least is to be ticked."""
    if not items:
        del form.fields["products"]
        return
    field = cast("forms.MultipleChoiceField", form.fields["products"])
    field.choices = product_choices(items)
    field.required = True
    field.initial = list(chosen)

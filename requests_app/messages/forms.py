from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.forms import AttachmentsField, PlainTextField
from requests_app.messages.rules import TEXT_MAXIMUM_CHARACTERS
from requests_app.models import MessageKind


class MessageForm(forms.Form):
    """``kinds``: what the writer may choose between; a single one is not asked."""

    kind = forms.ChoiceField(label=_("Who reads it"), widget=forms.RadioSelect)
    text = PlainTextField(
        label=_("Your message"),
        required=False,
        max_length=TEXT_MAXIMUM_CHARACTERS,
        widget=forms.Textarea({"rows": 5}),
    )
    attachments = AttachmentsField()

    def __init__(self, *args: Any, kinds: Sequence[MessageKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(kinds) == 1:
            del self.fields["kind"]
            return
        choice = cast("forms.ChoiceField", self.fields["kind"])
        choice.choices = [(kind.value, kind.label) for kind in kinds]
        choice.initial = kinds[0].value

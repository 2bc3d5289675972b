from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notices.models import Delivery
from notices.selectors import ChosenDelivery


class DeliveryForm(forms.Form):
    """One choice for each kind that the reader may be told of."""

    def __init__(self, *args: Any, chosen: tuple[ChosenDelivery, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in chosen:
            self.fields[each.kind.value] = forms.ChoiceField(
                label=each.kind.label,
                choices=Delivery.choices,
                initial=each.delivery,
                widget=forms.RadioSelect,
            )


class CopyForm(forms.Form):
    address = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Language of its mails"), choices=settings.LANGUAGES)

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.text import OneLineField
from requests_app.forms import AttachmentsField, offer_products
from requests_app.intake.forms.new_request import NewRequestForm
from requests_app.intake.forms.request import RequestForm, initial_of
from requests_app.models import ImageryRequest
from requests_app.products import items_of

__all__ = [
    "AcceptOfferForm",
    "AnswerForm",
    "CancelForm",
    "DeclineForm",
    "DisputeForm",
    "NewRequestForm",
    "ReplyForm",
    "RequestForm",
    "initial_of",
]


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Change the request itself first if the cell asked for it."),
    )
    attachments = AttachmentsField()


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The programme must give one; the requester may."),
    )


class AcceptOfferForm(forms.Form):
    purchase_reference = OneLineField(
        label=_("Purchase reference"),
        max_length=60,
        required=False,
        help_text=_("Your purchase order or engagement number. Required when a price is due."),
    )


class ReplyForm(forms.Form):
    text = forms.CharField(
        label=_("What do you propose instead?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
    )


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )


class DisputeForm(forms.Form):
    products = forms.MultipleChoiceField(
        label=_("Which images?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("What is wrong with them?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
    )

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_products(self, items_of(imagery_request))

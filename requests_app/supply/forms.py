from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from catalogue.sources.dimap import read_dimap
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import SeveralFilesField
from orbitrage.shared.text import OneLineField
from requests_app.models import ImageryRequest, OnShortfall, RequestKind
from requests_app.supply.services import Product

PRODUCTS_MAXIMUM = 50
METADATA_MAXIMUM_BYTES = 5 * 1024 * 1024


class DeliveryForm(forms.Form):
    metadata_files = SeveralFilesField(
        label=_("DIMAP metadata of the products"),
        help_text=_("The DIM_….XML file of each product that has not been registered yet."),
        required=False,
    )
    complete = forms.BooleanField(
        label=_("Nothing more will come: settle the account"), required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        files = cleaned.pop("metadata_files", None) or []
        if len(files) > PRODUCTS_MAXIMUM:
            message = _("%(count)s files; at most %(maximum)s at a time.")
            numbers = {"count": len(files), "maximum": PRODUCTS_MAXIMUM}
            self.add_error(
                "metadata_files", forms.ValidationError(message, "too_many_files", numbers)
            )
            return cleaned
        cleaned["products"] = [
            product for file in files if (product := self._product(file)) is not None
        ]
        return cleaned

    def _product(self, file: UploadedFile) -> Product | None:
        data = file.read(METADATA_MAXIMUM_BYTES + 1)
        try:
            return Product(read_dimap(data), file.name or "")
        except DomainError as error:
            for refusal in error.refusals:
                text = f"{file.name}: {refusal.message}"
                self.add_error("metadata_files", forms.ValidationError(text, refusal.code))
        return None


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class RefundForm(ReasonForm):
    refunded_km2 = forms.DecimalField(
        label=_("Area refunded (km²)"),
        min_value=0,
        max_digits=14,
        decimal_places=6,
        help_text=_("As counted on the quotas; what is paid for goes back first."),
    )
    field_order = ("refunded_km2", "reason")


class RetaskForm(ReasonForm):
    """An archive order has no window."""

    window_ends_on = forms.DateField(
        label=_("Last day of the new window"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )
    field_order = ("window_ends_on", "reason")

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if imagery_request.request_kind != RequestKind.TASKING:
            del self.fields["window_ends_on"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("window_ends_on", None)
        return cleaned


class ExtendForm(forms.Form):
    ends_on = forms.DateField(
        label=_("Last day of the window"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("As agreed with the operator. A window is extended once."),
    )


class ShortfallForm(forms.Form):
    choice = forms.ChoiceField(
        label=_("What is to be done with what has not come?"),
        choices=[
            (OnShortfall.RELEASE.value, OnShortfall.RELEASE.label),
            (OnShortfall.EXTEND.value, OnShortfall.EXTEND.label),
        ],
        widget=forms.RadioSelect,
    )


class AmendmentForm(forms.Form):
    change = forms.CharField(
        label=_("What changes"), max_length=4000, widget=forms.Textarea({"rows": 6})
    )
    operator_confirmation = OneLineField(
        label=_("Reference of the operator's confirmation"), max_length=60
    )


class DeclineAmendmentForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

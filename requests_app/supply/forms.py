from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalogue.sources.dimap import read_dimap
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import DayField, SeveralFilesField
from orbitrage.shared.text import OneLineField
from quotas.amounts import say
from requests_app.forms import ReasonForm, offer_products
from requests_app.models import ImageryRequest, OnShortfall, RequestKind
from requests_app.products import items_of, products_disputed
from requests_app.supply.selectors import refundable_km2
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

    def _product(self, file: "UploadedFile[Any]") -> Product | None:
        data = file.read(METADATA_MAXIMUM_BYTES + 1)
        try:
            return Product(read_dimap(data), file.name or "")
        except DomainError as error:
            for refusal in error.refusals:
                text = f"{file.name}: {refusal.message}"
                self.add_error("metadata_files", forms.ValidationError(text, refusal.code))
        return None


class RefundForm(ReasonForm):
    products = forms.MultipleChoiceField(
        label=_("For which images?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    refunded_km2 = forms.DecimalField(
        label=_("Area refunded (km²)"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=6,
        help_text=_(
            "Empty: what no other image covers of the area granted. As counted on the quotas; what"
            " is paid for goes back first."
        ),
    )
    field_order = ("products", "refunded_km2", "reason")

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        disputed = products_disputed(imagery_request)
        offer_products(self, items_of(imagery_request), chosen=disputed)
        if disputed:
            proposed = refundable_km2(imagery_request, disputed)
            message = _("%(area)s for the images disputed.") % {"area": say(proposed, "km2")}
            field = self.fields["refunded_km2"]
            field.help_text = format_lazy("{} {}", field.help_text, message)


class RetaskForm(ReasonForm):
    """An archive order has no window."""

    window_ends_on = DayField(label=_("Last day of the new window"))
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
    ends_on = DayField(
        label=_("Last day of the window"),
        required=True,
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
    window_ends_on = DayField(
        label=_("Last day of the window"), help_text=_("Only where it changes.")
    )

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if imagery_request.request_kind != RequestKind.TASKING:
            del self.fields["window_ends_on"]


class DeclineAmendmentForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3})
    )

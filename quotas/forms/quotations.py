from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from eligibility.models import Entity
from orbitrage.shared.forms import DayField
from quotas.models import QuotationReferences, Tariff
from quotas.selectors import LastReferences
from quotas.services import References

RADIO_MAXIMUM = 10
"""More entities than that are a list to choose from."""

REFERENCE = RegexValidator(
    r"^[\w .:/()+&'’-]*\Z",
    _("Letters, figures, spaces and . : / ( ) + & ' - only."),
    "reference_characters",
)


def _reference(name: str, **options: Any) -> forms.CharField:
    column = QuotationReferences._meta.get_field(name)  # noqa: SLF001 — Django's documented name
    assert isinstance(column, models.CharField)
    return forms.CharField(
        max_length=column.max_length, validators=[REFERENCE], required=False, **options
    )


class ReferencesForm(forms.Form):
    """What accountants record on a quotation; `fields_open` names what its state leaves open. The
    others keep what was recorded."""

    engagement_number = _reference(
        "engagement_number",
        label=_("Engagement number"),
        help_text=_("The number of the legal commitment in your accounts. It is printed."),
    )
    service_code = _reference(
        "service_code",
        label=_("Service code"),
        help_text=_("As known to Chorus Pro. It is printed."),
    )
    invoice_number = _reference("invoice_number", label=_("Invoice number"))
    paid_on = DayField(label=_("Paid on"))
    seen_id = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, last: LastReferences, fields_open: set[str], **kwargs: Any):
        super().__init__(*args, **kwargs | {"initial": dict(last)})
        for name in set(self.fields) - fields_open - {"seen_id"}:
            self.fields[name].disabled = True

    @property
    def references(self) -> References:
        return References(
            engagement_number=self.cleaned_data["engagement_number"],
            service_code=self.cleaned_data["service_code"],
            invoice_number=self.cleaned_data["invoice_number"],
            paid_on=self.cleaned_data["paid_on"],
        )


class AcceptPackageForm(forms.Form):
    purchase_reference = forms.CharField(
        label=_("Purchase reference"),
        max_length=80,
        validators=[REFERENCE],
        help_text=_("The number of your purchase order."),
    )


class PackageField(forms.ModelChoiceField):
    def label_from_instance(self, package: Tariff) -> str:
        return package.name


class PackageForm(forms.Form):
    """Which package is quoted to which entity."""

    package = PackageField(
        Tariff.objects.none(),
        label=_("Package"),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
    )
    entity = forms.ModelChoiceField(
        Entity.objects.none(), label=_("Entity"), empty_label=_("Choose…")
    )

    def __init__(self, *args: Any, packages: Any, entities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        package = cast("forms.ModelChoiceField[Tariff]", self.fields["package"])
        entity = cast("forms.ModelChoiceField[Entity]", self.fields["entity"])
        if len(entities) <= RADIO_MAXIMUM:
            entity.widget, entity.empty_label = forms.RadioSelect(), None
        package.queryset, entity.queryset = packages, entities
        if len(entities) == 1:
            entity.initial = entities[0]

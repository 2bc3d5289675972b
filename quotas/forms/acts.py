from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quotas.amounts import DECIMALS, ONE_M2, least
from quotas.models import Envelope, LedgerEntry, QuotaAct
from quotas.selectors import convertible_into, transferable_to

Facts = dict[str, int | Decimal]
WHOLE_DIGITS = 8


class AmountField(forms.DecimalField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=WHOLE_DIGITS + 6, decimal_places=6, **options)

    def of_unit(self, unit: str) -> forms.DecimalField:
        """As finely as that unit is counted, and more than nothing."""
        places = DECIMALS[unit]
        return forms.DecimalField(
            label=self.label,
            min_value=least(unit),
            max_digits=WHOLE_DIGITS + places,
            decimal_places=places,
        )


class EnvelopeField(forms.ModelChoiceField):
    def label_from_instance(self, envelope: Envelope) -> str:
        return f"{envelope.label} ({envelope.get_request_kind_display()})"


class AmountForm(forms.Form):
    """How much is granted to an envelope, or taken back from it, and why. `facts` are the
    arguments of the act."""

    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, envelope: Envelope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.envelope = envelope
        amount = cast("AmountField", self.fields["amount"])
        self.fields["amount"] = amount.of_unit(envelope.unit)
        label = gettext("Amount, %(unit)s") % {"unit": envelope.get_unit_display()}
        self.fields["amount"].label = label

    @property
    def facts(self) -> Facts:
        return {"envelope_id": self.envelope.pk, "amount": self.cleaned_data["amount"]}


class ReduceForm(AmountForm):
    only_if_free = forms.BooleanField(
        label=_("Only if it is free now"),
        required=False,
        help_text=_(
            "Refused with the list of the files if they use part of it, also when a second person "
            "confirms it later. Otherwise what they use is taken back as it comes back."
        ),
    )
    field_order = ["amount", "only_if_free", "reason"]

    @property
    def facts(self) -> Facts:
        facts = super().facts
        return facts | {"only_if_free": True} if self.cleaned_data["only_if_free"] else facts


class TransferForm(AmountForm):
    to_envelope = EnvelopeField(Envelope.objects.none(), label=_("To"))
    field_order = ["to_envelope", "amount"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("EnvelopeField", self.fields["to_envelope"]).queryset = transferable_to(self.envelope)

    @property
    def facts(self) -> Facts:
        return {
            "from_envelope_id": self.envelope.pk,
            "to_envelope_id": self.cleaned_data["to_envelope"].pk,
            "amount": self.cleaned_data["amount"],
        }


class ConvertForm(TransferForm):
    rate = AmountField(
        label=_("Rate"),
        min_value=ONE_M2,
        initial=1,
        help_text=_("What one unit taken from the first envelope is worth on the other."),
    )
    field_order = ["to_envelope", "amount", "rate"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("EnvelopeField", self.fields["to_envelope"]).queryset = convertible_into(self.envelope)

    @property
    def facts(self) -> Facts:
        return super().facts | {"rate": self.cleaned_data["rate"]}


class CorrectForm(forms.Form):
    """Which entry was wrong, and by how much."""

    number = forms.IntegerField(label=_("No. of the entry"), min_value=1)
    granted = AmountField(label=_("Granted, change"), required=False)
    held = AmountField(label=_("Held, change"), required=False)
    consumed = AmountField(label=_("Consumed, change"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args: Any, envelope: Envelope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.envelope = envelope

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        self.entry = LedgerEntry.objects.filter(envelope=self.envelope, sequence=number).first()
        if self.entry is None:
            message = gettext("This envelope has %(last)s entries; there is no no. %(number)s.")
            figures = {"last": self.envelope.last_sequence, "number": number}
            raise forms.ValidationError(message % figures, code="entry_missing")
        return number

    @property
    def facts(self) -> Facts:
        changes = {name: self.cleaned_data[name] for name in ("granted", "held", "consumed")}
        assert self.entry is not None  # clean_number
        return {"entry_id": self.entry.pk} | {n: c for n, c in changes.items() if c is not None}


ACT_FORMS: dict[str, type[AmountForm | CorrectForm]] = {
    QuotaAct.Kind.GRANT: AmountForm,
    QuotaAct.Kind.REDUCE: ReduceForm,
    QuotaAct.Kind.TRANSFER: TransferForm,
    QuotaAct.Kind.CONVERT: ConvertForm,
    QuotaAct.Kind.CORRECT: CorrectForm,
}

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.errors import DomainError
from requests_app.aoi.reading import read_area
from requests_app.models import ImageryRequest
from requests_app.workflow import RefusalReason, State


class ApproveForm(forms.Form):
    note = forms.CharField(
        label=_("Note to the requester"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )


class OfferForm(forms.Form):
    polygon = forms.CharField(
        label=_("Area offered"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Draw it on the map, or paste GeoJSON. Empty: the area asked for."),
    )
    is_shortfall_priced = forms.BooleanField(
        label=_("What the programme's envelope lacks is paid for by the requester"), required=False
    )
    note = forms.CharField(
        label=_("Note to the requester"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["polygon_wkb"] = self._polygon_wkb(cleaned.pop("polygon", ""))
        return cleaned

    def _polygon_wkb(self, polygon: str) -> bytes | None:
        if not polygon.strip():
            return None
        try:
            return read_area(polygon.encode(), "offer.geojson").wkb
        except DomainError as error:
            for refusal in error.refusals:
                self.add_error("polygon", forms.ValidationError(refusal.message, refusal.code))
        return None


class RefuseForm(forms.Form):
    """A file that is still in review is refused for one reason, which its reviewer proposed."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose…")), *RefusalReason.choices]
    )
    text = forms.CharField(
        label=_("Explanation to the requester"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("What they can do about it. How and until when to appeal is added."),
    )

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if imagery_request.state == State.IN_REVIEW:
            reason = cast("forms.ChoiceField", self.fields["reason"])
            found = RefusalReason.INADMISSIBLE
            reason.choices = [(found.value, found.label)]


class ReturnForm(forms.Form):
    note = forms.CharField(
        label=_("What should the reviewer look at again?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
    )


class DeferForm(forms.Form):
    until = forms.DateField(
        label=_("Deferred to"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models import Sensor, User
from eligibility.selectors import OnBehalf, acting_for
from orbitrage.shared.text import OneLineField
from quotas.selectors import owns_prefunded
from requests_app.forms import AttachmentsField
from requests_app.intake.area_form import AreaForm
from requests_app.intake.rules import Window, repair_refusal, window_is_ordered
from requests_app.intake.services import DRAFT_FIELDS
from requests_app.models import (
    AcquisitionMode,
    ImageryRequest,
    OnShortfall,
    ProcessingLevel,
    RequestKind,
    SpectralMode,
    UploadedArea,
)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class RequestForm(AreaForm):
    """What is asked for. The view reads the area first and passes it as ``area``.

    ``entity_ids`` are those on whose behalf it may be asked: where none of them has paid in
    advance, the form does not ask about it.
    """

    sensor = forms.ModelChoiceField(Sensor.objects.none(), label=_("Sensor"), empty_label=None)
    request_kind = forms.ChoiceField(
        label=_("What do you need?"),
        choices=[
            (RequestKind.ARCHIVE, _("An image that exists already (archive)")),
            (RequestKind.TASKING, _("A new acquisition (tasking)")),
        ],
        help_text=_("Sentinel images are open data: the choice makes no difference for them."),
    )
    title = OneLineField(label=_("Title"), max_length=120)
    purpose = forms.CharField(
        label=_("What are the images for?"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    public_service_mission = OneLineField(
        label=_("Public-service mission or research programme"), max_length=300, required=False
    )
    window_starts_on = forms.DateField(label=_("Taken from"), required=False, widget=DayInput())
    window_ends_on = forms.DateField(
        label=_("Taken until"),
        required=False,
        widget=DayInput(),
        help_text=_("Required for a new acquisition. A single day cannot be asked for."),
    )
    maximum_cloud_percent = forms.IntegerField(
        label=_("Clouds, at most (%)"), min_value=0, max_value=100, initial=10
    )
    maximum_incidence_deg = forms.IntegerField(
        label=_("Incidence angle, at most (°)"), min_value=0, max_value=60, initial=30
    )
    acquisition_mode = forms.ChoiceField(label=_("Mode"), choices=AcquisitionMode.choices)
    spectral_mode = forms.ChoiceField(label=_("Product"), choices=SpectralMode.choices)
    processing_level = forms.ChoiceField(
        label=_("Processing level"), choices=ProcessingLevel.choices
    )
    on_shortfall = forms.ChoiceField(
        label=_("If the window ends before everything has come"), choices=OnShortfall.choices
    )
    uses_prefunded = forms.BooleanField(
        label=_("Use our prefunded volumes and packages"),
        required=False,
        help_text=_("A prefunded volume comes before the free quota, a package after it."),
    )
    agrees_to_enlargement = forms.BooleanField(
        label=_("I agree that the order be enlarged to the operator's minimum"),
        required=False,
        help_text=_("Only your own area counts on the quota."),
    )
    agrees_to_repair = forms.BooleanField(label=_("I agree to the mended outline"), required=False)
    swaps_axes = forms.BooleanField(label=_("Swap latitude and longitude"), required=False)

    def __init__(
        self,
        *args: Any,
        area: UploadedArea | None = None,
        keeps_area: bool = False,
        entity_ids: Iterable[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.area = area
        self.keeps_area = keeps_area
        drew_on_it = self.initial.get("uses_prefunded")
        if not (drew_on_it or owns_prefunded(entity_ids, timezone.localdate())):
            del self.fields["uses_prefunded"]
        sensor = cast("forms.ModelChoiceField[Sensor]", self.fields["sensor"])
        sensor.queryset = Sensor.objects.filter(is_offered=True).order_by("pk")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("uses_prefunded", False)
        if self._lacks_area():
            self.add_error(self.area_field, self.missing())
        if self.area is not None:
            unagreed = repair_refusal(
                is_repaired=self.area.repaired, agreed=bool(cleaned.get("agrees_to_repair"))
            )
            if unagreed is not None:
                error = forms.ValidationError(unagreed.message, code=unagreed.code)
                self.add_error("agrees_to_repair", error)
        reversed_window = window_is_ordered(self._window(cleaned))
        if reversed_window is not None:
            error = forms.ValidationError(reversed_window.message, code=reversed_window.code)
            self.add_error("window_ends_on", error)
        return cleaned

    def _lacks_area(self) -> bool:
        """None is there, none is refused, or a place was looked for and not chosen."""
        if self.given or any(self.has_error(name) for name in AreaForm.base_fields):
            return False
        return self.is_half_given or (self.area is None and not self.keeps_area)

    def _window(self, cleaned: dict[str, Any]) -> Window:
        return Window(
            request_kind=cleaned.get("request_kind", ""),
            starts_on=cleaned.get("window_starts_on"),
            ends_on=cleaned.get("window_ends_on"),
            asked_on=timezone.localdate(),
        )

    @property
    def answers(self) -> dict[str, Any]:
        """The cleaned answers under the names of the request's fields."""
        return {name: self.cleaned_data[name] for name in DRAFT_FIELDS}


class NewRequestForm(RequestForm):
    """A first request form also says on whose behalf, and that nobody is in danger."""

    on_behalf = forms.ChoiceField(label=_("On behalf of"), widget=forms.RadioSelect)
    is_emergency = forms.TypedChoiceField(
        label=_("Is somebody in danger, or must the image be taken within ten days?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        widget=forms.RadioSelect,
        initial="no",
    )
    field_order = ("is_emergency", "on_behalf")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        on_behalf_of = acting_for(user, timezone.localdate())
        kwargs["entity_ids"] = [found.entity.pk for found in on_behalf_of]
        super().__init__(*args, **kwargs)
        self.on_behalf_by_key = {found.key: found for found in on_behalf_of}
        on_behalf = cast("forms.ChoiceField", self.fields["on_behalf"])
        on_behalf.choices = [(key, _label(found)) for key, found in self.on_behalf_by_key.items()]
        on_behalf.initial = next(iter(self.on_behalf_by_key), None)

    @property
    def chosen_on_behalf(self) -> OnBehalf:
        return self.on_behalf_by_key[self.cleaned_data["on_behalf"]]


def _label(found: OnBehalf) -> str:
    if found.mandate is None:
        return found.entity.name
    return _("%(principal)s, under mandate %(reference)s") % {
        "principal": found.entity.name,
        "reference": found.mandate.contract_reference,
    }


def initial_of(request: ImageryRequest) -> dict[str, Any]:
    """What the form shows of a request that is being changed."""
    return {"sensor": request.sensor_id} | {name: getattr(request, name) for name in DRAFT_FIELDS}


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
    reason = forms.CharField(
        label=_("What is wrong, and with which images?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
    )

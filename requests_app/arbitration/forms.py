from dataclasses import fields
from typing import Any, cast

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.selectors import ItemOver
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import DayField
from requests_app.aoi.reading import read_area
from requests_app.aoi.repair import Repair
from requests_app.arbitration.selectors import available_items, sensors_to_offer
from requests_app.conversion import Conversion
from requests_app.forms import ReasonForm
from requests_app.models import AcquisitionMode, ImageryRequest, ProcessingLevel, RequestKind
from requests_app.neighbours import candidates_for
from requests_app.reasons import RefusalReason
from requests_app.states import State


class ApproveForm(forms.Form):
    ordered_with = forms.ChoiceField(
        label=_("Ordered together with"),
        required=False,
        help_text=_("The request asks to join a pending request nearby."),
    )
    note = forms.CharField(
        label=_("Note to the requester"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not imagery_request.waits_for_a_neighbour:
            del self.fields["ordered_with"]
            return
        candidates = candidates_for(imagery_request)
        rows = [(each.number, f"{each.number} {each.title}") for each in candidates]
        ordered_with = cast("forms.ChoiceField", self.fields["ordered_with"])
        ordered_with.choices = [("", _("Choose…")), *rows]


AS_ASKED_CHOICE = ("", _("As asked"))
OTHER_IMAGES = (
    "sensor_id",
    "request_kind",
    "acquisition_mode",
    "processing_level",
    "window_starts_on",
    "window_ends_on",
)


class OfferForm(forms.Form):
    polygon = forms.CharField(
        label=_("Area offered"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Draw it on the map, or paste GeoJSON. Empty: the area asked for."),
    )
    sensor_id = forms.TypedChoiceField(
        label=_("Sensor"), coerce=int, empty_value=None, required=False
    )
    request_kind = forms.ChoiceField(
        label=_("Kind of images"),
        required=False,
        choices=[
            AS_ASKED_CHOICE,
            *((kind.value, kind.label) for kind in (RequestKind.ARCHIVE, RequestKind.TASKING)),
        ],
    )
    acquisition_mode = forms.ChoiceField(
        label=_("Mode"), required=False, choices=[AS_ASKED_CHOICE, *AcquisitionMode.choices]
    )
    processing_level = forms.ChoiceField(
        label=_("Processing level"),
        required=False,
        choices=[AS_ASKED_CHOICE, *ProcessingLevel.choices],
    )
    window_starts_on = DayField(label=_("Taken from"))
    window_ends_on = DayField(
        label=_("Taken until"),
        help_text=_(
            "Empty: as asked; with another kind, any day of the archive. A new acquisition in place"
            " of an archive image needs both days."
        ),
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

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sensors = [(each.pk, each.name) for each in sensors_to_offer(imagery_request)]
        sensor = cast("forms.TypedChoiceField", self.fields["sensor_id"])
        sensor.choices = [AS_ASKED_CHOICE, *sensors]
        if not sensors:
            sensor.widget = forms.HiddenInput()

    @property
    def other_images(self) -> list[forms.BoundField]:
        """What is offered in place of what was asked: seldom, and therefore folded away."""
        return [self[name] for name in OTHER_IMAGES if not self[name].is_hidden]

    @property
    def unfolds(self) -> bool:
        """Whether some of what is folded away is set, or wrong."""
        return any(self[name].value() or self.has_error(name) for name in OTHER_IMAGES)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = {each.name: cleaned.pop(each.name, each.default) for each in fields(Conversion)}
        cleaned["conversion"] = Conversion(**chosen)
        cleaned["polygon_wkb"] = self._polygon_wkb(cleaned.pop("polygon", ""))
        return cleaned

    def _polygon_wkb(self, polygon: str) -> bytes | None:
        if not polygon.strip():
            return None
        try:
            area = read_area(polygon.encode(), "offer.geojson")
            if area.repair is None:
                return area.wkb
            self.add_error("polygon", _crosses_itself(area.repair))
        except DomainError as error:
            for refusal in error.refusals:
                self.add_error("polygon", forms.ValidationError(refusal.message, refusal.code))
        return None


class RefuseForm(forms.Form):
    """A file that is still in review is refused for one reason, which its reviewer proposed."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Choose…")), *RefusalReason.choices]
    )
    items = forms.MultipleChoiceField(
        label=_("Images that are available already"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With that reason: those that will do. The requester is given their links."),
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
        available = available_items(imagery_request)
        items = cast("forms.MultipleChoiceField", self.fields["items"])
        items.choices = [(each.item.identifier, _said(each)) for each in available]
        if not available or imagery_request.state == State.IN_REVIEW:
            del self.fields["items"]


def _crosses_itself(repair: Repair) -> forms.ValidationError:
    """Nothing is mended unasked: the arbitrator draws again."""
    if not repair.faults:
        return forms.ValidationError(_("The outline crosses itself."), "self_intersection")
    message = _("The outline crosses itself at %(place)s: draw it again without.")
    return forms.ValidationError(message, "self_intersection", {"place": repair.faults[0].place})


def _said(found: ItemOver) -> str:
    figure = number_format(found.covered_percent, decimal_pos=0)
    share = gettext("%(percent)s%% of the area") % {"percent": figure}
    return ", ".join([found.item.identifier, day_in_words(found.item.acquired_at.date()), share])


class ReturnForm(forms.Form):
    note = forms.CharField(
        label=_("What should the reviewer look at again?"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
    )


class DeferForm(ReasonForm):
    until = DayField(label=_("Deferred to"), required=True)
    field_order = ("until", "reason")

"""The form of a request, with all that can be chosen of an order."""

from collections.abc import Iterable, Mapping
from typing import Any, Self, cast

from django import forms
from django.contrib.gis.geos import MultiPolygon
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.selectors import scenes_beside
from eligibility.models import Sensor
from orbitrage.shared.errors import Refusal
from orbitrage.shared.forms import DayField
from orbitrage.shared.geo import bounds_of, to_shapely
from orbitrage.shared.text import OneLineField
from quotas.selectors import owns_prefunded
from requests_app.beneficiaries import beneficiary_refusals, contractor_refusals
from requests_app.forms import PlainTextField
from requests_app.intake.forms.area import AreaForm
from requests_app.intake.rules.scenes import (
    SceneChecks,
    beside_the_area,
    pasted_scenes,
    scene_refusals,
)
from requests_app.intake.rules.submission import repair_refusal
from requests_app.models import (
    DRAFT_FIELDS,
    AcquisitionMode,
    BitDepth,
    FileFormat,
    ImageryRequest,
    OnShortfall,
    ProcessingLevel,
    Radiometry,
    RequestKind,
    SpectralMode,
    UploadedArea,
    default_of,
    label_of,
)
from requests_app.rules.order import DATES_MAXIMUM, OrderChoices, order_refusals
from requests_app.rules.relevance import idle_answers
from requests_app.rules.window import Window, window_is_ordered

# Who does not choose takes these.
DEFAULTED = ("acquisition_dates", "radiometry", "bit_depth", "file_format")
FIELD_OF_REFUSAL = {
    "stereo_not_ortho": "processing_level",
    "reflectance_in_12_bits": "bit_depth",
    "ratio_without_stereo": "base_to_height_minimum",
    "ratio_reversed": "base_to_height_maximum",
    "series_of_archive": "acquisition_dates",
    "interval_missing": "interval_days",
    "series_beyond_window": "interval_days",
}


class SensorSelect(forms.Select):
    """Marks open data, of which the page does not ask what is ordered."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        sensor = getattr(value, "instance", None)
        if sensor is not None and sensor.is_open_data:
            option["attrs"]["data-open"] = True
        return option


class ScenesField(forms.MultipleChoiceField):
    """Names of scenes; whether they can be meant is for the form to say."""

    def valid_value(self, value: Any) -> bool:  # noqa: ARG002 - Django's
        return True


class RequestForm(AreaForm):
    """What is asked for. The view reads the area first and passes it as ``area``.

    ``entity_ids`` are those on whose behalf it may be asked: where none of them has paid in
    advance, the form does not ask about it. ``kept_aoi`` is that of a request that is being
    changed. Answers that the others make idle are neither required nor taken.
    """

    sensor = forms.ModelChoiceField(
        Sensor.objects.none(), label=label_of("sensor"), empty_label=None, widget=SensorSelect
    )
    request_kind = forms.ChoiceField(
        label=label_of("request_kind"),
        choices=[
            (RequestKind.ARCHIVE, _("An image that exists already (archive)")),
            (RequestKind.TASKING, _("A new acquisition (tasking)")),
        ],
        help_text=_("Sentinel images are open data: the choice makes no difference for them."),
    )
    title = OneLineField(label=label_of("title"), max_length=120)
    project = OneLineField(
        label=label_of("project"),
        max_length=120,
        required=False,
        help_text=_("As the licence is to name it; the title, if it has no name of its own."),
    )
    purpose = forms.CharField(
        label=label_of("purpose"), max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    public_service_mission = OneLineField(
        label=label_of("public_service_mission"), max_length=300, required=False
    )
    partners = PlainTextField(
        label=label_of("partners"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Members of a joint project, one a line. The licence names them."),
    )
    contractors = PlainTextField(
        label=label_of("contractors"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "One a line, with the last day of their contract and, if you like, its reference:"
            " Geomatics SARL; 2027-05-31; Contract 2026-12."
        ),
    )
    archive_scenes = ScenesField(
        label=label_of("archive_scenes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    pasted_scenes = PlainTextField(
        label=_("Names of other scenes"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text=_(
            "As the operator writes them, for example"
            " DS_PHR1B_201704181857160_FR1_PX_W123N37_0720_04750."
        ),
    )
    window_starts_on = DayField(label=label_of("window_starts_on"))
    window_ends_on = DayField(
        label=label_of("window_ends_on"),
        help_text=_("Required for a new acquisition. A single day cannot be asked for."),
    )
    acquisition_dates = forms.IntegerField(
        label=label_of("acquisition_dates"),
        min_value=1,
        max_value=DATES_MAXIMUM,
        required=False,
        initial=1,
        help_text=_("More than one makes a time series."),
    )
    interval_days = forms.IntegerField(
        label=label_of("interval_days"), min_value=1, max_value=365, required=False
    )
    maximum_cloud_percent = forms.IntegerField(
        label=label_of("maximum_cloud_percent"), min_value=0, max_value=100, initial=10
    )
    maximum_incidence_deg = forms.IntegerField(
        label=label_of("maximum_incidence_deg"), min_value=0, max_value=60, initial=30
    )
    acquisition_mode = forms.ChoiceField(
        label=label_of("acquisition_mode"), choices=AcquisitionMode.choices
    )
    base_to_height_minimum = forms.DecimalField(
        label=label_of("base_to_height_minimum"),
        min_value=0,
        max_value=2,
        max_digits=3,
        decimal_places=2,
        required=False,
        help_text=_("About 0.25 suits automatic relief; more on flat land, less in mountains."),
    )
    base_to_height_maximum = forms.DecimalField(
        label=label_of("base_to_height_maximum"),
        min_value=0,
        max_value=2,
        max_digits=3,
        decimal_places=2,
        required=False,
    )
    spectral_mode = forms.ChoiceField(label=label_of("spectral_mode"), choices=SpectralMode.choices)
    processing_level = forms.ChoiceField(
        label=label_of("processing_level"), choices=ProcessingLevel.choices
    )
    radiometry = forms.ChoiceField(
        label=label_of("radiometry"), choices=Radiometry.choices, required=False
    )
    bit_depth = forms.TypedChoiceField(
        label=label_of("bit_depth"),
        choices=BitDepth.choices,
        coerce=int,
        empty_value=None,
        required=False,
    )
    file_format = forms.ChoiceField(
        label=label_of("file_format"), choices=FileFormat.choices, required=False
    )
    on_shortfall = forms.ChoiceField(label=label_of("on_shortfall"), choices=OnShortfall.choices)
    uses_prefunded = forms.BooleanField(
        label=label_of("uses_prefunded"),
        required=False,
        help_text=_("A prefunded volume comes before the free quota, a package after it."),
    )
    agrees_to_enlargement = forms.BooleanField(
        label=label_of("agrees_to_enlargement"),
        required=False,
        help_text=_("Only your own area counts on the quota."),
    )
    asks_to_join = forms.BooleanField(
        label=label_of("asks_to_join"),
        required=False,
        help_text=_("One order then serves both; where it cannot, the cell asks you to enlarge."),
    )
    agrees_to_repair = forms.BooleanField(label=label_of("agrees_to_repair"), required=False)
    swaps_axes = forms.BooleanField(label=_("Swap latitude and longitude"), required=False)

    def __init__(
        self,
        *args: Any,
        area: UploadedArea | None = None,
        keeps_area: bool = False,
        kept_aoi: MultiPolygon | None = None,
        entity_ids: Iterable[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.area = area
        self.keeps_area = keeps_area
        self.aoi = area.geometry if area is not None else kept_aoi
        drew_on_it = self.initial.get("uses_prefunded")
        if not (drew_on_it or owns_prefunded(entity_ids, timezone.localdate())):
            del self.fields["uses_prefunded"]
        sensor = cast("forms.ModelChoiceField[Sensor]", self.fields["sensor"])
        sensor.queryset = Sensor.objects.offered().order_by("pk")

    @classmethod
    def of_change(
        cls,
        imagery_request: ImageryRequest,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        initial: Mapping[str, Any] | None = None,
        keeps_area: bool = True,
        **options: Any,
    ) -> Self:
        """Begins with the request as it is, unless ``initial`` says otherwise."""
        return cls(
            data,
            files,
            initial=initial_of(imagery_request) if initial is None else initial,
            keeps_area=keeps_area,
            kept_aoi=imagery_request.aoi,
            entity_ids=[imagery_request.entity_id],
            **options,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("uses_prefunded", False)
        self._settle(cleaned)
        if self._lacks_area():
            self.add_error(self.area_field, self.missing())
        if self.area is not None:
            agreed = bool(cleaned.get("agrees_to_repair"))
            repair = repair_refusal(is_repaired=self.area.repaired, agreed=agreed)
            self._say("agrees_to_repair", repair)
        self._say("window_ends_on", window_is_ordered(self._window(cleaned)))
        self._say("partners", *beneficiary_refusals(cleaned.get("partners", "")))
        self._say("contractors", *contractor_refusals(cleaned.get("contractors", "")))
        self._take_scenes(cleaned)
        for refusal in order_refusals(OrderChoices.of(cleaned.get)):
            self._say(FIELD_OF_REFUSAL[refusal.code], refusal)
        return cleaned

    def _settle(self, cleaned: dict[str, Any]) -> None:
        """What was not chosen is as usual; what is idle is not looked at."""
        for name in DEFAULTED:
            if name not in self.errors and cleaned.get(name) in (None, ""):
                cleaned[name] = default_of(name)
        for name, value in idle_answers(cleaned | {"request_kind": self._kind(cleaned)}).items():
            self.errors.pop(name, None)
            cleaned[name] = value

    @staticmethod
    def _kind(cleaned: dict[str, Any]) -> str:
        sensor = cleaned.get("sensor")
        if sensor is not None and sensor.is_open_data:
            return RequestKind.OPEN
        return str(cleaned.get("request_kind", ""))

    def _say(self, name: str, *refusals: Refusal | None) -> None:
        for refusal in refusals:
            if refusal is not None:
                self.add_error(name, forms.ValidationError(refusal.message, code=refusal.code))

    def _take_scenes(self, cleaned: dict[str, Any]) -> None:
        """Those that were ticked and those that were pasted, once each."""
        if self._kind(cleaned) != RequestKind.ARCHIVE:
            return
        typed = cleaned.get("pasted_scenes", "")
        found = pasted_scenes(" ".join([*cleaned.get("archive_scenes", []), typed]))
        refusals = [*found.refusals]
        sensor = cleaned.get("sensor")
        if sensor is not None:
            checks = SceneChecks(
                mission_codes=sensor.mission_codes,
                sensor_name=sensor.name,
                bounds=None if self.aoi is None else bounds_of(to_shapely(self.aoi)),
                now=timezone.now(),
            )
            refusals += scene_refusals(found.scenes, checks)
        names = [scene.text for scene in found.scenes]
        if self.aoi is not None and names:
            refusals += [beside_the_area(each) for each in scenes_beside(names, self.aoi)]
        self._say("pasted_scenes" if typed else "archive_scenes", *refusals)
        if not refusals:
            cleaned["archive_scenes"] = names

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


def initial_of(request: ImageryRequest) -> dict[str, Any]:
    """What the form shows of a request that is being changed."""
    return {"sensor": request.sensor_id} | {name: getattr(request, name) for name in DRAFT_FIELDS}

"""The form of a first request, in two depths: few questions, or all that can be chosen."""

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from eligibility.models import Sensor, User
from eligibility.selectors import OnBehalf, acting_for
from orbitrage.shared.text import is_key
from requests_app.beneficiaries import lines_of
from requests_app.forms import PlainTextField
from requests_app.intake.forms.area import AreaForm
from requests_app.intake.forms.request import RequestForm
from requests_app.intake.rules.presets import (
    OF_A_PRESET,
    ChosenForYou,
    choices_of,
    kind_of_days,
    preset_of,
    tasking_starts_on,
    title_of,
)
from requests_app.intake.selectors.form import presets_in_force
from requests_app.intake.services import draft_of
from requests_app.models import (
    DRAFT_FIELDS,
    ImageryRequest,
    OrderPreset,
    RequestKind,
    UploadedArea,
    default_of,
)
from requests_app.rules.relevance import idle_answers

CO_REQUESTERS_MAXIMUM = 10
SEVERAL = ("archive_scenes", "area_place")
"""Answers of which there may be several."""
# The preset of who has chosen for themselves, in the other depth.
OWN_CHOICES = "own"
OF_THE_AREA = (
    *AreaForm.base_fields,
    "agrees_to_repair",
    "swaps_axes",
    "agrees_to_enlargement",
    "asks_to_join",
)
QUESTIONS = (
    "is_emergency",
    "on_behalf",
    "preset",
    "window_starts_on",
    "window_ends_on",
    "maximum_cloud_percent",
    "purpose",
)
"""What the simple form asks beside the area."""


class Depth(models.TextChoices):
    SIMPLE = "simple", _("A few questions")
    EXPERT = "expert", _("All the choices")


def depth_of(typed: Mapping[str, Any] | None) -> Depth:
    """A first page asks little; a form that does not say, as those of programs, has everything."""
    if typed is None:
        return Depth.SIMPLE
    return Depth.SIMPLE if typed.get("depth") == Depth.SIMPLE else Depth.EXPERT


class CoRequestersField(PlainTextField):
    def clean(self, value: Any) -> list[str]:
        addresses = lines_of(super().clean(value))
        for address in addresses:
            validate_email(address)
        if len(addresses) > CO_REQUESTERS_MAXIMUM:
            figures = {"count": len(addresses), "most": CO_REQUESTERS_MAXIMUM}
            message = _("%(count)s addresses; %(most)s at most.")
            raise ValidationError(message, code="too_many_co_requesters", params=figures)
        return list(dict.fromkeys(addresses))


class NewRequestForm(RequestForm):
    """A first request form also says on whose behalf, and that nobody is in danger.

    In its simple depth a preset gives what is not asked; what was chosen in the other depth comes
    along unseen (``carried``), and is taken where the preset is "own".
    """

    depth = forms.ChoiceField(choices=Depth, required=False, widget=forms.HiddenInput)
    is_emergency = forms.TypedChoiceField(
        label=_("Is somebody in danger, or must the image be taken within ten days?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        widget=forms.RadioSelect,
    )
    on_behalf = forms.ChoiceField(label=_("On behalf of"), widget=forms.RadioSelect)
    preset = forms.ChoiceField(
        label=_("What do you want to see?"), required=False, widget=forms.RadioSelect
    )
    co_requesters = CoRequestersField(
        label=_("Who asks with you?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "E-mail addresses of accounts here, one a line. They see the request from the draft on,"
            " and may answer for it."
        ),
    )
    field_order = ("is_emergency", "on_behalf")
    depths = Depth.choices

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *args: Any,
        user: User,
        area: UploadedArea | None = None,
        **kwargs: Any,
    ) -> None:
        self.user = user
        initial = kwargs.get("initial") or {}
        on_behalf_of = acting_for(user, timezone.localdate())
        self.typed: Mapping[str, Any] = initial if data is None else data
        self.shown_depth = depth_of(data if data is not None else initial or None)
        self.presets = presets_in_force(timezone.localdate())
        self.chosen_preset = self._preset_named(str(self.typed.get("preset", "")))
        if data is not None and self.is_simple and self.chosen_preset is not None:
            data = _filled_in(data, _unasked(data, self.chosen_preset, area))
        kwargs["entity_ids"] = [found.entity.pk for found in on_behalf_of]
        super().__init__(data, *args, area=area, **kwargs)
        self._offer_presets()
        if self.is_simple:
            self.fields["window_ends_on"].help_text = _(
                "A day to come asks for a new acquisition; a day that is past, or none, for an"
                " image that exists already."
            )
        self._offer_on_behalf(on_behalf_of)

    def _offer_on_behalf(self, on_behalf_of: list[OnBehalf]) -> None:
        self.on_behalf_by_key = {found.key: found for found in on_behalf_of}
        on_behalf = cast("forms.ChoiceField", self.fields["on_behalf"])
        on_behalf.choices = [(key, _label(found)) for key, found in self.on_behalf_by_key.items()]
        on_behalf.initial = next(iter(self.on_behalf_by_key), None)

    def _offer_presets(self) -> None:
        field = cast("forms.ChoiceField", self.fields["preset"])
        choices = [(preset.code, _words_of(preset)) for preset in self.presets]
        if self.typed.get("preset") == OWN_CHOICES or not choices:
            field.choices = [*choices, (OWN_CHOICES, _("As I chose among all the choices"))]
        else:
            field.choices = choices
        field.required = self.is_simple
        field.initial = choices[0][0] if choices else OWN_CHOICES

    def _preset_named(self, code: str) -> OrderPreset | None:
        return next((preset for preset in self.presets if preset.code == code), None)

    @property
    def is_simple(self) -> bool:
        return self.shown_depth == Depth.SIMPLE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_simple and cleaned.get("request_kind") == RequestKind.TASKING:
            starts_on = cleaned.get("window_starts_on")
            if "window_starts_on" not in self.errors:
                today = timezone.localdate()
                cleaned["window_starts_on"] = tasking_starts_on(starts_on, asked_on=today)
        return cleaned

    @property
    def chosen_on_behalf(self) -> OnBehalf:
        return self.on_behalf_by_key[self.cleaned_data["on_behalf"]]

    def draft(self, *, area: UploadedArea, answers: Mapping[str, Any]) -> ImageryRequest:
        """In memory, of the sensor and on the behalf that were chosen. Raises OrderTooLarge."""
        return draft_of(
            user=self.user,
            entity=self.chosen_on_behalf.entity,
            mandate=self.chosen_on_behalf.mandate,
            sensor=self.cleaned_data["sensor"],
            area=area,
            answers=answers,
        )

    @property
    def asks_on_whose_behalf(self) -> bool:
        return len(self.on_behalf_by_key) > 1

    def open_where_wrong(self) -> None:
        """The simple form does not show all that can be wrong: the other does."""
        if self.is_simple and set(self.errors) - {*QUESTIONS, *OF_THE_AREA, "__all__"}:
            self.shown_depth = Depth.EXPERT

    @cached_property
    def carried(self) -> list[tuple[str, str]]:
        """Name and value of all that was typed and the simple form does not show."""
        seen = {*QUESTIONS, *OF_THE_AREA, "depth"}
        hidden = [name for name in self.fields if name not in seen]
        return [(name, text) for name in hidden for text in texts_of(self.typed, name)]

    @property
    def also_chosen(self) -> list[str]:
        """Labels of what was answered in the other depth, and the sentence does not say."""
        said = {"sensor", "request_kind", "on_shortfall", "title", *OF_A_PRESET}
        changed = [
            name
            for name, text in self.carried
            if name not in said and text not in ("", _usual_text(name))
        ]
        return [str(self.fields[name].label) for name in dict.fromkeys(changed)]

    @property
    def chosen_for_you(self) -> ChosenForYou | None:
        """What the simple form does not ask about; None while it cannot be told."""
        preset = self.chosen_preset
        if preset is None and not self.typed.get("preset"):
            preset = next(iter(self.presets), None)
        chosen = dict(self.typed.items()) if preset is None else choices_of(preset)
        sensor_id = str(chosen.get("sensor", ""))
        offered = Sensor.objects.offered()
        sensor = offered.filter(pk=sensor_id).first() if is_key(sensor_id) else None
        kind = chosen.get("request_kind") or _kind_in(self.typed)
        chosen |= {"request_kind": kind}
        return None if sensor is None else _chosen_for_you(sensor, chosen, self.fields)

    def in_depth(self, depth: Depth) -> dict[str, Any]:
        """What was typed, as the form of that depth begins with: nothing of it is lost."""
        typed = {name: value_of(self.data, name) for name in self.fields if name in self.data}
        typed["depth"] = str(depth)
        if depth == Depth.EXPERT or self.is_simple:
            return typed
        preset = preset_of(typed, self.presets)
        typed["preset"] = preset.code if preset else OWN_CHOICES
        file_name = self.area.file_name if self.area else ""
        if typed.get("title") in {title_of(each, file_name) for each in self.presets}:
            typed["title"] = ""
        return typed


def texts_of(typed: Mapping[str, Any], name: str) -> list[str]:
    """What was sent under this name, as texts; of a form that opens, what it begins with."""
    if hasattr(typed, "getlist"):
        return list(typed.getlist(name))
    value = typed.get(name)
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def value_of(typed: Mapping[str, Any], name: str) -> Any:
    """As a form begins with it: a list where there are several."""
    texts = texts_of(typed, name)
    if name in SEVERAL:
        return texts
    return texts[-1] if texts else ""


def _unasked(
    data: Mapping[str, Any], preset: OrderPreset, area: UploadedArea | None
) -> dict[str, Any]:
    """What stands in the fields that the simple form does not show."""
    usual = {
        "on_shortfall": default_of("on_shortfall"),
        "title": title_of(preset, area.file_name if area else ""),
    }
    given = {name: data.get(name) or value for name, value in usual.items()}
    return choices_of(preset) | given | {"request_kind": _kind_in(data)}


def _kind_in(typed: Mapping[str, Any]) -> str:
    """By the days that were typed."""
    ends_on = _day(str(typed.get("window_ends_on") or ""))
    return kind_of_days(ends_on, asked_on=timezone.localdate())


def _filled_in(data: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    copied: Any = data.copy() if hasattr(data, "copy") else dict(data)
    for name, value in more.items():
        copied[name] = str(value)
    return cast("Mapping[str, Any]", copied)


def _usual_text(name: str) -> str:
    return str(default_of(name)) if name in DRAFT_FIELDS else ""


def _chosen_for_you(
    sensor: Sensor, chosen: Mapping[str, Any], fields: Mapping[str, forms.Field]
) -> ChosenForYou | None:
    values = {name: str(chosen.get(name, "")) for name in ("request_kind", *OF_A_PRESET)}
    try:
        cleaned = {name: fields[name].clean(value) for name, value in values.items()}
    except ValidationError:
        return None
    idle = {name: value for name, value in idle_answers(cleaned).items() if name in cleaned}
    return ChosenForYou(sensor=sensor, **(cleaned | idle))


def _day(text: str) -> date | None:
    try:
        return cast("date | None", forms.DateField(required=False).clean(text))
    except ValidationError:
        return None


def _words_of(preset: OrderPreset) -> str:
    words = '<span>{} <span class="muted small">{}</span></span>'
    return format_html(words, preset.name, preset.hint)


def _label(found: OnBehalf) -> str:
    if found.mandate is None:
        return found.entity.name
    return _("%(principal)s, under mandate %(reference)s") % {
        "principal": found.entity.name,
        "reference": found.mandate.contract_reference,
    }

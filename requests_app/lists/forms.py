"""The filters of a list, as they stand in its address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.footprints import area_of_box
from eligibility.models import Cell, Sensor
from eligibility.permissions import Actor
from orbitrage.shared.forms import EARLIEST_DAY, DayField
from orbitrage.shared.geo import to_geos_multipolygon
from requests_app.lists.ordering import NEWEST_FIRST, Ordering
from requests_app.lists.selectors import (
    READER,
    Criteria,
    ListScope,
    Wanted,
    scopes_of,
    seen_by_number,
)
from requests_app.models import ImageryRequest, RequestKind
from requests_app.states import State, WhoActs

ANY = ("", _("All"))
AWAITED = (ANY, (READER, _("You")), *WhoActs.choices)
SORTS = (
    ("", _("Newest first")),
    ("number", _("Oldest first")),
    ("title", _("Title, A to Z")),
    ("-title", _("Title, Z to A")),
    ("-area", _("Largest area first")),
    ("area", _("Smallest area first")),
    ("-submitted", _("Last submitted first")),
    ("submitted", _("First submitted first")),
    ("due", _("Due soonest first")),
    ("-due", _("Due latest first")),
)
FOLDED = (
    "state", "cell", "entity", "late", "submitted_from", "submitted_to", "period_from",
    "period_to", "bbox",
)  # fmt: skip
"""Filters that a page shows on demand."""


class BoxField(forms.CharField):
    """West, south, east and north in degrees; west beyond east goes across the 180° meridian."""

    def clean(self, value: Any) -> MultiPolygon | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            west, south, east, north = (float(part) for part in typed.split(","))
            return to_geos_multipolygon(area_of_box(west, south, east, north))
        except ValueError as error:
            message = gettext("Give west, south, east and north in degrees: 3.5,43.4,4.2,43.9.")
            raise ValidationError(message, code="bbox") from error


def _day(label: Any) -> DayField:
    return DayField(label=label, earliest=EARLIEST_DAY)


class RequestFilter(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Number, title, entity")}),
    )
    sensor = forms.ModelChoiceField(
        Sensor.objects.order_by("pk"),
        to_field_name="code",
        required=False,
        label=_("Sensor"),
        empty_label=_("All"),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[ANY, *RequestKind.choices])
    waits = forms.ChoiceField(label=_("Who must act"), required=False, choices=AWAITED)
    state = forms.MultipleChoiceField(
        label=_("State"),
        required=False,
        choices=State.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    cell = forms.ModelChoiceField(
        Cell.objects.order_by("code"),
        to_field_name="code",
        required=False,
        label=_("Cell"),
        empty_label=_("All"),
    )
    entity = forms.CharField(label=_("Entity"), required=False, max_length=100)
    submitted_from = _day(_("Submitted from"))
    submitted_to = _day(_("Submitted until"))
    period_from = _day(_("Images wanted from"))
    period_to = _day(_("Images wanted until"))
    bbox = BoxField(
        label=_("Box"),
        required=False,
        max_length=120,
        help_text=_("West, south, east, north in degrees."),
    )
    late = forms.BooleanField(label=_("Late at the cell"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for first, last in (("submitted_from", "submitted_to"), ("period_from", "period_to")):
            starts_on, ends_on = cleaned.get(first), cleaned.get(last)
            if starts_on and ends_on and ends_on < starts_on:
                message = gettext("The last day is before the first.")
                self.add_error(last, ValidationError(message, code="dates_reversed"))
        return cleaned

    @property
    def criteria(self) -> Criteria:
        typed = self.cleaned_data
        sensor, cell = typed["sensor"], typed["cell"]
        return Criteria(
            text=typed["q"],
            states=tuple(typed["state"]),
            sensor_id=sensor and sensor.pk,
            request_kind=typed["kind"],
            cell_id=cell and cell.pk,
            entity=typed["entity"],
            who_must_act=typed["waits"],
            is_late=typed["late"],
            submitted_from=typed["submitted_from"],
            submitted_to=typed["submitted_to"],
            period_from=typed["period_from"],
            period_to=typed["period_to"],
            box=typed["bbox"],
        )

    @property
    def unfolds(self) -> bool:
        """Whether one of the filters that are folded away is set, or wrong."""
        return any(self.data.get(name) or self.has_error(name) for name in FOLDED)


class ListForm(RequestFilter):
    """Whose requests, in which order, and where the page begins, beside the filters."""

    sort = forms.ChoiceField(label=_("Sorted by"), required=False, choices=SORTS)
    scope = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    map = forms.BooleanField(required=False, widget=forms.HiddenInput)
    after = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.actor = actor
        self.scopes = scopes_of(actor)
        self.fields["scope"].choices = [(scope.value, scope.label) for scope in self.scopes]  # type: ignore[attr-defined]

    def clean_after(self) -> ImageryRequest | None:
        number = self.cleaned_data["after"]
        if not number:
            return None
        last = seen_by_number(number, self.actor)
        if last is None:
            message = gettext("No page begins after “%(number)s”: go back to the first page.")
            raise ValidationError(message % {"number": number}, code="no_such_page")
        return last

    @property
    def wanted(self) -> Wanted:
        typed = self.cleaned_data
        return Wanted(
            scope=ListScope(typed["scope"] or self.scopes[0]),
            criteria=self.criteria,
            ordering=Ordering.of(typed["sort"]) if typed["sort"] else NEWEST_FIRST,
            after=typed["after"],
        )

import datetime as dt

import shapely
from django import forms
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from catalogue.criteria import CoverageCriteria
from catalogue.footprints import RingUnusable, area_of_box, area_of_polygons
from catalogue.selectors import Position
from eligibility.models import Sensor
from orbitrage.shared.areas import area_refusal
from orbitrage.shared.geo import geodesic_area_km2, to_geos_multipolygon

# Three bytes a character in the address, whose line gunicorn ends at 8,190.
AREA_TEXT_LENGTH_MAXIMUM = 2_500
AREA_VERTICES_MAXIMUM = 5_000


def text_of(position: Position) -> str:
    """What `after` takes: instant and number of the last image of a page."""
    return f"{position.acquired_at.astimezone(dt.UTC).isoformat()}~{position.pk}"


def _measurable(area: shapely.MultiPolygon) -> MultiPolygon:
    refusal = area_refusal(geodesic_area_km2(area))
    if refusal is not None:
        raise ValidationError(refusal.message, code=refusal.code)
    return to_geos_multipolygon(area)


def _date_widget() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class SearchForm(forms.Form):
    sensor = forms.ModelChoiceField(
        Sensor.objects.all(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Sensor"),
        empty_label=gettext_lazy("All sensors"),
    )
    acquired_from = forms.DateField(
        label=gettext_lazy("Acquired from"), required=False, widget=_date_widget()
    )
    acquired_to = forms.DateField(
        label=gettext_lazy("Acquired until"), required=False, widget=_date_widget()
    )
    cloud = forms.IntegerField(
        label=gettext_lazy("Clouds, at most (%)"), required=False, min_value=0, max_value=100
    )
    bbox = forms.CharField(
        label=gettext_lazy("Box"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("West, south, east, north in degrees."),
    )
    area = forms.CharField(
        label=pgettext_lazy("polygon", "Area"),
        required=False,
        max_length=AREA_TEXT_LENGTH_MAXIMUM,
        widget=forms.Textarea({"rows": 3}),
        help_text=format_lazy(
            gettext_lazy(
                "A polygon as WKT or GeoJSON, longitude first, of {maximum} characters at most."
            ),
            maximum=AREA_TEXT_LENGTH_MAXIMUM,
        ),
    )
    after = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def clean_bbox(self) -> MultiPolygon | None:
        text = self.cleaned_data["bbox"]
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
            box = area_of_box(west, south, east, north)
        except ValueError as error:
            raise ValidationError(
                _("Give west, south, east and north in degrees: 3.5,43.4,4.2,43.9."), code="bbox"
            ) from error
        return _measurable(box)

    def clean_area(self) -> MultiPolygon | None:
        text = self.cleaned_data["area"]
        if not text:
            return None
        try:
            read = shapely.from_geojson if text.startswith("{") else shapely.from_wkt
            geometry = read(text)
            if shapely.get_num_coordinates(geometry) > AREA_VERTICES_MAXIMUM:
                raise ValidationError(
                    _("The area has more than %(maximum)d vertices."),
                    code="too_many_vertices",
                    params={"maximum": AREA_VERTICES_MAXIMUM},
                )
            area = area_of_polygons(geometry)
        # shapely reads no curve: for those it says that the type is not implemented.
        except (shapely.errors.ShapelyError, RingUnusable, NotImplementedError) as error:
            raise ValidationError(
                _("This is not a valid polygon in WKT or GeoJSON, longitude first."), code="area"
            ) from error
        return _measurable(area)

    def clean_after(self) -> Position | None:
        text = self.cleaned_data["after"]
        if not text:
            return None
        instant, _tilde, number = text.partition("~")
        try:
            acquired_at = dt.datetime.fromisoformat(instant)
            position = Position(acquired_at.astimezone(dt.UTC), int(number))
        except (ValueError, OverflowError) as error:
            raise ValidationError(_("This page does not exist."), code="after") from error
        if acquired_at.tzinfo is None or not 0 < position.pk < 2**63:
            raise ValidationError(_("This page does not exist."), code="after")
        return position

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("acquired_from"), cleaned.get("acquired_to")
        if first and last and last < first:
            self.add_error("acquired_to", _("The last day is before the first."))
        if cleaned.get("bbox") and cleaned.get("area"):
            self.add_error("bbox", _("Give a box or an area, not both."))
        return cleaned

    def criteria(self) -> CoverageCriteria:
        sensor = self.cleaned_data["sensor"]
        return CoverageCriteria(
            sensor_id=sensor.pk if sensor else None,
            acquired_from=self.cleaned_data["acquired_from"],
            acquired_to=self.cleaned_data["acquired_to"],
            maximum_cloud_percent=self.cleaned_data["cloud"],
        )

    def searched_area(self) -> MultiPolygon | None:
        area: MultiPolygon | None = self.cleaned_data["area"] or self.cleaned_data["bbox"]
        return area

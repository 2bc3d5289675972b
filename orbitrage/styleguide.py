"""Invented values for the page that shows every component."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils import timezone

from orbitrage.shared.errors import Refusal


class ExampleForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="A few words your colleagues will know.")
    sensor = forms.ChoiceField(choices=[("pleiades", "Pléiades"), ("spot67", "SPOT 6/7")])
    starts_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False)
    maximum_cloud_percent = forms.IntegerField(min_value=0, max_value=100, initial=10)
    area_file = forms.FileField(help_text="GeoJSON, KML, KMZ, zipped Shapefile or GeoPackage.")
    on_shortfall = forms.ChoiceField(
        choices=[("release", "Keep what came"), ("extend", "Extend"), ("ask", "Ask me")],
        widget=forms.RadioSelect,
    )
    agrees = forms.BooleanField(
        label="I agree to the enlarged area.", help_text="100 km² at least."
    )
    polygon = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)


def square(west: float, south: float, size_deg: float) -> dict[str, Any]:
    east, north = west + size_deg, south + size_deg
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(role: str, label: str, geometry: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"role": role, "label": label},
        "geometry": geometry,
    }


def example_context() -> dict[str, Any]:
    now = timezone.now()
    return {
        "form": ExampleForm(),
        "refused_form": ExampleForm({"title": "", "maximum_cloud_percent": "140"}),
        "refusals": [
            Refusal("quota_exhausted", "60 km² asked, 40 km² left on this envelope."),
            Refusal("area_too_narrow", "The area is 3.2 km wide; SPOT asks for 5 km."),
        ],
        "states": STATES,
        "page_obj": Paginator(range(430), 25).page(6),
        "today": now,
        "in_three_days": now + timedelta(days=3),
        "area": Decimal("12345.678"),
        "price": Decimal("626.4"),
        "map_data": {
            "type": "FeatureCollection",
            "features": [
                feature("operator", "Sent to the operator", square(2.86, 45.66, 0.42)),
                feature("item", "2025-07-14, 4 %", square(2.8, 45.6, 0.3)),
                feature("aoi", "Chaîne des Puys", square(2.92, 45.72, 0.3)),
                feature("offer", "Offered", square(2.98, 45.76, 0.16)),
            ],
        },
    }


STATES = (
    "draft", "submitted", "in_review", "information_requested", "in_arbitration", "deferred",
    "offered", "approved", "ordered", "partially_delivered", "delivered", "disputed", "closed",
    "refused", "cancelled", "expired", "failed",
)  # fmt: skip

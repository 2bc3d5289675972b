"""The part of a request's form that asks for the area, in whichever way it is given."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.text import OneLineField
from requests_app.intake.forms.places import PlacesForm

AREA_FILE_TYPES = ".geojson,.json,.geojsonl,.wkt,.kml,.kmz,.zip,.gpkg,.fgb"
# More of it is sent as a file. No browser is told: it would cut what is pasted and say nothing.
TYPED_CHARACTERS = 200_000
_NAME_CHARACTERS = 255


class AreaWay(models.TextChoices):
    UPLOAD = "upload", _("From a file")
    DRAW = "draw", _("Drawn on the map, or its corners typed")
    PLACE = "place", _("By the name of a place")
    TILE = "tile", _("By a Sentinel-2 tile")
    TYPED = "typed", _("Typed: a box, a centre and a radius, or WKT")
    REQUEST = "request", _("From an earlier request")


# What each way is given by.
FIELDS = {
    AreaWay.UPLOAD: "area_file",
    AreaWay.DRAW: "area_drawn",
    AreaWay.PLACE: "area_place",
    AreaWay.TILE: "area_tile",
    AreaWay.TYPED: "area_typed",
    AreaWay.REQUEST: "area_request",
}
# Where a refusal of it is shown: not among answers that there may not be.
SAID_AT = dict(FIELDS) | {AreaWay.PLACE: "place_query"}
MISSING = {
    AreaWay.UPLOAD: _("Add the file of your area."),
    AreaWay.DRAW: _("Draw your area, or type its corners."),
    AreaWay.PLACE: _("Type the name of a place, and choose it."),
    AreaWay.TILE: _("Type the name of a tile."),
    AreaWay.TYPED: _("Type your area."),
    AreaWay.REQUEST: _("Type the number of an earlier request."),
}


class AreaForm(PlacesForm):
    """Nothing of it is required: an area may have been read before. ``earlier``: numbers and
    titles of the requests that are proposed."""

    area_way = forms.ChoiceField(
        label=_("How do you give the area?"),
        choices=AreaWay,
        required=False,
        initial=AreaWay.UPLOAD,
        widget=forms.RadioSelect,
    )
    area_file = forms.FileField(
        label=_("File of the area"),
        required=False,
        allow_empty_file=True,
        help_text=_("GeoJSON, KML, KMZ, zipped Shapefile, GeoPackage or WKT, at most 20 MiB."),
        widget=forms.FileInput(attrs={"accept": AREA_FILE_TYPES}),
    )
    layer = OneLineField(
        label=_("Layer"),
        required=False,
        validators=[MaxLengthValidator(_NAME_CHARACTERS)],
        strip=False,
        widget=forms.Select,
        help_text=_("The file has several: choose the one of your area."),
    )
    layer_of = forms.CharField(
        required=False, max_length=_NAME_CHARACTERS, strip=False, widget=forms.HiddenInput
    )
    area_drawn = forms.CharField(
        label=_("Corners"),
        required=False,
        validators=[MaxLengthValidator(TYPED_CHARACTERS)],
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=_(
            "One a line: longitude, then latitude, in degrees (3.88 43.61). An empty line begins"
            " another part, the word “hole” on a line a hole in it. The map and the text follow"
            " each other."
        ),
    )
    area_tile = OneLineField(
        label=_("Sentinel-2 tile"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("For example 31TEJ."),
    )
    area_typed = forms.CharField(
        label=_("Area"),
        required=False,
        validators=[MaxLengthValidator(TYPED_CHARACTERS)],
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=_(
            "A box: west, south, east, north (3.70, 43.50, 3.90, 43.60). A centre and a radius:"
            " 43.61 N 3.88 E 5 km. Or WKT: POLYGON ((…)), in degrees, or after SRID=2154; in"
            " Lambert-93."
        ),
    )
    area_request = OneLineField(
        label=_("Number of the request"),
        required=False,
        max_length=20,
        widget=forms.TextInput({"list": "earlier-requests", "autocomplete": "off"}),
        help_text=_("One that you may see, for example R2026-000123: the area it asked for."),
    )

    def __init__(self, *args: Any, earlier: Iterable[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = earlier
        self.layers: Sequence[str] = ()
        self.layers_of = ""

    @property
    def way(self) -> AreaWay:
        return AreaWay(self.cleaned_data.get("area_way") or AreaWay.UPLOAD)

    @property
    def given(self) -> Any:
        """What the chosen way is given by: a file, a text or keys of places; else empty."""
        return self.cleaned_data.get(FIELDS[self.way])

    @property
    def is_half_given(self) -> bool:
        """A place was looked for, and none of the answers chosen."""
        named = bool(self.cleaned_data.get("place_query"))
        return self.way == AreaWay.PLACE and named and not self.given

    @property
    def area_field(self) -> str:
        """Where a refusal of the area is shown."""
        return SAID_AT.get(self["area_way"].value(), FIELDS[AreaWay.UPLOAD])

    @property
    def wanted_layer(self) -> str:
        """The layer that was chosen of this very file: not of one that was there before it."""
        file, chosen_of = self.files.get("area_file"), self.cleaned_data.get("layer_of", "")
        layer: str = self.cleaned_data.get("layer", "")
        return layer if file and chosen_of in ("", file.name) else ""

    @property
    def keeps_layers(self) -> bool:
        """Whether the choice among layers stays on the page as it is."""
        return self.way != AreaWay.UPLOAD or bool(self.wanted_layer and not self.layers)

    def offer_layers(self, layers: Sequence[str]) -> None:
        """Have the page ask for one of them; the file is sent again with it."""
        self.layers = layers
        self.layers_of = getattr(self.files.get("area_file"), "name", "") or ""
        chooser = cast("forms.Select", self.fields["layer"].widget)
        chooser.choices = [("", gettext("Choose a layer")), *((name, name) for name in layers)]

    def missing(self) -> ValidationError:
        """What to say when no area is given."""
        if not self.is_half_given:
            return ValidationError(MISSING[self.way], code="area_missing")
        if not self.found:
            return ValidationError(self.places_said, code="place_not_found")
        count = len(self.found)
        message = ngettext(
            "%(count)d place is found: choose it.",
            "%(count)d places are found: choose one of them.",
            count,
        )
        return ValidationError(message % {"count": count}, code="place_not_chosen")

"""Places looked for by name, to choose one or several of."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.text import OneLineField, is_key
from places.models import Place
from places.selectors import MOST_ANSWERS, find_places, places_named
from quotas.amounts import say

PLACES_MAXIMUM = 50
_QUERY_CHARACTERS = 100


class PlacesForm(forms.Form):
    """What was chosen stays on the list while others are looked for."""

    place_query = OneLineField(
        label=_("Name of the place"),
        required=False,
        max_length=_QUERY_CHARACTERS,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
        help_text=_(
            "A commune, an intercommunal body, a department, a region, an overseas territory, or"
            " its official code."
        ),
    )
    area_place = forms.TypedMultipleChoiceField(
        label=_("Places found"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose one, or look for others and choose several: they make one area."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = find_places(str(self["place_query"].value() or "")[:_QUERY_CHARACTERS])
        known = {each.pk for each in self.found}
        chosen = places_named(self._keys_chosen())
        self.places = [*(each for each in chosen if each.pk not in known), *self.found]
        field = cast("forms.TypedMultipleChoiceField", self.fields["area_place"])
        field.choices = [(each.pk, place_label(each)) for each in self.places]
        field.error_messages["invalid_choice"] = gettext(
            "This place is not among those found: choose it again."
        )

    def _keys_chosen(self) -> list[int]:
        texts = [str(text) for text in self["area_place"].value() or []]
        keys = [text for text in texts if is_key(text)]
        return [int(text) for text in keys[:PLACES_MAXIMUM]]

    def clean_area_place(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["area_place"]
        if len(chosen) > PLACES_MAXIMUM:
            figures = {"count": len(chosen), "most": PLACES_MAXIMUM}
            message = _("%(count)s places are chosen; %(most)s at most make one area.")
            raise ValidationError(message, code="too_many_places", params=figures)
        return chosen

    @property
    def places_said(self) -> str:
        """How many were found, for who does not see the list come."""
        named = str(self["place_query"].value() or "").strip()
        count = len(self.found)
        if not count:
            return gettext("No place named “%(name)s” is known.") % {"name": named} if named else ""
        if count == MOST_ANSWERS:
            message = gettext("The first %(count)d places are shown: type more of the name.")
        else:
            message = ngettext("%(count)d place is found.", "%(count)d places are found.", count)
        return message % {"count": count}


def place_label(place: Place) -> str:
    """As the list of answers names it: Montpellier – Commune, Hérault, 57.1 km²."""
    facts = [place.get_kind_display(), place.parent_label, say(place.area_km2, "km2")]
    return f"{place.name} – {', '.join(fact for fact in facts if fact)}"

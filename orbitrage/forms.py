from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.geo import to_geos_multipolygon
from orbitrage.shared.text import OneLineField
from places.outlines import boxes_around, names_of
from places.selectors import places_named
from requests_app.intake.forms.places import PlacesForm


class ContactSubject(models.TextChoices):
    GENERAL = "general", _("A general question")
    MEMBERSHIP = "membership", _("Membership or an account")
    REQUEST = "request", _("A request in progress")
    FORMATS = "formats", _("Formats and use of the images")
    TECHNICAL = "technical", _("Something does not work")
    ACCESSIBILITY = "accessibility", _("Accessibility of this site")
    PERSONAL_DATA = "personal_data", _("My personal data")


class ContactForm(forms.Form):
    subject = forms.ChoiceField(label=_("Subject"), choices=ContactSubject)
    name = OneLineField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    request_number = OneLineField(
        label=_("Number of the request"),
        max_length=20,
        required=False,
        help_text=_("For example R2026-000123, if the question is about one."),
    )
    message = forms.CharField(
        label=_("Message"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8})
    )


class TerritoryForm(PlacesForm):
    """Of an entity: the places where it is at work."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("area_place") and not self.errors:
            message = _("Look for a place by its name, and choose it.")
            self.add_error("place_query", forms.ValidationError(message, code="place_not_chosen"))
        return cleaned

    def territory(self) -> dict[str, Any]:
        """The arguments of the service that sets it."""
        places = places_named(self.cleaned_data["area_place"])
        return {"outline": to_geos_multipolygon(boxes_around(places)), "name": names_of(places)}

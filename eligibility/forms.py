"""What people type. Nothing is saved here, but for the sign-up that allauth drives."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eligibility import demo, selectors, services
from eligibility.models import (
    LIFETIME_MAXIMUM_DAYS,
    Entity,
    Scope,
    Sensor,
    User,
    UserCategory,
)
from orbitrage.shared.text import OneLineField


class DateField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SignupForm(forms.Form):
    """What sign-up asks beside e-mail and password (`ACCOUNT_SIGNUP_FORM_CLASS`)."""

    full_name = OneLineField(
        label=_("Full name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of your mails"), choices=settings.LANGUAGES)
    entity = forms.ModelChoiceField(
        label=_("Your organisation"),
        queryset=Entity.objects.all(),
        required=False,
        empty_label=_("Not in the list, or later"),
        help_text=_("Its contact is told of your request and activates it."),
    )
    accepts_terms = forms.BooleanField(label=_("I accept the terms of use of the site"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms = selectors.site_terms(timezone.localdate())
        self.fields["language"].initial = (get_language() or "fr")[:2]
        if self.terms is None:
            del self.fields["accepts_terms"]

    def signup(self, _request: HttpRequest, user: User) -> None:
        entity = self.cleaned_data["entity"]
        services.complete_signup(
            user_id=user.pk,
            full_name=self.cleaned_data["full_name"],
            language=self.cleaned_data["language"],
            entity_id=entity.pk if entity else None,
            site_terms_id=self.terms.pk if self.terms else None,
        )


class ProfileForm(forms.Form):
    full_name = OneLineField(
        label=_("Full name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of your mails"), choices=settings.LANGUAGES)


class JoinForm(forms.Form):
    entity = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Entity.objects.all(), empty_label=_("Choose…")
    )


class EntityForm(forms.Form):
    name = OneLineField(label=_("Name"), max_length=200)
    acronym = OneLineField(label=_("Acronym"), max_length=40, required=False)
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=UserCategory.objects.exclude(code="public"),
        empty_label=_("Choose…"),
        help_text=_("It decides what the organisation may ask for."),
    )
    siret = forms.RegexField(
        label=_("SIRET number"),
        regex=r"^[0-9]{14}\Z",
        required=False,
        strip=True,
        help_text=_("14 digits, for a French organisation."),
        error_messages={"invalid": _("A SIRET number has 14 digits.")},
    )
    country = forms.RegexField(
        label=_("Country"),
        regex=r"^[A-Z]{2}\Z",
        initial="FR",
        strip=True,
        help_text=_("Two capital letters, such as FR."),
        error_messages={"invalid": _("Two capital letters, such as FR.")},
    )
    city = OneLineField(label=_("City"), max_length=100, required=False)
    postal_address = forms.CharField(
        label=_("Postal address"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    supervising_bodies = forms.ModelMultipleChoiceField(
        label=_("Supervising bodies"), queryset=Entity.objects.all(), required=False
    )

    def arguments(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        typed["category_id"] = typed.pop("category").pk
        typed["supervising_body_ids"] = [body.pk for body in typed.pop("supervising_bodies")]
        return typed


class MembershipForm(forms.Form):
    starts_on = DateField(label=_("Starts on"))
    ends_on = DateField(label=_("Last day"), required=False, help_text=_("Empty: without an end."))
    sensors = forms.ModelMultipleChoiceField(
        label=_("Sensors covered"),
        queryset=Sensor.objects.filter(policy=Sensor.Policy.MANAGED),
        widget=forms.CheckboxSelectMultiple,
    )

    def arguments(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        typed["sensor_ids"] = [sensor.pk for sensor in typed.pop("sensors")]
        return typed


class SuspensionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The organisation reads it, and so does everybody who asks in its name."),
    )


class DemoSignInForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"] = forms.ModelChoiceField(queryset=demo.accounts())


class TokenForm(forms.Form):
    name = OneLineField(
        label=_("Name"),
        max_length=60,
        help_text=_("What it is for, such as “nightly script of the laboratory”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do of what I may do"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days until it expires"),
        min_value=1,
        max_value=LIFETIME_MAXIMUM_DAYS,
        initial=90,
        help_text=_("A year at most."),
    )

from datetime import date
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models import Entity, User
from licences.kinds import Kind, kinds_in_force
from licences.models import page_language
from licences.regions import region_kinds
from licences.selectors import Standing, Whose
from orbitrage.shared.days import day_in_words
from orbitrage.shared.forms import DayField
from orbitrage.shared.text import OneLineField
from places.models import Place, PlaceKind

MAXIMUM_FILE_BYTES = 20 * 1024 * 1024


class LicenceFilter(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        help_text=_("A number, of a licence or a request, or a licensee."),
    )
    whose = forms.ChoiceField(label=_("Whose"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.code, kind.option(page_language())) for kind in kinds_in_force()]
        offered = (("whose", Whose.choices), ("state", Standing.choices), ("kind", kinds))
        for name, choices in offered:
            cast("forms.ChoiceField", self.fields[name]).choices = [("", _("All")), *choices]


class RegionForm(forms.Form):
    """Its ``decision`` is made with the page, so that the form sent twice opens one region."""

    decision = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind of extension"))
    entity = forms.ModelChoiceField(label=_("Licensee"), queryset=Entity.objects.none())
    place = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Place.objects.filter(kind__in=(PlaceKind.REGION, PlaceKind.OVERSEAS))
        .defer("geometry")
        .order_by("name"),
    )
    vintage = forms.IntegerField(
        label=_("Vintage"),
        min_value=1986,
        help_text=_("Year of acquisition (UTC) of the images that become open."),
    )
    opens_on = DayField(
        label=_("Open to all from"), required=True, help_text=_("Today, or a day to come.")
    )
    contract_reference = OneLineField(label=_("Contract"), max_length=100, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.code: kind for kind in region_kinds()}
        titles = {code: kind.words[page_language()]["title"] for code, kind in self.kinds.items()}
        cast("forms.ChoiceField", self.fields["kind"]).choices = list(titles.items())
        entities = Entity.objects.visible_to(user).order_by("name")
        cast("forms.ModelChoiceField[Entity]", self.fields["entity"]).queryset = entities

    def clean_kind(self) -> Kind:
        return self.kinds[self.cleaned_data["kind"]]

    def clean_vintage(self) -> int:
        vintage: int = self.cleaned_data["vintage"]
        this_year = timezone.localdate().year
        if vintage > this_year:
            message = _("%(vintage)d is to come: the latest is %(latest)d.")
            said = {"vintage": vintage, "latest": this_year}
            raise forms.ValidationError(message % said, code="vintage_to_come")
        return vintage

    def clean_opens_on(self) -> date:
        opens_on: date = self.cleaned_data["opens_on"]
        if opens_on < timezone.localdate():
            message = _("%(day)s is past: images cannot have been open since.")
            said = {"day": day_in_words(opens_on)}
            raise forms.ValidationError(message % said, code="opening_past")
        return opens_on


class RevocationForm(forms.Form):
    decision = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The licensee reads it."),
    )


class RenewalForm(forms.Form):
    decision = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


class RenewalsForm(forms.Form):
    decision = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"))
    ends_by = DayField(
        label=_("Last day by"),
        required=True,
        help_text=_("Every licence in force of this kind that ends on this day or before."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in kinds_in_force() if kind.subject != "membership"]
        options = [(kind.code, kind.option(page_language())) for kind in kinds]
        cast("forms.ChoiceField", self.fields["kind"]).choices = options


class SignatureForm(forms.Form):
    """``text_sha256`` is that of what was shown, and comes back with the signature."""

    is_read = forms.BooleanField(
        label=_("I have read it and I sign it in the name of the licensee."),
        error_messages={"required": _("Tick the box to sign.")},
    )
    text_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)


class VerifyForm(forms.Form):
    number = forms.SlugField(
        label=_("Licence number"),
        max_length=40,
        help_text=_("At the foot of each page, for example PLE-DSP-2026-0001."),
    )
    code = forms.CharField(
        label=_("Check code"),
        required=False,
        max_length=32,
        validators=[RegexValidator(r"^[0-9A-Fa-f]{32}\Z", _("The check code has 32 characters."))],
        help_text=_("On the last page. Without it, only the state of the licence is shown."),
    )

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).upper()


class VerifyFileForm(forms.Form):
    """No byte of the file is kept, and nothing in it is opened."""

    file = forms.FileField(
        label=_("The document"),
        help_text=_("The PDF as it was downloaded: printed or saved again, it is another file."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_file(self) -> bytes:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAXIMUM_FILE_BYTES:
            sizes = {
                "size": filesizeformat(file.size or 0),
                "most": filesizeformat(MAXIMUM_FILE_BYTES),
            }
            message = _("The file has %(size)s: no document of ours has more than %(most)s.")
            raise forms.ValidationError(message % sizes, code="file_too_large")
        return bytes(file.read())

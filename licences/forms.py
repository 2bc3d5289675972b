from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _


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

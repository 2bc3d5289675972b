from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

MAXIMUM_FILE_BYTES = 20 * 1024 * 1024


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
            sizes = {"size": filesizeformat(file.size), "most": filesizeformat(MAXIMUM_FILE_BYTES)}
            message = _("The file has %(size)s: no document of ours has more than %(most)s.")
            raise forms.ValidationError(message % sizes, code="file_too_large")
        return bytes(file.read())

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quotas.grant_files import FileRefused, GrantFile, decoded, read_grants

FILE_MAXIMUM_BYTES = 2 * 1024 * 1024


class GrantFileForm(forms.Form):
    """Lines of grants, from a file or typed. What a file held is shown as if it had been typed, so
    that it can be mended in place. `read` is what its lines say."""

    file = forms.FileField(
        label=_("CSV file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("At most 10,000 lines and 2 MiB."),
    )
    text = forms.CharField(
        label=_("Or its lines"),
        required=False,
        max_length=FILE_MAXIMUM_BYTES,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "wrap": "off"}),
        help_text=_("The heading first. A file replaces what stands here."),
    )
    read: GrantFile | None = None

    def clean_file(self) -> UploadedFile[bytes] | None:
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > FILE_MAXIMUM_BYTES:
            message = gettext("The file has %(size)s; %(maximum)s at most.")
            sizes = {
                "size": filesizeformat(file.size or 0),
                "maximum": filesizeformat(FILE_MAXIMUM_BYTES),
            }
            raise forms.ValidationError(message % sizes, code="file_too_large")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        try:
            if cleaned["file"] is not None:
                self._show(decoded(cleaned["file"].read()))
            self.read = read_grants(cleaned["text"])
        except FileRefused as error:
            for refusal in error.refusals:
                self.add_error(None, forms.ValidationError(refusal.message, code=refusal.code))
        return cleaned

    def _show(self, text: str) -> None:
        self.cleaned_data["text"] = text
        data = cast("QueryDict", self.data).copy()
        data["text"] = text
        self.data = data

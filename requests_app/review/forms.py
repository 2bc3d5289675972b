from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.models import ImageryRequest


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=_("Question to the requester"), max_length=4000, widget=forms.Textarea({"rows": 6})
    )


class OpinionForm(forms.Form):
    opinion = forms.CharField(
        label=_("Opinion for the arbitrators"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
    )


class RecommendForm(OpinionForm):
    nationality_reviewed = forms.BooleanField(
        label=_("The review of the users' nationality is done"),
        error_messages={
            "required": _("This sensor asks for the review: confirm that it is done."),
        },
    )

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_needed = imagery_request.sensor.needs_nationality_review
        if not is_needed or imagery_request.nationality_reviewed:
            del self.fields["nationality_reviewed"]

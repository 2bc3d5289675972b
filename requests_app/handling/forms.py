from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.models import User
from orbitrage.shared.text import OneLineField
from requests_app.forms import ReasonForm
from requests_app.handling.selectors import cells_for, reviewers_for, takers_of
from requests_app.models import ImageryRequest


def _choose(field: forms.Field, rows: Iterable[tuple[int, str]]) -> None:
    """Nobody is chosen by sending the form as it opens."""
    cast("forms.TypedChoiceField", field).choices = [("", _("Choose…")), *rows]


def _people(found: Iterable[User]) -> list[tuple[int, str]]:
    return [(person.pk, person.full_name) for person in found]


class AssignForm(forms.Form):
    reviewer_id = forms.TypedChoiceField(label=_("Reviewer"), coerce=int)

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["reviewer_id"], _people(reviewers_for(imagery_request)))


class RerouteForm(ReasonForm):
    cell_id = forms.TypedChoiceField(label=_("Cell"), coerce=int)
    field_order = ("cell_id", "reason")

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cells = [(cell.pk, cell.name) for cell in cells_for(imagery_request)]
        _choose(self.fields["cell_id"], cells)


class TransferForm(ReasonForm):
    to_id = forms.TypedChoiceField(label=_("Who asks from now on"), coerce=int)
    field_order = ("to_id", "reason")

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["to_id"], _people(takers_of(imagery_request)))


class AddCoRequesterForm(forms.Form):
    email = OneLineField(
        label=_("E-mail of the account"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The address with which this person signs in here."),
    )


class RemoveCoRequesterForm(forms.Form):
    person_id = forms.TypedChoiceField(label=_("Co-requester"), coerce=int)

    def __init__(self, *args: Any, imagery_request: ImageryRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["person_id"], _people(imagery_request.co_requesters.all()))

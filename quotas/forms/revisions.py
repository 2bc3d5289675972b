from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from orbitrage.shared.forms import DayField
from quotas.amounts import ONE_M2, ZERO
from quotas.forms.acts import AmountField
from quotas.models import PolicyRevisionLine, QuotaPolicy
from quotas.rules import FigureKey, day_is_ahead, first_day_proposed, not_finer_than_its_unit
from quotas.services import ProposedFigure


class VersionForm(forms.Form):
    """Which version of a draft somebody has before them."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class FigureForm(forms.Form):
    """What one figure becomes; `row` is the present one."""

    revises = forms.IntegerField(widget=forms.HiddenInput)
    amount = AmountField(label=_("Proposed"), min_value=ZERO)
    late_return = forms.ChoiceField(
        label=_("What comes back after the period"), choices=QuotaPolicy.LateReturn
    )
    source = forms.CharField(label=_("Source"), max_length=300)
    is_example = forms.BooleanField(label=_("Example value, not published as such"), required=False)

    def __init__(
        self, *args: Any, row: QuotaPolicy, line: PolicyRevisionLine | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        self.initial = _typed(row if line is None else line)
        if not row.opens_envelopes:
            del self.fields["late_return"]
        if row.unit:
            label = gettext("Proposed, %(unit)s") % {"unit": row.get_unit_display()}
            self.fields["amount"].label = label

    def clean_revises(self) -> int:
        """A figure that was revised since the page was opened is looked at again."""
        if self.cleaned_data["revises"] != self.row.pk:
            message = gettext(
                "This figure was revised meanwhile: compare with what it is at present."
            )
            self.add_error("amount", forms.ValidationError(message, code="figure_changed"))
        return self.row.pk

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        refused = not_finer_than_its_unit(amount, self.row.unit) if self.row.unit else None
        if refused:
            raise forms.ValidationError(refused.message, code=refused.code)
        if not self.row.unit and amount < ONE_M2:
            message = gettext("A multiplier is more than 0.")
            raise forms.ValidationError(message, code="not_positive")
        return amount

    @property
    def figure(self) -> ProposedFigure:
        typed = self.cleaned_data
        return ProposedFigure(
            revises_id=self.row.pk,
            amount=typed["amount"],
            late_return=typed.get("late_return", self.row.late_return),
            source=typed["source"],
            is_example=typed["is_example"],
        )


def _typed(figure: QuotaPolicy | PolicyRevisionLine) -> dict[str, Any]:
    return {
        "amount": f"{figure.amount.normalize():f}",
        "late_return": figure.late_return,
        "source": figure.source,
        "is_example": figure.is_example,
    }


class FigureFormSet(forms.BaseFormSet[FigureForm]):
    """A form for each present figure, however many a page sends."""

    def __init__(
        self,
        *args: Any,
        rows: Sequence[QuotaPolicy],
        lines: Mapping[FigureKey, PolicyRevisionLine],
        **kwargs: Any,
    ) -> None:
        self.rows, self.lines = rows, lines
        super().__init__(*args, **kwargs)

    def total_form_count(self) -> int:
        return len(self.rows)

    initial_form_count = total_form_count

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        row = self.rows[index or 0]
        return {"row": row, "line": self.lines.get(row.key)}


class RevisionForm(forms.Form):
    """A draft: its day, its reason, and `figures`, a form set. What was typed is `facts`."""

    valid_from = DayField(
        required=True,
        label=_("In force from"),
        help_text=_(
            "Limits of a request and multipliers apply to what is submitted from that day on. "
            "Allowances and envelopes change with the first period that begins on or after it."
        ),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        help_text=_("Shown to everybody once the revision is published."),
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        rows: Sequence[QuotaPolicy],
        lines: Sequence[PolicyRevisionLine] = (),
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial or _proposed(rows))
        made = forms.formset_factory(FigureForm, formset=FigureFormSet, extra=0)
        form_set = cast("type[FigureFormSet]", made)
        by_key = {line.revises.key: line for line in lines}
        self.figures = form_set(data, prefix="figure", rows=rows, lines=by_key)

    def clean_valid_from(self) -> dt.date:
        valid_from: dt.date = self.cleaned_data["valid_from"]
        if refused := day_is_ahead(valid_from, today=timezone.localdate()):
            raise forms.ValidationError(refused.message, code=refused.code)
        return valid_from

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.figures.is_valid():
            wrong = sum(1 for form in self.figures if form.errors) or len(self.figures.rows)
            message = ngettext(
                "%(count)s figure below must be mended.",
                "%(count)s figures below must be mended.",
                wrong,
            )
            self.add_error(
                None, forms.ValidationError(message % {"count": wrong}, code="figures_wrong")
            )
        return cleaned

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "valid_from": self.cleaned_data["valid_from"],
            "reason": self.cleaned_data["reason"],
            "figures": [form.figure for form in self.figures],
        }


def _proposed(rows: Sequence[QuotaPolicy]) -> dict[str, Any]:
    kinds = {row.period_kind for row in rows}
    return {"valid_from": first_day_proposed(kinds, timezone.localdate())}

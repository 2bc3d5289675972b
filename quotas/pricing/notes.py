"""What a plan says beside its lines: what is lacking, and what counts besides."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO, say
from quotas.pricing.inputs import EnvelopeFacts, FundingInputs
from quotas.pricing.plan import Attempts, FundingPlan


def notes_on(inputs: FundingInputs, plan: FundingPlan) -> Iterator[Refusal]:
    if plan.image_count > 1 and inputs.covered_km2:
        message = gettext(
            "%(covered)s are available already. Several images are asked for: nothing is taken off"
            " for that."
        )
        yield Refusal("series_not_reduced", message % {"covered": say(inputs.covered_km2, "km2")})
    if plan.shortfall_km2:
        message = gettext("The cell's envelope lacks %(lack)s for the free part.")
        yield Refusal("shortfall", message % {"lack": say(plan.shortfall_km2, "km2")})
    if plan.unfunded_km2:
        message = gettext("No tariff is in force for %(area)s beyond the quota.")
        yield Refusal("no_tariff", message % {"area": say(plan.unfunded_km2, "km2")})
    lack_eur = plan.programme_eur - (inputs.cofunding.left if inputs.cofunding else ZERO)
    if lack_eur > 0:
        message = gettext("The programme lacks %(lack)s for its share of the co-funded part.")
        yield Refusal("cofunding_shortfall", message % {"lack": say(lack_eur, "eur")})
    if plan.attempts is not None:
        yield _outside(plan.attempts, inputs.area_km2)
        yield from _attempts_left(plan.attempts, inputs.attempts)


def _outside(attempts: Attempts, area_km2: Decimal) -> Refusal:
    message = gettext(
        "%(outside)s of %(area)s lie outside the visibility circle of the receiving station: "
        "the acquisition counts as %(attempts)s besides."
    )
    figures = {
        "outside": say(attempts.outside_km2, "km2"),
        "area": say(area_km2, "km2"),
        "attempts": say(Decimal(attempts.number), "attempts"),
    }
    return Refusal("outside_visibility_circle", message % figures)


def _attempts_left(attempts: Attempts, envelope: EnvelopeFacts | None) -> Iterator[Refusal]:
    if envelope is None:
        message = gettext("The cell has no tasking attempts outside the circle.")
        yield Refusal("no_attempts", message)
    elif envelope.left < attempts.number:
        message = gettext("%(left)s left outside the circle until %(ends_on)s.")
        ends_on = day_in_words(envelope.ends_on) if envelope.ends_on else "—"
        figures = {"left": say(envelope.left, "attempts"), "ends_on": ends_on}
        yield Refusal("attempts_exhausted", message % figures)

"""What a decision must be. Pure: values in, a refusal or None out."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words, instant_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import say

# Overlays of geometries are exact to about a nanometre of arc: below 100 m² is drawing, not area.
OUTSIDE_TOLERANCE_KM2 = Decimal("0.0001")


def approval_has_nothing_to_pay(*, priced_km2: Decimal, total_eur: Decimal) -> Refusal | None:
    if priced_km2 == 0:
        return None
    return Refusal(
        "priced_part",
        _("%(area)s would be paid for (%(price)s): make an offer instead.")
        % {"area": say(priced_km2, "km2"), "price": say(total_eur, "eur")},
    )


def offer_is_inside(*, outside_km2: Decimal) -> Refusal | None:
    if outside_km2 <= OUTSIDE_TOLERANCE_KM2:
        return None
    return Refusal(
        "offer_outside_area",
        _("%(area)s of the offered area lie outside the area that was asked for.")
        % {"area": say(outside_km2, "km2")},
    )


def offer_differs(*, is_same_area: bool, priced_km2: Decimal) -> Refusal | None:
    if not is_same_area or priced_km2 > 0:
        return None
    return Refusal(
        "offer_changes_nothing",
        _("This offer is what was asked for, with nothing to pay: approve the request instead."),
    )


def deferral_is_ahead(*, until: date, today: date) -> Refusal | None:
    if until > today:
        return None
    return Refusal("date_in_the_past", _("A file is deferred to a later day."))


def deferral_is_near(*, until: date, latest: date) -> Refusal | None:
    if until <= latest:
        return None
    message = _("A file is deferred until %(latest)s at most, not until %(until)s.")
    days = {"latest": day_in_words(latest), "until": day_in_words(until)}
    return Refusal("deferral_too_far", message % days)


def refusal_reason_is_known(reason: str, known: Collection[str]) -> Refusal | None:
    if reason in known:
        return None
    return Refusal("reason_unknown", _("Choose the reason of the refusal."))


def inadmissible_was_proposed(*, state: str, reason: str, proposed: bool) -> Refusal | None:
    if state != "in_review" or (reason == "inadmissible" and proposed):
        return None
    return Refusal(
        "inadmissible_not_proposed",
        _("A file in review is refused only as inadmissible, on its reviewer's proposal."),
    )


def nothing_is_proposed(*, proposed_at: datetime | None) -> Refusal | None:
    if proposed_at is None:
        return None
    message = _("It was proposed already to rescind this decision, on %(at)s: confirm that.")
    return Refusal("rescission_proposed", message % {"at": instant_in_words(proposed_at)})


def rescission_is_proposed(*, is_proposed: bool) -> Refusal | None:
    if is_proposed:
        return None
    message = _("Nobody has proposed to rescind this decision: it takes two persons.")
    return Refusal("rescission_not_proposed", message)


def another_person_confirms(*, proposer_id: int | None, confirmer_id: int | None) -> Refusal | None:
    if proposer_id != confirmer_id:
        return None
    message = _("You have proposed it: a second person confirms.")
    return Refusal("same_person", message)


def chair_takes_part(*, is_proposed_by_chair: bool, is_confirmed_by_chair: bool) -> Refusal | None:
    if is_proposed_by_chair or is_confirmed_by_chair:
        return None
    message = _("One of the two persons who rescind a decision chairs the cell.")
    return Refusal("chair_missing", message)

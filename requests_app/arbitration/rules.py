"""What a decision must be. Pure: values in, a refusal or None out."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words, instant_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import say
from requests_app.reasons import RefusalReason
from requests_app.states import State

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


def offer_differs(
    *, is_same_area: bool, is_converted: bool, priced_km2: Decimal, enlarges: bool = False
) -> Refusal | None:
    """``enlarges``: who accepts agrees to an order larger than the area, which nobody has."""
    if not is_same_area or is_converted or priced_km2 > 0 or enlarges:
        return None
    return Refusal(
        "offer_changes_nothing",
        _("This offer is what was asked for, with nothing to pay: approve the request instead."),
    )


def join_is_settled(
    *, waits: bool, named: str, candidates: Collection[str], operator_km2: Decimal
) -> Refusal | None:
    """``waits``: the request asks to join a neighbour, and to nothing else."""
    if named and named not in candidates:
        message = _("%(number)s is no pending request nearby for the same images in this cell.")
        return Refusal("cannot_be_joined", message % {"number": named})
    if not waits or named:
        return None
    message = _(
        "It asks to join a pending request nearby: name the one it is ordered with, or ask its"
        " requester by an offer or a question to agree to order %(operator)s."
    )
    return Refusal("join_not_settled", message % {"operator": say(operator_km2, "km2")})


def joined_joins_nobody(*, joined: Collection[str]) -> Refusal | None:
    """``joined``: numbers of the requests that are ordered with this one. One order has the area
    that the operator's minimum is held against, and the others are within it."""
    if not joined:
        return None
    message = _(
        "%(numbers)s is to be ordered together with this request, which can therefore join no"
        " other."
    )
    return Refusal("is_joined", message % {"numbers": ", ".join(sorted(joined))})


def sensor_is_served(*, name: str, cell: str, is_served: bool) -> Refusal | None:
    if is_served:
        return None
    message = _("%(cell)s does not serve %(sensor)s for this entity: it cannot offer its images.")
    return Refusal("sensor_of_another_cell", message % {"cell": cell, "sensor": name})


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


def items_are_of_the_reason(*, reason: str, items: int) -> Refusal | None:
    if not items or reason == RefusalReason.ALREADY_AVAILABLE:
        return None
    message = _("%(items)s images were chosen: they go with the reason that they are available.")
    return Refusal("items_of_another_reason", message % {"items": items})


def available_items_are_named(*, reason: str, items: int, available: int) -> Refusal | None:
    """Whoever is refused so is told which images are there."""
    if reason != RefusalReason.ALREADY_AVAILABLE or items or not available:
        return None
    message = _("Choose which of the %(available)s images over the area the requester may use.")
    return Refusal("items_missing", message % {"available": available})


def items_are_available(*, unknown: Sequence[str]) -> Refusal | None:
    if not unknown:
        return None
    message = _("%(image)s is not over the area, or not available to the requester.")
    return Refusal("item_unknown", message % {"image": unknown[0]})


def inadmissible_was_proposed(*, state: str, reason: str, proposed: bool) -> Refusal | None:
    if state != State.IN_REVIEW or (reason == RefusalReason.INADMISSIBLE and proposed):
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


def proposer_still_may(*, may_propose: bool, proposed_at: datetime) -> Refusal | None:
    """Two persons decide, each with a post and without an interest, up to the last of the two."""
    if may_propose:
        return None
    message = _(
        "Whoever proposed it on %(at)s may no longer decide about this file: keep the decision;"
        " it may then be proposed anew."
    )
    return Refusal("proposer_may_no_more", message % {"at": instant_in_words(proposed_at)})


def chair_takes_part(*, is_proposed_by_chair: bool, is_confirmed_by_chair: bool) -> Refusal | None:
    if is_proposed_by_chair or is_confirmed_by_chair:
        return None
    message = _("One of the two persons who rescind a decision chairs the cell.")
    return Refusal("chair_missing", message)

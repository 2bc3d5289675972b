"""What a request must be before it can be submitted. Pure: values in, a refusal or None out."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal
from quotas.amounts import say


@dataclass(frozen=True, kw_only=True)
class Enlargement:
    """What the operator takes around the area, and what the requester says to that. ``may_join``:
    somebody nearby has a pending request for the same ``images``."""

    area_km2: Decimal
    operator_area_km2: Decimal
    is_enlarged: bool
    agrees: bool
    asks_to_join: bool = False
    may_join: bool = False
    images: int = 1

    @property
    def figures(self) -> dict[str, str]:
        return {
            "area": say(self.area_km2, "km2"),
            "operator": say(self.operator_area_km2, "km2"),
        }


def enlargement_refusal(order: Enlargement) -> Refusal | None:
    """Below the operator's minimum area or width an order is larger than the area: the requester
    agrees, or asks to share the order of a neighbour, if there is any."""
    if order.agrees or not order.is_enlarged:
        return None
    if order.asks_to_join:
        return None if order.may_join else _nothing_to_join(order)
    return _below_minimum_order(order)


def _nothing_to_join(order: Enlargement) -> Refusal:
    message = _(
        "Nobody nearby has a pending request for the same images that %(area)s might join."
        " Agree to order %(operator)s around it (only %(area)s count on your quota), or draw a"
        " larger area."
    )
    return Refusal("nothing_to_join", message % order.figures)


def _below_minimum_order(order: Enlargement) -> Refusal:
    message = _(
        "The area is %(area)s, less or narrower than what the operator takes as an order."
        " Agree to order %(operator)s around it (only %(area)s count on your quota),"
        " or draw a larger area."
    )
    if order.images > 1:
        message = _(
            "The area is %(area)s, less or narrower than what the operator takes as an order."
            " Agree to order %(operator)s around it (of each image only %(area)s count on your"
            " quota), or draw a larger area."
        )
    message %= order.figures
    if order.may_join:
        message = f"{message} {_('Or ask the cell to join a pending request nearby.')}"
    return Refusal("below_minimum_order", message)


def repair_refusal(*, is_repaired: bool, agreed: bool) -> Refusal | None:
    """What is sent was drawn by the requester, or mended with the requester's agreement."""
    if agreed or not is_repaired:
        return None
    return Refusal(
        "repair_not_agreed",
        _(
            "The outline of the area crosses itself: look at the outline proposed instead and agree"
            " to it, or send a corrected one."
        ),
    )


def room_for_an_area(*, kept: int, maximum: int) -> Refusal | None:
    if kept < maximum:
        return None
    message = _(
        "Your account keeps %(kept)d areas, of %(maximum)d that one may keep: those that no form"
        " needs go after some days."
    )
    return Refusal("too_many_areas", message % {"kept": kept, "maximum": maximum})


def something_remains(*, remaining_km2: Decimal, area_km2: Decimal) -> Refusal | None:
    """Whether the area can be cut down to what is not available yet."""
    figures = {"area": say(area_km2, "km2")}
    if remaining_km2 == 0:
        message = _("All of the area (%(area)s) is available to you already: nothing remains.")
        return Refusal("nothing_remains", message % figures)
    if remaining_km2 == area_km2:
        message = _("Nothing of the area (%(area)s) is available to you yet: all of it remains.")
        return Refusal("nothing_available", message % figures)
    return None


def not_too_many_holding(*, holding: int, maximum: int) -> Refusal | None:
    """An entity may not keep the quota of all by asking for everything at once."""
    if holding < maximum:
        return None
    return Refusal(
        "too_many_requests_holding_quota",
        _(
            "%(holding)s requests of the entity already hold or await quota; at most %(maximum)s"
            " may at once."
        )
        % {"holding": holding, "maximum": maximum},
    )


def free_part_is_as_seen(*, seen_km2: Decimal, free_km2: Decimal) -> Refusal | None:
    """Nobody asks for a price without having seen that there is one."""
    if free_km2 >= seen_km2:
        return None
    message = _(
        "%(seen)s were free when the request was checked, %(free)s are left: others have asked"
        " meanwhile. Look at it again, then submit."
    )
    figures = {"seen": say(seen_km2, "km2"), "free": say(free_km2, "km2")}
    return Refusal("free_part_taken_meanwhile", message % figures)

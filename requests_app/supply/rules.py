"""What a delivery must be. Pure: values in, a refusal or None out."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words, instant_in_words
from orbitrage.shared.errors import Refusal
from quotas.amounts import say
from requests_app.models import OnShortfall, RequestKind


def no_rescission_waits(*, proposed_at: datetime | None) -> Refusal | None:
    if proposed_at is None:
        return None
    message = _(
        "On %(at)s somebody proposed to rescind the decision: a second person confirms that or"
        " keeps the decision before anything is ordered."
    )
    return Refusal("rescission_proposed", message % {"at": instant_in_words(proposed_at)})


def licence_stands(*, number: str, is_in_force: bool, is_unsigned: bool) -> Refusal | None:
    if is_in_force:
        return None
    if is_unsigned:
        message = _("Licence %(number)s awaits its signature: nothing is ordered before.")
        return Refusal("licence_unsigned", message % {"number": number})
    message = _("Licence %(number)s is no longer in force: nothing is ordered under it.")
    return Refusal("licence_over", message % {"number": number})


def something_came(*, products: int, ends_a_partial_delivery: bool) -> Refusal | None:
    """A partial delivery may be declared complete without another product."""
    if products or ends_a_partial_delivery:
        return None
    return Refusal("product_missing", _("Add the metadata of at least one product."))


def product_is_new(*, identifier: str, is_known: bool) -> Refusal | None:
    if not is_known:
        return None
    message = _("%(product)s is registered for this order already.")
    return Refusal("product_registered", message % {"product": identifier})


def product_is_over_the_area(*, identifier: str, covered_km2: Decimal) -> Refusal | None:
    if covered_km2 > 0:
        return None
    message = _("%(product)s covers 0 km² of the area that was ordered: is it of this order?")
    return Refusal("product_elsewhere", message % {"product": identifier})


def refund_is_in_range(*, refund_km2: Decimal, charged_km2: Decimal) -> Refusal | None:
    if 0 < refund_km2 <= charged_km2:
        return None
    message = _("%(refund)s to refund, %(charged)s charged.")
    figures = {"refund": say(refund_km2, "km2"), "charged": say(charged_km2, "km2")}
    return Refusal("refund_out_of_range", message % figures)


def refund_is_of_products(*, refund_km2: Decimal, proposed_km2: Decimal) -> Refusal | None:
    """Nobody can tell afterwards for what more than the products would have been given back."""
    if refund_km2 <= proposed_km2:
        return None
    message = _("%(refund)s to refund; only %(proposed)s lie under these images and no other.")
    figures = {"refund": say(refund_km2, "km2"), "proposed": say(proposed_km2, "km2")}
    return Refusal("refund_beyond_products", message % figures)


def window_has_ended(*, number: str, is_over: bool) -> Refusal | None:
    if is_over:
        return None
    message = _("The window of %(number)s is still open; to end it now, stop the order.")
    return Refusal("not_due", message % {"number": number})


def nothing_is_asked(*, until: date | None, is_asked: bool) -> Refusal | None:
    """An order is not closed over the head of whoever was asked and has days left to answer."""
    if not is_asked or until is None:
        return None
    message = _("The requester is asked what to do, and may answer until %(day)s.")
    return Refusal("choice_awaited", message % {"day": day_in_words(until)})


def requester_was_asked(*, is_yet_to_be: bool) -> Refusal | None:
    if not is_yet_to_be:
        return None
    message = _(
        "The requester wants to be asked what is to be done, and was not yet: the calendar asks the"
        " morning after the window. To end it now, stop the order."
    )
    return Refusal("not_asked_yet", message)


def neighbour_stands(
    *, number: str, state: str, has_order: bool, is_near: bool, again: bool
) -> Refusal | None:
    """``number``: of the request whose order it joins, in that ``state`` (in words); ``is_near``:
    still for the same images, of the same cell and nearby; ``again``: of an order that is made
    again, whose decision nobody takes back any more."""
    if not is_near:
        return Refusal("neighbour_changed", _neighbour_changed(again=again) % {"number": number})
    if has_order:
        return None
    message = (
        _(
            "It is ordered together with %(number)s, which is now in state “%(state)s” and has no"
            " order open: refund these images or uphold the delivery."
        )
        if again
        else _(
            "It is to be ordered together with %(number)s, which is now in state “%(state)s” and"
            " has no order open: wait until that one is approved, or have this decision rescinded."
        )
    )
    return Refusal("neighbour_ended", message % {"number": number, "state": state})


def _neighbour_changed(*, again: bool) -> str:
    if again:
        return _(
            "It is ordered together with %(number)s, which is now for other images, elsewhere or of"
            " another cell: refund these images or uphold the delivery."
        )
    return _(
        "It is to be ordered together with %(number)s, which is now for other images, elsewhere or"
        " of another cell: have this decision rescinded."
    )


def order_has_window(*, request_kind: str) -> Refusal | None:
    if request_kind == RequestKind.TASKING:
        return None
    message = _("This is not a new acquisition: its order has no window.")
    return Refusal("no_window", message)


def extension_is_wanted(*, on_shortfall: str, choice: str) -> Refusal | None:
    """``choice`` is what the requester chose, in words."""
    if on_shortfall == OnShortfall.EXTEND:
        return None
    message = _("A window is extended for a requester who chose it; this one chose: “%(choice)s”.")
    return Refusal("extension_not_wanted", message % {"choice": choice})


def extended_once(*, is_extended: bool, ends_on: date | None) -> Refusal | None:
    if not is_extended or ends_on is None:
        return None
    message = _("The window was extended once already, until %(day)s.")
    return Refusal("extended_already", message % {"day": day_in_words(ends_on)})


def extension_is_later(*, ends_on: date, present: date | None, today: date) -> Refusal | None:
    after = max(today, present or today)
    if ends_on > after:
        return None
    message = _("The window is extended to a day after %(after)s, not to %(day)s.")
    days = {"after": day_in_words(after), "day": day_in_words(ends_on)}
    return Refusal("window_not_later", message % days)


def extension_is_near(*, ends_on: date, latest: date) -> Refusal | None:
    if ends_on <= latest:
        return None
    message = _("The window is extended until %(latest)s at most, not until %(day)s.")
    days = {"latest": day_in_words(latest), "day": day_in_words(ends_on)}
    return Refusal("window_too_far", message % days)


def window_is_within_contract(
    *, ends_on: date, present: date | None, reference: str, contract_ends_on: date | None
) -> Refusal | None:
    """What comes after the contract's last day is not of its price; what is ordered stays so."""
    if contract_ends_on is None or ends_on <= contract_ends_on:
        return None
    if present is not None and ends_on <= present:
        return None
    message = _("The supply contract %(reference)s ends on %(end)s: no window goes on to %(day)s.")
    days = {"end": day_in_words(contract_ends_on), "day": day_in_words(ends_on)}
    return Refusal("window_beyond_contract", message % {"reference": reference, **days})


def amended_window_is_ahead(
    *, ends_on: date, starts_on: date | None, today: date
) -> Refusal | None:
    after = max(today, starts_on or today)
    if ends_on > after:
        return None
    message = _("The window ends after %(after)s, not on %(day)s.")
    days = {"after": day_in_words(after), "day": day_in_words(ends_on)}
    return Refusal("window_not_ahead", message % days)


def something_is_asked(*, is_asked: bool) -> Refusal | None:
    if is_asked:
        return None
    message = _("Nothing is asked at present: what you chose applies when the window ends.")
    return Refusal("nothing_asked", message)


def choice_is_clear(*, choice: str) -> Refusal | None:
    if choice in ("release", "extend"):
        return None
    return Refusal("choice_unknown", _("Choose to give the rest back, or to have more time."))


def is_told_once(*, is_told: bool) -> Refusal | None:
    if not is_told:
        return None
    return Refusal(
        "told_already", _("What is to be done at the end of the window is said already.")
    )


def no_amendment() -> Refusal:
    return Refusal("no_amendment", _("No amendment of this order waits for an answer."))


def no_amendment_waits(*, proposed_at: datetime | None) -> Refusal | None:
    if proposed_at is None:
        return None
    message = _("The amendment proposed on %(at)s waits for the requester's answer.")
    return Refusal("amendment_waits", message % {"at": instant_in_words(proposed_at)})

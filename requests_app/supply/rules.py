"""What a delivery must be. Pure: values in, a refusal or None out."""

from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal


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

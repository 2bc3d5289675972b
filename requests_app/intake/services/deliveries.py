"""The requester's answers to a delivery."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.models import User
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.models import ImageryRequest
from requests_app.products import chosen_products, product_refusals
from requests_app.transitions import (
    TransitionRefused,
    begin,
    record,
    refuse_if,
    require_text,
    save,
)


@retried_once
@transaction.atomic
def accept_delivery(*, request_id: int, user: User | None) -> ImageryRequest:
    """Close a delivered request. ``user`` None: the days to dispute it have passed."""
    move = begin(request_id, "accept_delivery", user)
    request = move.request
    if user is None and not request.is_overdue:
        raise TransitionRefused(Refusal("not_due", _("%s may still be disputed.") % request.number))
    request.accept_delivery()
    record(move)
    save(request)
    return request


@retried_once
@transaction.atomic
def dispute(
    *, request_id: int, user: User, reason: str, products: Sequence[str] | None = None
) -> ImageryRequest:
    """Contest what was delivered, within the days set for it: ``products`` (identifiers), or all.

    Raises:
        TransitionRefused: too late, no reason is given, or a product did not come.
    """
    require_text(reason, "reason_missing", _("Say what is wrong with the images."))
    move = begin(request_id, "dispute", user)
    request = move.request
    if request.due_on and request.is_overdue:
        message = _("A dispute was possible until %s.") % day_in_words(request.due_on)
        raise TransitionRefused(Refusal("dispute_too_late", message))
    chosen = chosen_products(request, products)
    refuse_if(product_refusals(request, chosen))
    request.dispute()
    record(move, note=reason, changes={"identifiers": chosen})
    save(request)
    return request

"""The delivered products that a dispute or a refund is about, by their identifiers."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from catalogue.models import Item
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in
from requests_app.models import Delivery, ImageryRequest, TransitionRecord


def items_of(request: ImageryRequest) -> list[Item]:
    """What came for the request, each once, by its identifier."""
    deliveries = Delivery.objects.filter(acquisition__shares__request=request)
    return list(Item.objects.filter(pk__in=deliveries.values("item_id")).order_by("identifier"))


def product_choices(items: Sequence[Item]) -> list[tuple[str, str]]:
    return [
        (item.identifier, f"{item.identifier}, {day_in_words(item.acquired_at.date())}")
        for item in items
    ]


def chosen_products(request: ImageryRequest, products: Sequence[str] | None) -> list[str]:
    """``products`` each once; None: all that came."""
    if products is not None:
        return sorted(set(products))
    return [item.identifier for item in items_of(request)]


def product_refusals(request: ImageryRequest, chosen: Sequence[str]) -> list[Refusal]:
    known = [item.identifier for item in items_of(request)]
    answers = (products_are_named(chosen, known), products_are_known(chosen, known))
    return refusals_in(*answers)


def products_disputed(request: ImageryRequest) -> list[str]:
    """Of the last dispute; all that came, where it named none."""
    records = TransitionRecord.objects.filter(request=request, transition="dispute")
    last = records.order_by("-pk").first()
    named = last.changes.get("identifiers") if last is not None else None
    return chosen_products(request, named or None)


def products_are_named(chosen: Sequence[str], known: Collection[str]) -> Refusal | None:
    if chosen or not known:
        return None
    message = _("Choose at least one of the %(count)s images delivered.")
    return Refusal("product_missing", message % {"count": len(known)})


def products_are_known(chosen: Sequence[str], known: Collection[str]) -> Refusal | None:
    others = [each for each in chosen if each not in known]
    if not others:
        return None
    message = _("%(product)s was not delivered for this request.")
    return Refusal("product_unknown", message % {"product": others[0]})

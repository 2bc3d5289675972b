"""What the tests of services compare with: the whole of the accounts, and the whole of the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction

from catalogue.models import Item
from licences.models import Licence
from orbitrage.shared.errors import DomainError
from orbitrage.shared.models import OutboxMessage
from quotas.models import Demand, Envelope, LedgerEntry, Quotation
from quotas.selectors import outstanding
from requests_app.models import (
    Acquisition,
    AcquisitionShare,
    AnswersHandedIn,
    Attachment,
    AttachmentName,
    Delivery,
    ImageryRequest,
    Message,
    MessageText,
    Offer,
    RequestRevision,
    RevisionContent,
    TransitionNote,
    TransitionRecord,
)

WRITTEN = (
    ImageryRequest, TransitionRecord, TransitionNote, Offer, Acquisition, AcquisitionShare,
    Delivery, Envelope, LedgerEntry, Demand, Quotation, Licence, Item, OutboxMessage,
    Message, MessageText, Attachment, AttachmentName,
    AnswersHandedIn, RequestRevision, RevisionContent,
)  # fmt: skip


# Areas in km² of squares of degrees whose south-west corner is 1.3° E, 43.5° N, and of strips of
# the 0.08° square, computed apart with pyproj's Geod on the WGS 84 ellipsoid.
ASKED_KM2 = Decimal("57.470255")  # 0.08°
SMALLER_KM2 = Decimal("22.454826")  # 0.05°
LARGE_KM2 = Decimal("129.265754")  # 0.12°
SIXTY_PERCENT_KM2 = Decimal("34.482155")  # 0.048° × 0.08°
SHORTFALL_KM2 = Decimal("22.988100")  # ASKED_KM2 − SIXTY_PERCENT_KM2
FREE_KM2 = Decimal(100)  # the cap of a request
PAID_KM2 = Decimal("29.265754")  # LARGE_KM2 − FREE_KM2
PRICE_EUR = Decimal("100.00")  # 1 €/km² on the 100 km² that are billed at least
PROGRAMME_EUR = Decimal("306.00")  # what the programme adds: 3.06 €/km² on the same 100 km²
NOTHING = Decimal(0)


def balances(number: str) -> dict[str, tuple[Decimal, Decimal]]:
    """What a request holds and has consumed, by scope and unit of the envelope."""
    found = outstanding(number)
    envelopes = Envelope.objects.in_bulk(list(found))
    return {
        f"{envelopes[pk].scope} {envelopes[pk].unit}": (used.held, used.consumed)
        for pk, used in found.items()
    }


def held(**km2: Decimal) -> dict[str, tuple[Decimal, Decimal]]:
    return {f"{scope} km2": (amount, NOTHING) for scope, amount in km2.items()}


def consumed(**km2: Decimal) -> dict[str, tuple[Decimal, Decimal]]:
    return {f"{scope} km2": (NOTHING, amount) for scope, amount in km2.items()}


WHOLE = consumed(entity=ASKED_KM2, programme=ASKED_KM2)
SIXTY_PERCENT = consumed(entity=SIXTY_PERCENT_KM2, programme=SIXTY_PERCENT_KM2)
SHORTFALL_REFUNDED = [
    ("refund", "entity km2", -SHORTFALL_KM2),
    ("refund", "programme km2", -SHORTFALL_KM2),
]
PRICED_BALANCES = {
    "entity km2": (FREE_KM2, NOTHING),
    "programme km2": (FREE_KM2, NOTHING),
    "budget km2": (PAID_KM2, NOTHING),
    "budget eur": (PRICE_EUR, NOTHING),
    "programme eur": (PROGRAMME_EUR, NOTHING),
}


def demand(number: str) -> dict[str, Decimal]:
    """By scope of the envelope, and by its unit where that is not km²."""
    rows = Demand.objects.filter(request_number=number).select_related("envelope")
    return {
        f"{row.envelope.scope} {row.envelope.unit}".removesuffix(" km2"): row.amount for row in rows
    }


def postings(number: str, reason: str) -> list[tuple[str, str, Decimal]]:
    """Kind, scope and unit, and amount of the entries that a transition posted for a request."""
    rows = LedgerEntry.objects.filter(request_number=number, reason=reason)
    return [
        (
            row.kind,
            f"{row.envelope.scope} {row.envelope.unit}",
            row.d_consumed or row.d_held or row.d_granted,
        )
        for row in rows.select_related("envelope").order_by(
            "envelope__scope", "envelope__unit", "sequence"
        )
    ]


def transitions(request: ImageryRequest) -> list[str]:
    return list(request.records.order_by("pk").values_list("transition", flat=True))


def again(request: ImageryRequest) -> ImageryRequest:
    """As it stands in the database; ``refresh_from_db`` would set the protected state."""
    return ImageryRequest.objects.get(pk=request.pk)


def last_record(request: ImageryRequest) -> TransitionRecord:
    return request.records.latest("pk")


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that a service may write."""
    return {model.__name__: rows_of(model) for model in WRITTEN}


def rows_of(model: type[models.Model]) -> list[dict[str, Any]]:
    return list(model._default_manager.order_by("pk").values())


@contextmanager
def refused(*codes: str) -> Iterator[pytest.ExceptionInfo[DomainError]]:
    """The block is refused for exactly these reasons, and nothing is written."""
    before = everything()
    with pytest.raises(DomainError) as caught:
        yield caught
    assert caught.value.codes == codes
    assert everything() == before


@contextmanager
def forbidden() -> Iterator[None]:
    """The block is refused to this person, and nothing is written."""
    before = everything()
    with pytest.raises(PermissionDenied):
        yield
    assert everything() == before


@contextmanager
def stopped_by(constraint: str) -> Iterator[None]:
    """The database refuses the block, naming the fact."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint

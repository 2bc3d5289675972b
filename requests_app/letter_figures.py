"""The figures and the date that a letter about a record gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from eligibility.models import User
from eligibility.selectors import contacts_of
from orbitrage.shared.letters import address_of
from quotas.pricing import FundingPlan
from quotas.selectors import Charged, charged_by
from requests_app.models import ImageryRequest, Offer, TransitionRecord
from requests_app.revisions import Change, Difference, differences
from requests_app.selectors import plan_of
from requests_app.story import images_of


@dataclass(frozen=True)
class LetterFigures:
    """Areas in km², `images_km2` that of all `image_count` images granted together. `charged` is
    what stands held or consumed after the record, `moved` what the record changed of it. `due_on`
    is the day by which somebody must act, while it is so; `choices` is what an offer proposes
    instead of what was asked for, beside the area; `contacts` are those who alone can accept its
    price, `images` what the record names: identifier, and address where it leads there."""

    granted_km2: Decimal
    image_count: int
    images_km2: Decimal
    free_km2: Decimal
    prefunded_km2: Decimal
    priced_km2: Decimal
    total_eur: Decimal
    delivered_km2: Decimal | None
    charged: Charged
    moved: Charged
    due_on: date | None
    choices: Mapping[str, Change]
    contacts: tuple[User, ...]
    images: tuple[tuple[str, str], ...]

    @property
    def converted(self) -> tuple[Difference, ...]:
        """In the language in force: that of the letter, which asks for it."""
        return differences(self.choices)

    @property
    def contact_names(self) -> list[str]:
        return [person.full_name for person in self.contacts]

    @property
    def given_back(self) -> Charged:
        return Charged(max(-self.moved.km2, Decimal(0)), max(-self.moved.eur, Decimal(0)))


def figures_of(record: TransitionRecord) -> LetterFigures:
    request, changes = record.request, record.changes
    plan = _plan_of(record)
    figures = {
        "free_km2": plan.free_km2 if plan else Decimal(0),
        "priced_km2": plan.priced_km2 if plan else Decimal(0),
        "total_eur": plan.total_eur if plan else Decimal(0),
    }
    figures |= {name: Decimal(changes[name]) for name in figures if name in changes}
    until = _records_until(record)
    earlier = until.exclude(pk=record.pk)
    charged = charged_by(request.number, until.values_list("decision", flat=True))
    before = charged_by(request.number, earlier.values_list("decision", flat=True))
    return LetterFigures(
        granted_km2=_granted_km2(record),
        image_count=plan.image_count if plan else 1,
        images_km2=plan.area_km2 if plan and plan.images_km2 else _granted_km2(record),
        prefunded_km2=plan.prefunded_km2 if plan else Decimal(0),
        delivered_km2=_delivered_km2(until),
        charged=charged,
        moved=charged.less(before),
        due_on=_due_on(record),
        contacts=_contacts(request),
        images=tuple(
            (image.identifier, address_of(reverse("catalogue:detail", args=[image.pk])))
            if image.pk is not None
            else (image.identifier, "")
            for image in images_of(record)
        ),
        choices=changes.get("choices", {}),
        **figures,
    )


def _plan_of(record: TransitionRecord) -> FundingPlan | None:
    """Of an offer its own, though the request may have gone back to what was asked."""
    offers = Offer.objects.filter(decision=record.decision)
    offered = offers.first() if record.transition == "offer" else None
    return FundingPlan.from_json(offered.plan) if offered else plan_of(record.request)


def _contacts(request: ImageryRequest) -> tuple[User, ...]:
    """Who alone can accept the price, while one is offered."""
    if not (request.is_offered and request.priced_eur):
        return ()
    return tuple(contacts_of(request.entity_id, timezone.localdate()))


def _records_until(record: TransitionRecord) -> QuerySet[TransitionRecord]:
    return TransitionRecord.objects.filter(request_id=record.request_id, pk__lte=record.pk)


def _granted_km2(record: TransitionRecord) -> Decimal:
    request: ImageryRequest = record.request
    if record.transition == "offer":
        _asked, offered = record.changes["area_km2"]
        return Decimal(offered)
    return request.area_km2 if request.granted_area_km2 is None else request.granted_area_km2


def _delivered_km2(records: QuerySet[TransitionRecord]) -> Decimal | None:
    """What had come by then; None while nothing had."""
    deliveries = records.filter(transition="register_delivery").order_by("-pk")
    figure = deliveries.values_list("changes__delivered_km2", flat=True).first()
    return None if figure is None else Decimal(figure)


def _due_on(record: TransitionRecord) -> date | None:
    """As the record says or, while the request still is where the record left it, as it says."""
    said = record.changes.get("due_on") or record.changes.get("until")
    if said is not None:
        return date.fromisoformat(said)
    request = record.request
    return request.due_on if request.state == record.target else None

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from eligibility.models import Entity, User
from eligibility.permissions import Actor
from quotas.models import LedgerEntry, Quotation, QuotationFile, QuotationReferences, Tariff
from quotas.models.quotations import QuotationQuerySet
from quotas.records import LANGUAGES

FIRST_DOCUMENT = 1
COMMITMENT = frozenset({"engagement_number", "service_code"})
INVOICE = frozenset({"invoice_number", "paid_on"})


class LastReferences(TypedDict):
    """The references as they hold; `seen_id` is the row of the journal they were read from."""

    engagement_number: str
    service_code: str
    invoice_number: str
    paid_on: dt.date | None
    seen_id: int


@dataclass(frozen=True, kw_only=True)
class QuotationPage:
    """`history` has the last change first, with its author; `files` are those of the version of the
    document that prints the references as they hold, empty while they are being made; `envelope_id`
    is that of the package bought."""

    quotation: Quotation
    history: Sequence[QuotationReferences]
    files: Sequence[QuotationFile]
    envelope_id: int | None = None

    @property
    def document_version(self) -> int:
        return self.history[0].document_version if self.history else FIRST_DOCUMENT

    @property
    def is_prepared(self) -> bool:
        return {file.language for file in self.files} >= set(LANGUAGES)

    @property
    def last(self) -> LastReferences:
        row = self.history[0] if self.history else None
        return {
            "engagement_number": row.engagement_number if row else "",
            "service_code": row.service_code if row else "",
            "invoice_number": row.invoice_number if row else "",
            "paid_on": row.paid_on if row else None,
            "seen_id": row.pk if row else 0,
        }

    @property
    def fields_open(self) -> set[str]:
        """Which references its state leaves open: the commitment until it is closed, the invoice
        once it is accepted."""
        fields = set() if self.quotation.closed_at else set(COMMITMENT)
        return fields | INVOICE if self.quotation.accepted_at else fields


def quotation_list(user: User | AnonymousUser) -> QuotationQuerySet:
    """The latest first, with their entity and package, without what they print."""
    visible = Quotation.objects.visible_to(user).select_related("entity", "package__sensor")
    return visible.defer("record", "lines")


def quotation_for(user: User | AnonymousUser, number: str) -> Quotation | None:
    """That of a request's page, for those who may open it; no query without a number."""
    if not number:
        return None
    visible = Quotation.objects.visible_to(user).defer("record", "lines")
    return visible.filter(number=number).first()


def quotation_page(quotation: Quotation) -> QuotationPage:
    """Two queries; a third for a package that was bought."""
    references = quotation.references.select_related("author").order_by("-pk")
    history = list(references)
    version = history[0].document_version if history else FIRST_DOCUMENT
    files = quotation.files.filter(version=version)
    bought = LedgerEntry.objects.filter(decision=quotation.decision)
    is_bought = quotation.package_id is not None and quotation.accepted_at is not None
    return QuotationPage(
        quotation=quotation,
        history=history,
        files=list(files),
        envelope_id=bought.values_list("envelope_id", flat=True).first() if is_bought else None,
    )


def packages_in_force(on: dt.date) -> QuerySet[Tariff]:
    """What may be bought in one piece that day, with its sensor."""
    packages = Tariff.objects.in_force(on).filter(package_eur__isnull=False)
    return packages.select_related("sensor").order_by("sensor", "package_eur", "pk")


def entities_to_quote(actor: Actor) -> QuerySet[Entity]:
    """For whom this account may ask for a package: every entity for the secretariat."""
    if actor.is_secretariat:
        return Entity.objects.all()
    return Entity.objects.filter(pk__in=actor.contact_of)

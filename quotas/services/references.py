"""What the accountants of an entity record on its quotation."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.errors import Refusal
from orbitrage.shared.transactions import retried_once
from quotas.models import Quotation, QuotationReferences
from quotas.permissions import keeps_accounts_of
from quotas.rules import ReferencesChange, references_refusals
from quotas.services.ledger import QuotaRefused
from quotas.services.quoting import ask_for_document

FIRST_DOCUMENT = 1


@dataclass(frozen=True, kw_only=True)
class References:
    """All of them: what is left out is emptied."""

    engagement_number: str = ""
    service_code: str = ""
    invoice_number: str = ""
    paid_on: dt.date | None = None


NOTHING = References()


@retried_once
@transaction.atomic
def record_references(
    *, user: User, quotation_number: str, references: References, seen_id: int
) -> QuotationReferences | None:
    """Add to the quotation's journal what `references` changes; None when they change nothing. A
    new engagement number or service code asks for a document that prints it.

    `seen_id` is the journal's last row as the user saw it, 0 without one. Locks the quotation.

    Raises:
        PermissionDenied: neither the entity's contact nor of the secretariat.
        Quotation.DoesNotExist: no such quotation.
        QuotaRefused: `changed_meanwhile`, `quotation_closed`, `quotation_not_accepted`,
            `invoice_number_missing`, `payment_out_of_time`.
    """
    rows = Quotation.objects.select_for_update(no_key=True, of=("self",))
    quotation = rows.get(number=quotation_number)
    if not keeps_accounts_of(actor_of(user), quotation.entity_id):
        raise PermissionDenied
    last = quotation.references.order_by("pk").last()
    if seen_id != (last.pk if last else 0):
        message = gettext("Somebody has recorded references meanwhile. Look at them, then go on.")
        raise QuotaRefused(Refusal("changed_meanwhile", message))
    before = _of(last)
    if references == before:
        return None
    change = _change(quotation, before, references)
    if refused := references_refusals(change):
        raise QuotaRefused(*refused)
    version = last.document_version if last else FIRST_DOCUMENT
    if change.changes_commitment:
        version += 1
        ask_for_document(quotation, version=version)
    return QuotationReferences.objects.create(
        quotation=quotation, author=user, document_version=version, **asdict(references)
    )


def _of(row: QuotationReferences | None) -> References:
    if row is None:
        return NOTHING
    return References(
        engagement_number=row.engagement_number,
        service_code=row.service_code,
        invoice_number=row.invoice_number,
        paid_on=row.paid_on,
    )


def _change(quotation: Quotation, before: References, after: References) -> ReferencesChange:
    accepted_at = quotation.accepted_at
    return ReferencesChange(
        number=quotation.number,
        is_closed=quotation.closed_at is not None,
        accepted_on=None if accepted_at is None else timezone.localdate(accepted_at),
        changes_commitment=(before.engagement_number, before.service_code)
        != (after.engagement_number, after.service_code),
        changes_invoice=(before.invoice_number, before.paid_on)
        != (after.invoice_number, after.paid_on),
        invoice_number=after.invoice_number,
        paid_on=after.paid_on,
        on=timezone.localdate(),
    )

"""Asking for packages and buying them, for the tests of both."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate

from orbitrage.shared.models import OutboxMessage
from quotas import services
from quotas.models import Envelope, LedgerEntry, Quotation, QuotationCounter
from quotas.services import QuotaRefused
from tests.eligibility.factories import (
    AffiliationFactory,
    MembershipFactory,
)
from tests.quotas.factories import cause


def entity_of(contact):
    return contact.affiliations.get().entity


def quote(contact, *, user=None, code="spot67-package-20k"):
    return services.quote_package(
        user=user or contact, entity_id=entity_of(contact).pk, package_code=code
    )


def accept(quotation, contact, reference="PO-2026-7"):
    return services.accept_package(
        user=contact, quotation_number=quotation.number, purchase_reference=reference
    )


def out_of_time(quotation):
    """As if it had been issued 31 days ago: what is printed is frozen, so it is written so."""
    with transaction.atomic():
        quotation.refresh_from_db()
        fields = {
            field.attname: getattr(quotation, field.attname)
            for field in Quotation._meta.concrete_fields
        }
        Quotation.objects.filter(pk=quotation.pk).update(closed_at=timezone.now())
    fields |= {"id": None, "number": "Q-2000-0001", "year": 2000, "sequence": 1}
    fields |= {"decision": cause().decision, "valid_until": localdate() - dt.timedelta(days=1)}
    return Quotation.objects.create(**fields)


class NothingBought:
    """Within, a refusal is expected; after, nothing was written."""

    def __enter__(self):
        self.before = self._state()
        self.expected = pytest.raises((QuotaRefused, PermissionDenied))
        self.info = self.expected.__enter__()
        return self

    def __exit__(self, *error):
        swallowed = self.expected.__exit__(*error)
        assert self._state() == self.before
        return swallowed

    @property
    def refusals(self):
        return list(self.info.value.refusals)

    def _state(self):
        return (
            list(Quotation.objects.order_by("pk").values()),
            list(QuotationCounter.objects.values()),
            Envelope.objects.count(),
            LedgerEntry.objects.count(),
            OutboxMessage.objects.count(),
        )


def buyer_again(package):
    contact = AffiliationFactory(role="entity_contact")
    MembershipFactory(entity=contact.entity, sensors=[package.sensor])
    return package, contact.user

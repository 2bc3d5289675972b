"""Buying a package: a quotation without a request, then a money envelope of the entity's own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import cast
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from eligibility.models import Entity, User
from eligibility.selectors import actor_of, membership_refusals, parameter
from eligibility.services import share_membership
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from quotas.models import Envelope, Quotation, Tariff
from quotas.permissions import commits_money_of, keeps_accounts_of
from quotas.records import Package, Quoted, line_of_package
from quotas.rules import (
    QuotationDates,
    package_still_open,
    purchase_reference_given,
    quotation_in_time,
)
from quotas.services.envelopes import open_envelope
from quotas.services.grants import grant
from quotas.services.ledger import Cause, QuotaRefused
from quotas.services.quoting import parties, write_quotation

VALIDITY, LIFE = "offer-validity-days", "package-life-days"


@retried_once
@transaction.atomic
def quote_package(*, user: User, entity_id: int, package_code: str) -> Quotation:
    """Put the price of the package in force to the entity; nothing is granted before it accepts.

    Locks the entity (two who ask at once get one quotation), its memberships, its open quotation of
    that package, then the counter.

    Raises:
        PermissionDenied: neither the entity's contact nor of the secretariat.
        QuotaRefused: `package_unknown`, `package_already_quoted`, or as the membership refuses.
    """
    if not keeps_accounts_of(actor_of(user), entity_id):
        raise PermissionDenied
    on = timezone.localdate()
    package = _package_in_force(package_code, on)
    Entity.objects.select_for_update(no_key=True, of=("self",)).get(pk=entity_id)
    share_membership(entity_id=entity_id)
    if refused := membership_refusals(entity_id, package.sensor_id, on):
        raise QuotaRefused(*refused)
    _close_if_out_of_time(entity_id, package, on)
    terms = _terms(package, on)
    quoted = Quoted(
        request_number="",
        lines=(line_of_package(terms),),
        total_eur=terms.amount_eur,
        valid_until=on + dt.timedelta(days=int(parameter(VALIDITY, on))),
        package_life_days=terms.life_days,
        **parties(entity_id=entity_id, sensor_id=package.sensor_id, on=on),
    )
    return write_quotation(
        quoted=quoted, entity_id=entity_id, decision=uuid4(), on=on, lines=[], package=package
    )


@retried_once
@transaction.atomic
def accept_package(*, user: User, quotation_number: str, purchase_reference: str) -> Envelope:
    """Buy the package: its envelope is opened from today, for as many days as were quoted, and
    granted its euros by the quotation's decision.

    Locks the memberships, then the quotation, then the envelope.

    Raises:
        PermissionDenied: not the entity's contact.
        Quotation.DoesNotExist: no package is quoted under that number.
        QuotaRefused: `package_already_accepted`, `quotation_closed`, `quotation_expired`,
            `purchase_reference_missing`, or as the membership refuses.
    """
    on = timezone.localdate()
    packages = Quotation.objects.filter(package__isnull=False)
    entity_id = packages.values_list("entity_id", flat=True).get(number=quotation_number)
    if not commits_money_of(actor_of(user), entity_id):
        raise PermissionDenied
    share_membership(entity_id=entity_id)
    rows = packages.select_for_update(no_key=True, of=("self",))
    quotation = rows.get(number=quotation_number)
    package = cast("Tariff", quotation.package)
    answers = _acceptance_refusals(quotation, purchase_reference, on)
    if refused := answers + membership_refusals(entity_id, package.sensor_id, on):
        raise QuotaRefused(*refused)
    quotation.purchase_reference = purchase_reference.strip()
    quotation.accepted_at = timezone.now()
    quotation.save(update_fields=["purchase_reference", "accepted_at"])
    return _open_and_grant(quotation, package, on, user)


def close_lapsed_packages(on: dt.date) -> int:
    """Close the quotations of packages that nobody accepted in time. Every night; a second run
    finds none."""
    lapsed = Quotation.objects.unaccepted_packages().filter(valid_until__lt=on)
    return lapsed.update(closed_at=timezone.now())


def _package_in_force(code: str, on: dt.date) -> Tariff:
    packages = Tariff.objects.in_force(on).filter(package_eur__isnull=False)
    package = packages.filter(code=code).first()
    if package is None:
        message = gettext("No package called “%(code)s” is in force today.") % {"code": code}
        raise QuotaRefused(Refusal("package_unknown", message))
    return package


def _close_if_out_of_time(entity_id: int, package: Tariff, on: dt.date) -> None:
    waiting = Quotation.objects.unaccepted_packages().filter(entity=entity_id, package=package)
    quotation = waiting.select_for_update(no_key=True).first()
    if quotation is None:
        return
    if on <= quotation.valid_until:
        message = gettext("Quotation %(number)s of this package is open: it can be accepted.")
        refused = Refusal("package_already_quoted", message % {"number": quotation.number})
        raise QuotaRefused(refused)
    quotation.closed_at = timezone.now()
    quotation.save(update_fields=["closed_at"])


def _terms(package: Tariff, on: dt.date) -> Package:
    assert package.package_eur is not None  # the packages in force
    assert package.package_area_km2 is not None  # tariff_package_is_whole
    return Package(
        code=package.code,
        name_fr=package.name_fr,
        name_en=package.name_en,
        amount_eur=package.package_eur,
        area_km2=package.package_area_km2,
        rate_eur_per_km2=package.rate_eur_per_km2,
        life_days=int(parameter(LIFE, on)),
        source=package.source,
        is_example=package.is_example,
    )


def _acceptance_refusals(quotation: Quotation, reference: str, on: dt.date) -> list[Refusal]:
    dates = QuotationDates(number=quotation.number, valid_until=quotation.valid_until, on=on)
    still_open = package_still_open(
        number=quotation.number,
        purchase_reference=quotation.purchase_reference,
        is_accepted=quotation.accepted_at is not None,
        is_closed=quotation.closed_at is not None,
    )
    if still_open is not None:
        return [still_open]
    answers = (quotation_in_time(dates), purchase_reference_given(reference))
    return refusals_in(*answers)


def _open_and_grant(quotation: Quotation, package: Tariff, on: dt.date, user: User) -> Envelope:
    assert quotation.record is not None  # of every package
    envelope = open_envelope(
        scope=Envelope.Scope.PREFUNDED,
        sensor_id=package.sensor_id,
        entity_id=quotation.entity_id,
        request_kind=package.request_kind,
        unit="eur",
        starts_on=on,
        ends_on=on + dt.timedelta(days=quotation.record["package_life_days"] - 1),
        allotment=Envelope.Allotment.FIRST_COME,
        package_id=package.pk,
    )
    cause = Cause(decision=quotation.decision, author_id=user.pk, reason="package", on=on)
    grant(envelope_id=envelope.pk, amount=Decimal(quotation.total_eur), cause=cause)
    envelope.refresh_from_db()
    return envelope

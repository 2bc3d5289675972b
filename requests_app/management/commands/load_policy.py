"""Load fixtures/policy/, say what changed, overwrite nothing in force."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from eligibility.models import Cell, Sensor
from eligibility.policy_loading import (
    KINDS,
    FileRow,
    LoadReport,
    PolicyKind,
    load_rows,
    read_policy,
)
from orbitrage.shared.errors import DomainError, Refusal
from quotas.models import (
    PolicyRevisionLine,
    QuotaPolicy,
    QuotationIssuer,
    SupplyCeiling,
    SupplyContract,
    Tariff,
    VisibilityCircle,
)
from quotas.rules import figure_can_be_granted
from quotas.services import ensure_programme_envelope
from requests_app.models import CloudAdvice, OrderPreset

ENVELOPES = "programme_envelope"


def _was_published(row: Model) -> bool:
    """Two persons have published it, with a revision: another one changes it."""
    return PolicyRevisionLine.objects.filter(row=row.pk).exists()


def _cannot_be_granted(values: Mapping[str, Any]) -> Refusal | None:
    amount, unit = values["amount"], values.get("unit", "")
    refused = figure_can_be_granted(amount, unit)
    return refused and Refusal(refused.code, f"{amount} {unit}: {refused.message}")


QUOTA_KINDS = (
    PolicyKind("supply_contract", SupplyContract, ("reference",)),
    PolicyKind("supply_ceiling", SupplyCeiling, ("contract", "unit"), {"contract": "reference"}),
    PolicyKind(
        "quota_policy",
        QuotaPolicy,
        (
            "sensor",
            "category",
            "cell",
            "request_kind",
            "acquisition_mode",
            "measure",
            "unit",
            "valid_from",
        ),
        is_kept=_was_published,
        refuses=_cannot_be_granted,
    ),
    PolicyKind("tariff", Tariff, ("code", "valid_from")),
    PolicyKind("visibility_circle", VisibilityCircle, ("code", "valid_from")),
    PolicyKind("quotation_issuer", QuotationIssuer, ("code", "valid_from")),
)
REQUEST_KINDS = (
    PolicyKind("order_preset", OrderPreset, ("code", "valid_from")),
    PolicyKind("cloud_advice", CloudAdvice, ("code", "valid_from")),
)


class Command(BaseCommand):
    help = (
        "Loads fixtures/policy/: adds new rows, reports what differs, overwrites nothing in force."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="default: fixtures/policy")

    def handle(self, *_args: Any, **options: Any) -> None:
        folder = options["folder"] or settings.BASE_DIR / "fixtures" / "policy"
        try:
            rows = read_policy(folder)
            with transaction.atomic():
                report = load_rows(
                    [row for row in rows if row.table != ENVELOPES],
                    (*KINDS, *QUOTA_KINDS, *REQUEST_KINDS),
                )
                # Whoever opens envelopes of several sensors locks them first, in id order.
                list(Sensor.objects.select_for_update(no_key=True).order_by("pk"))
                envelopes = [_ensure(row) for row in rows if row.table == ENVELOPES]
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        self._print(report, envelopes, options["verbosity"])

    def _print(self, report: LoadReport, envelopes: list[str], verbosity: int) -> None:
        if verbosity > 1:
            for label in report.added:
                self.stdout.write(f"added      {label}")
        for label in report.corrected:
            self.stdout.write(f"corrected  {label} (not in force yet)")
        for each in report.differences:
            self.stdout.write(
                f"differs    {each.row}: {each.field} is {each.in_database} here,"
                f" {each.in_file} in the file; left alone, a change is a row with a later date"
            )
        self.stdout.write(
            f"Policy: {len(report.added)} rows added, {report.unchanged} unchanged,"
            f" {len(report.corrected)} corrected, {len(report.differences)} differences left alone;"
            f" {len(envelopes)} programme envelopes of this period."
        )


def _ensure(row: FileRow) -> str:
    contract = row.values.get("contract")
    envelope = ensure_programme_envelope(
        cell_id=Cell.objects.get(code=row.values["cell"]).pk,
        sensor_id=Sensor.objects.get(code=row.values["sensor"]).pk,
        request_kind=row.values.get("request_kind", "any"),
        on=timezone.localdate(),
        unit=row.values.get("unit", "km2"),
        contract_id=SupplyContract.objects.get(reference=contract).pk if contract else None,
    )
    if envelope is None:
        raise CommandError(f"{row.file}: no quota row gives {row.values['cell']} an envelope.")
    return str(envelope)

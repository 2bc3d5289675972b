"""The administration pages look; they change nothing of policy in force nor of the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from orbitrage.shared.admin import ReadOnly
from quotas.models import (
    Demand,
    Envelope,
    LedgerEntry,
    QuotaPolicy,
    Quotation,
    QuotationIssuer,
    SupplyCeiling,
    SupplyContract,
    Tariff,
    VisibilityCircle,
)


@admin.register(Envelope)
class EnvelopeAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("pk", "scope", "cell", "entity", "sensor", "period_starts_on", "unit",
                    "granted", "held", "consumed")  # fmt: skip
    list_filter = ("scope", "unit", "sensor", "cell")
    list_select_related = ("cell", "entity", "sensor")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("envelope_id", "sequence", "at", "kind", "request_number",
                    "d_granted", "d_held", "d_consumed")  # fmt: skip
    list_filter = ("kind",)
    search_fields = ("request_number",)
    show_full_result_count = False


@admin.register(Quotation)
class QuotationAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("number", "request_number", "entity", "total_eur", "valid_until")
    list_select_related = ("entity",)
    search_fields = ("number", "request_number")


@admin.register(QuotaPolicy)
class QuotaPolicyAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("sensor", "measure", "category", "cell", "request_kind", "acquisition_mode",
                    "amount", "unit", "period_kind", "valid_from", "is_example")  # fmt: skip
    list_filter = ("measure", "sensor")
    list_select_related = ("sensor", "category", "cell")


@admin.register(Tariff)
class TariffAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("code", "sensor", "is_scientific", "request_kind", "rate_eur_per_km2",
                    "package_eur", "valid_from", "is_example")  # fmt: skip
    list_select_related = ("sensor",)


@admin.register(VisibilityCircle)
class VisibilityCircleAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("code", "sensor", "longitude_deg", "latitude_deg", "radius_km", "valid_from",
                    "is_example")  # fmt: skip
    list_select_related = ("sensor",)


@admin.register(QuotationIssuer)
class QuotationIssuerAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("code", "name", "siret", "invoiced_by", "valid_from", "is_example")


@admin.register(Demand)
class DemandAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("request_number", "envelope_id", "amount", "recorded_at")


@admin.register(SupplyContract)
class SupplyContractAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("operator", "reference", "starts_on", "ends_on", "is_example")


@admin.register(SupplyCeiling)
class SupplyCeilingAdmin(ReadOnly, admin.ModelAdmin[Any]):
    list_display = ("contract", "unit", "amount")
    list_select_related = ("contract",)

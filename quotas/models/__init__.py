from quotas.models.acts import QuotaAct
from quotas.models.envelopes import Demand, Envelope, PendingReduction
from quotas.models.ledger import LedgerEntry
from quotas.models.policy import OPENED_WITH, QuotaPolicy, QuotationIssuer, Tariff
from quotas.models.quotations import (
    Quotation,
    QuotationCounter,
    QuotationFile,
    QuotationReferences,
)
from quotas.models.revisions import PolicyRevision, PolicyRevisionLine
from quotas.models.supply import SupplyCeiling, SupplyContract, Unit
from quotas.models.visibility import VisibilityCircle

__all__ = [
    "OPENED_WITH",
    "Demand",
    "Envelope",
    "LedgerEntry",
    "PendingReduction",
    "PolicyRevision",
    "PolicyRevisionLine",
    "QuotaAct",
    "QuotaPolicy",
    "Quotation",
    "QuotationCounter",
    "QuotationFile",
    "QuotationIssuer",
    "QuotationReferences",
    "SupplyCeiling",
    "SupplyContract",
    "Tariff",
    "Unit",
    "VisibilityCircle",
]

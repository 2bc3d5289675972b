from quotas.models.envelopes import Demand, Envelope
from quotas.models.ledger import LedgerEntry
from quotas.models.policy import QuotaPolicy, Tariff
from quotas.models.quotations import Quotation, QuotationCounter
from quotas.models.supply import SupplyCeiling, SupplyContract, Unit

__all__ = [
    "Demand",
    "Envelope",
    "LedgerEntry",
    "QuotaPolicy",
    "Quotation",
    "QuotationCounter",
    "SupplyCeiling",
    "SupplyContract",
    "Tariff",
    "Unit",
]

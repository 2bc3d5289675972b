from quotas.selectors.books import Discrepancy, discrepancies
from quotas.selectors.funding import policy_facts, preview_funding
from quotas.selectors.ledger import (
    Balance,
    Outstanding,
    Statement,
    allowance_used_km2,
    allowance_users,
    balance_at,
    charged_eur,
    charged_km2,
    daily_balances,
    entries_between,
    outstanding,
    statement,
    still_to_reduce,
    users_of,
)
from quotas.selectors.pressure import Pressure, cell_pressure, envelope_list, pressure

__all__ = [
    "Balance",
    "Discrepancy",
    "Outstanding",
    "Pressure",
    "Statement",
    "allowance_used_km2",
    "allowance_users",
    "balance_at",
    "cell_pressure",
    "charged_eur",
    "charged_km2",
    "daily_balances",
    "discrepancies",
    "entries_between",
    "envelope_list",
    "outstanding",
    "policy_facts",
    "pressure",
    "preview_funding",
    "statement",
    "still_to_reduce",
    "users_of",
]

from quotas.selectors.acts import ToldAct, act_list, convertible_into, told_acts, transferable_to
from quotas.selectors.books import Discrepancy, discrepancies
from quotas.selectors.envelopes import owns_prefunded
from quotas.selectors.funding import (
    FundingQuestion,
    RevisedPolicy,
    explain_funding,
    preview_funding,
    revised_policy,
)
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
from quotas.selectors.policy import policy_facts
from quotas.selectors.pressure import Pressure, cell_pressure, envelope_list, pressure
from quotas.selectors.visibility import outside_circle, outside_km2

__all__ = [
    "Balance",
    "Discrepancy",
    "FundingQuestion",
    "Outstanding",
    "Pressure",
    "RevisedPolicy",
    "Statement",
    "ToldAct",
    "act_list",
    "allowance_used_km2",
    "allowance_users",
    "balance_at",
    "cell_pressure",
    "charged_eur",
    "charged_km2",
    "convertible_into",
    "daily_balances",
    "discrepancies",
    "entries_between",
    "envelope_list",
    "explain_funding",
    "outside_circle",
    "outside_km2",
    "outstanding",
    "owns_prefunded",
    "policy_facts",
    "pressure",
    "preview_funding",
    "revised_policy",
    "statement",
    "still_to_reduce",
    "told_acts",
    "transferable_to",
    "users_of",
]

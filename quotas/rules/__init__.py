"""What a movement of an envelope must satisfy, and which row of policy applies. Values only."""

from quotas.rules.draws import (
    DRAW_RULES,
    Draw,
    draw_refusals,
    positive,
    within_what_is_left,
)
from quotas.rules.grants import (
    CORRECTION_RULES,
    ContractDates,
    Correction,
    Reduction,
    UnderContract,
    confirmed_by_another,
    contract_in_force,
    correction_by_two_persons,
    correction_has_content,
    correction_not_below_zero,
    correction_not_overdrawn,
    correction_refusals,
    not_below_what_is_used,
    reduction_beyond_grant,
    within_the_ceiling,
)
from quotas.rules.policy import (
    Period,
    PolicyFacts,
    Subject,
    figure_for,
    period_of,
)
from quotas.rules.quotations import (
    QuotationDates,
    purchase_reference_given,
    quotation_in_time,
)

__all__ = [
    "CORRECTION_RULES",
    "DRAW_RULES",
    "ContractDates",
    "Correction",
    "Draw",
    "Period",
    "PolicyFacts",
    "QuotationDates",
    "Reduction",
    "Subject",
    "UnderContract",
    "confirmed_by_another",
    "contract_in_force",
    "correction_by_two_persons",
    "correction_has_content",
    "correction_not_below_zero",
    "correction_not_overdrawn",
    "correction_refusals",
    "draw_refusals",
    "figure_for",
    "not_below_what_is_used",
    "period_of",
    "positive",
    "purchase_reference_given",
    "quotation_in_time",
    "reduction_beyond_grant",
    "within_the_ceiling",
    "within_what_is_left",
]

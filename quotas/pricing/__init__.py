from quotas.pricing.funding import (
    EnvelopeFacts,
    FundingInputs,
    PolicyFigure,
    TariffFacts,
    funding_plan,
    shrink,
)
from quotas.pricing.plan import (
    Bound,
    Charge,
    FreeLimit,
    FundingLine,
    FundingPlan,
    Source,
    line_as_json,
    line_from_json,
)

__all__ = [
    "Bound",
    "Charge",
    "EnvelopeFacts",
    "FreeLimit",
    "FundingInputs",
    "FundingLine",
    "FundingPlan",
    "PolicyFigure",
    "Source",
    "TariffFacts",
    "funding_plan",
    "line_as_json",
    "line_from_json",
    "shrink",
]

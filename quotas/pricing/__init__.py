from quotas.pricing.funding import (
    EnvelopeFacts,
    FundingInputs,
    PolicyFigure,
    TariffFacts,
    funding_plan,
    shrink,
)
from quotas.pricing.plan import (
    Charge,
    FundingLine,
    FundingPlan,
    Source,
    line_as_json,
    line_from_json,
)

__all__ = [
    "Charge",
    "EnvelopeFacts",
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

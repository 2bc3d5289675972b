from quotas.pricing.again import drawn_elsewhere, taken_again
from quotas.pricing.explanation import EnvelopeAfter, Explanation, explanation
from quotas.pricing.funding import funding_plan, shrink
from quotas.pricing.inputs import (
    EnvelopeFacts,
    FundingInputs,
    PackageFacts,
    PolicyFigure,
    TariffFacts,
)
from quotas.pricing.lines import (
    Charge,
    FundingLine,
    Share,
    Source,
    line_as_json,
    line_from_json,
)
from quotas.pricing.plan import Attempts, Bound, FreeLimit, FundingPlan

__all__ = [
    "Attempts",
    "Bound",
    "Charge",
    "EnvelopeAfter",
    "EnvelopeFacts",
    "Explanation",
    "FreeLimit",
    "FundingInputs",
    "FundingLine",
    "FundingPlan",
    "PackageFacts",
    "PolicyFigure",
    "Share",
    "Source",
    "TariffFacts",
    "drawn_elsewhere",
    "explanation",
    "funding_plan",
    "line_as_json",
    "line_from_json",
    "shrink",
    "taken_again",
]

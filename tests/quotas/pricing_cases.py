"""Tariffs, envelopes and inputs that the tests of the funding plan are about."""

from decimal import Decimal

from quotas.pricing import (
    EnvelopeFacts,
    FundingInputs,
    FundingPlan,
    PolicyFigure,
    TariffFacts,
)

D = Decimal
ISIS = TariffFacts(
    code="isis",
    rate_eur_per_km2=D(1),
    is_cofunded=True,
    minimum_billed_area_km2=D(100),
    name_fr="Part de l'utilisateur",
    name_en="User's share",
    source="D9, 2016",
    is_example=True,
)
ARCHIVE = TariffFacts(code="dsp-archive", rate_eur_per_km2=D("4.06"))
TASKING = TariffFacts(code="dsp-tasking", rate_eur_per_km2=D("5.22"))
SPOT_SMALL = TariffFacts(code="spot-small", rate_eur_per_km2=D("0.50"))


def allowance(left) -> EnvelopeFacts:
    return EnvelopeFacts(
        envelope_id=1, scope="entity", unit="km2", allotment="first_come", left=D(left)
    )


def programme(left) -> EnvelopeFacts:
    return EnvelopeFacts(
        envelope_id=2, scope="programme", unit="km2", allotment="arbitrated", left=D(left)
    )


def prefunded(left) -> EnvelopeFacts:
    return EnvelopeFacts(
        envelope_id=3, scope="prefunded", unit="km2", allotment="first_come", left=D(left)
    )


def inputs(area_km2, **fields) -> FundingInputs:
    """A Pléiades request: cap 100 km², allowance 500, programme 10,000, tariff 4.06 €/km²."""
    usual = {
        "request_cap": PolicyFigure(amount=D(100)),
        "allowance": allowance(500),
        "programme": programme(10_000),
        "tariff": ARCHIVE,
    }
    return FundingInputs(area_km2=D(area_km2), **{**usual, **fields})


def split(plan: FundingPlan) -> list[tuple[str, Decimal]]:
    return [(str(line.source), line.area_km2) for line in plan.lines]

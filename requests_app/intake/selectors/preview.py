"""What the service would say of a request, before it is submitted."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from catalogue.selectors import Coverage
from eligibility.models import Cell, User
from eligibility.rules import EligibilityAnswer
from eligibility.selectors import eligibility_answer, parameter
from licences.selectors import Audience, audience_of
from orbitrage.shared.errors import Refusal, refusals_in
from quotas.pricing import Explanation, FundingPlan
from quotas.selectors import explain_funding
from requests_app.images import dates_of, parts_km2, something_is_shown
from requests_app.intake.rules.submission import (
    Enlargement,
    enlargement_refusal,
    not_too_many_holding,
    repair_refusal,
)
from requests_app.joining import joined_officers
from requests_app.models import ImageryRequest, RequestKind
from requests_app.neighbours import Neighbours, neighbours_of
from requests_app.order_checks import choice_refusals
from requests_app.routing import cell_for
from requests_app.selectors import coverage_of, funding_question, standing_refusals
from requests_app.states import State


@dataclass(frozen=True)
class Preview:
    """One answer for the panel, the check button, the reviewer and the frozen record. ``audience``:
    the rights by which the images were looked for.

    ``not_allowed``: why it cannot be asked for in the name of the entity, or not by this person;
    ``not_ready``: what is to be mended in the request itself. ``neighbours``: whose order it might
    join, looked for where its own is to be enlarged without agreement.
    """

    eligibility: EligibilityAnswer
    cell: Cell | None
    audience: Audience
    coverage: Coverage
    explanation: Explanation
    not_allowed: tuple[Refusal, ...]
    not_ready: tuple[Refusal, ...]
    neighbours: Neighbours | None = None

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self.not_allowed + self.not_ready

    @property
    def plan(self) -> FundingPlan:
        return self.explanation.plan

    @property
    def is_accepted(self) -> bool:
        return not self.refusals


def preview(draft: ImageryRequest, *, user: User, on: date) -> Preview:
    """Check ``draft`` as :func:`requests_app.intake.services.submit` would on that day.

    Writes nothing, and reports every refusal at once.
    """
    eligibility = eligibility_answer(
        draft.entity, draft.sensor, draft.request_kind, draft.policy_on or on
    )
    cell = cell_for(
        sensor_id=draft.sensor_id, is_scientific=draft.entity.category.is_scientific, on=on
    )
    audience = audience_of(user)
    covered = coverage_of(draft, audience)
    question = funding_question(
        draft,
        aoi=draft.aoi,
        area_km2=draft.area_km2,
        covered_km2=covered.covered_km2,
        cell_id=cell.pk if cell else None,
        on=on,
    )
    neighbours = neighbours_of(draft, user) if _is_below_minimum(draft) else None
    explained = explain_funding(question, parts_km2(draft.aoi))
    nothing = something_is_shown(asked_km2=explained.plan.area_km2)
    return Preview(
        eligibility=eligibility,
        cell=cell,
        audience=audience,
        coverage=covered,
        explanation=explained,
        not_allowed=(*standing_refusals(draft, on), *eligibility.refusals),
        not_ready=(*_not_ready(draft, cell, neighbours, on), *([nothing] if nothing else [])),
        neighbours=neighbours,
    )


def _is_below_minimum(draft: ImageryRequest) -> bool:
    return draft.order_is_enlarged and not draft.agrees_to_enlargement


def _not_ready(
    draft: ImageryRequest, cell: Cell | None, neighbours: Neighbours | None, on: date
) -> list[Refusal]:
    found = choice_refusals(draft, on)
    found += _area_refusals(draft, neighbours)
    found += holding_refusals(draft, on)
    if cell is None and draft.request_kind != RequestKind.OPEN:
        found.append(_no_cell(draft))
    if cell is not None and draft.pk is not None and draft.state == State.DRAFT:
        found += joined_officers(draft, cell)
    return found


def holding_refusals(draft: ImageryRequest, on: date) -> list[Refusal]:
    """Whether the entity has as many other requests under way as it may have at once."""
    if draft.request_kind == RequestKind.OPEN:
        return []
    holding = ImageryRequest.objects.filter(entity_id=draft.entity_id).holding_quota()
    return refusals_in(
        not_too_many_holding(
            holding=holding.exclude(pk=draft.pk).count(),
            maximum=int(parameter("requests-holding-quota", on)),
        )
    )


def _no_cell(draft: ImageryRequest) -> Refusal:
    return Refusal(
        "no_cell",
        _("No cell takes requests for %(sensor)s.") % {"sensor": draft.sensor.name},
    )


def _area_refusals(draft: ImageryRequest, neighbours: Neighbours | None) -> list[Refusal]:
    enlargement = Enlargement(
        area_km2=draft.area_km2,
        operator_area_km2=draft.operator_area_km2,
        is_enlarged=draft.order_is_enlarged,
        agrees=draft.agrees_to_enlargement,
        asks_to_join=draft.asks_to_join,
        may_join=neighbours is not None,
        images=dates_of(draft),
    )
    repair = repair_refusal(is_repaired=draft.aoi_repaired, agreed=draft.agrees_to_repair)
    return refusals_in(repair, enlargement_refusal(enlargement))

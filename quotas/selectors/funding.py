from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from eligibility.models import Entity, Parameter, Sensor
from orbitrage.shared.errors import Refusal
from quotas.amounts import ZERO, round_area
from quotas.models import QuotaPolicy, Tariff
from quotas.pricing import (
    EnvelopeFacts,
    Explanation,
    FundingInputs,
    FundingPlan,
    explanation,
    funding_plan,
)
from quotas.rules import Subject
from quotas.selectors.envelopes import RequestEnvelopes
from quotas.selectors.ledger import outstanding
from quotas.selectors.policy import ApplyingPolicy


@dataclass(frozen=True, kw_only=True)
class FundingQuestion:
    """Whose area is to be paid for, of which sensor and kind, and when.

    `on` chooses the period's envelopes, `policy_on` (its default) the version of policy: the day
    of submission. What `request_number` already holds counts as left to it. `related_km2` is the
    free area of touching requests of the same project, `images_km2` the areas of the images where
    there are several, or one of a part of the area; `outside_km2` is the part of a tasking outside
    the visibility circle. With `is_shortfall_priced`, what the cell's envelope lacks is priced
    instead of free.
    """

    entity_id: int
    is_scientific: bool
    sensor_id: int
    request_kind: str
    acquisition_mode: str | None
    area_km2: Decimal
    covered_km2: Decimal
    cell_id: int | None
    on: dt.date
    policy_on: dt.date | None = None
    request_number: str = ""
    related_km2: Decimal = ZERO
    images_km2: tuple[Decimal, ...] = ()
    outside_km2: Decimal = ZERO
    uses_prefunded: bool = False
    is_shortfall_priced: bool = False


def preview_funding(question: FundingQuestion) -> FundingPlan:
    """How that area would be paid for. Writes nothing."""
    return funding_plan(_inputs(_under_its_policy(question)))


def explain_funding(question: FundingQuestion, parts_km2: Sequence[Decimal]) -> Explanation:
    """The same plan with every figure it comes from. Writes nothing."""
    return explanation(_inputs(_under_its_policy(question)), parts_km2)


@dataclass(frozen=True, kw_only=True)
class RevisedPolicy:
    """The same area under the policy of the submission and under that of the day. `applies` says
    that the second one is used: it is better for the requester, and a parameter says so."""

    before: FundingPlan
    now: FundingPlan
    applies: bool


def revised_policy(question: FundingQuestion) -> RevisedPolicy | None:
    """None where nothing was revised since, or nothing changes for this area. Writes nothing."""
    today = timezone.localdate()
    if question.policy_on is None or not _is_revised(question.sensor_id, question.policy_on, today):
        return None
    before = funding_plan(_inputs(question))
    now = funding_plan(_inputs(replace(question, policy_on=today)))
    if _cost(now) == _cost(before):
        return None
    applies = _cost(now) < _cost(before) and _better_revision_applies(today)
    return RevisedPolicy(before=before, now=now, applies=applies)


def _under_its_policy(question: FundingQuestion) -> FundingQuestion:
    revised = revised_policy(question)
    if revised is None or not revised.applies:
        return question
    return replace(question, policy_on=timezone.localdate())


def _is_revised(sensor_id: int, since: dt.date, until: dt.date) -> bool:
    begun = {"sensor_id": sensor_id, "valid_from__gt": since, "valid_from__lte": until}
    return QuotaPolicy.objects.filter(**begun).exists() or Tariff.objects.filter(**begun).exists()


def _better_revision_applies(on: dt.date) -> bool:
    """Not unless the office has said so: a request keeps the version of its submission."""
    rows = Parameter.objects.in_force(on).filter(code="better-revision-applies")
    return any(row.amount for row in rows)


def _cost(plan: FundingPlan) -> tuple[Decimal, Decimal]:
    """Less is better for the requester: what is to pay, then what is not free."""
    return plan.total_eur, plan.area_km2 - plan.free_km2


def _inputs(question: FundingQuestion) -> FundingInputs:
    sensor = Sensor.objects.get(pk=question.sensor_id)
    if sensor.is_open_data:
        return FundingInputs(area_km2=round_area(question.area_km2), is_open_data=True)
    policy = _policy(question)
    envelopes = RequestEnvelopes.read(
        entity_id=question.entity_id,
        cell_id=question.cell_id,
        sensor_id=question.sensor_id,
        on=question.on,
        policy=policy,
        own=outstanding(question.request_number) if question.request_number else {},
    )
    allowance = envelopes.allowance_km2 or policy.unopened_allowance()
    programme = envelopes.programme_km2 or policy.unopened_programme("km2")
    return FundingInputs(
        area_km2=round_area(question.area_km2),
        images_km2=tuple(round_area(image) for image in question.images_km2),
        covered_km2=round_area(question.covered_km2),
        outside_km2=round_area(question.outside_km2),
        quota_multiplier=policy.multiplier("quota_multiplier"),
        price_multiplier=policy.multiplier("price_multiplier"),
        request_cap=policy.cap(),
        related_km2=question.related_km2,
        prefunded=envelopes.prefunded_km2 if question.uses_prefunded else (),
        packages=envelopes.packages if question.uses_prefunded else (),
        allowance=allowance,
        programme=programme,
        cofunding=envelopes.programme_eur or policy.unopened_programme("eur"),
        attempts=envelopes.programme_attempts or policy.unopened_programme("attempts"),
        tariff=policy.tariff,
        is_shortfall_priced=question.is_shortfall_priced,
        policy_valid_from=policy.valid_from(),
        notes=tuple(_missing(sensor, allowance, programme)),
    )


def _policy(question: FundingQuestion) -> ApplyingPolicy:
    categories = Entity.objects.values_list("category_id", flat=True)
    return ApplyingPolicy.read(
        sensor_id=question.sensor_id,
        policy_on=question.policy_on or question.on,
        on=question.on,
        is_scientific=question.is_scientific,
        subject=Subject(
            category_id=categories.get(pk=question.entity_id),
            cell_id=question.cell_id,
            request_kind=question.request_kind,
            acquisition_mode=question.acquisition_mode,
        ),
    )


def _missing(
    sensor: Sensor, allowance: EnvelopeFacts | None, programme: EnvelopeFacts | None
) -> Iterable[Refusal]:
    if allowance is None:
        message = gettext("No free allowance is set for %(sensor)s.")
        yield Refusal("no_allowance", message % {"sensor": sensor})
    elif programme is None:
        message = gettext("The cell has no envelope for %(sensor)s in this period.")
        yield Refusal("no_programme_envelope", message % {"sensor": sensor})

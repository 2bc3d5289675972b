import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from eligibility import rules
from eligibility.models import (
    EligibilityRule,
    Entity,
    Mandate,
    Membership,
    Parameter,
    Sensor,
    Terms,
    TermsAcceptance,
)
from eligibility.rules import EligibilityAnswer
from orbitrage.shared.errors import Refusal


def subject_of(sensor: Sensor) -> rules.Subject:
    return rules.Subject(
        id=sensor.pk,
        name=sensor.name,
        is_offered=sensor.is_offered,
        is_open_data=sensor.is_open_data,
    )


def membership_refusals(entity_id: int, sensor_id: int, on: dt.date) -> list[Refusal]:
    """Codes: not_a_member, membership_expired, membership_suspended, sensor_outside_membership,
    terms_not_accepted. Open data asks for no membership."""
    sensor = Sensor.objects.get(pk=sensor_id)
    if sensor.is_open_data:
        return []
    entity = Entity.objects.prefetch_related("memberships__sensors").get(pk=entity_id)
    return rules.membership_refusals(
        str(entity),
        [membership_facts(each) for each in entity.memberships.all()],
        [str(terms) for terms in terms_to_accept(entity_id, on)],
        subject_of(sensor),
        on,
    )


def membership_facts(membership: Membership) -> rules.MembershipFacts:
    return rules.MembershipFacts(
        starts_on=membership.starts_on,
        ends_on=membership.ends_on,
        suspended_on=membership.suspended_on,
        suspension_reason=membership.suspension_reason,
        sensor_ids=frozenset(sensor.pk for sensor in membership.sensors.all()),
    )


def mandate_refusals(mandate_id: int, sensor_id: int, on: dt.date) -> list[Refusal]:
    """Codes: mandate_not_started, mandate_expired, sensor_outside_mandate."""
    mandate = Mandate.objects.prefetch_related("sensors").get(pk=mandate_id)
    facts = rules.MandateFacts(
        reference=mandate.contract_reference,
        starts_on=mandate.starts_on,
        ends_on=mandate.ends_on,
        sensor_ids=frozenset(sensor.pk for sensor in mandate.sensors.all()),
    )
    return rules.mandate_refusals(facts, subject_of(Sensor.objects.get(pk=sensor_id)), on)


def eligibility_answer(
    entity: Entity | None, sensor: Sensor, request_kind: str, on: dt.date
) -> EligibilityAnswer:
    """The rule of the entity's category in force that day. Open data needs no entity."""
    row = None
    if entity is not None:
        row = (
            EligibilityRule.objects.filter(
                category_id=entity.category_id,
                sensor=sensor,
                request_kind=request_kind,
                valid_from__lte=on,
            )
            .order_by("-valid_from")
            .first()
        )
    category_name = entity.category.name if entity is not None else _("no entity")
    facts = rule_facts(row) if row is not None else None
    return rules.eligibility(category_name, subject_of(sensor), request_kind, facts)


def rule_facts(row: EligibilityRule) -> rules.RuleFacts:
    return rules.RuleFacts(
        code=row.code, answer=row.answer, condition=row.condition, agreement_by=row.agreement_by
    )


def parameter(code: str, on: dt.date) -> Decimal:
    """The figure in force that day. Raises Parameter.DoesNotExist when the policy names none."""
    return Parameter.objects.in_force(on).get(code=code).amount


def terms_to_accept(entity_id: int, on: dt.date) -> list[Terms]:
    """The texts in force that the entity's legal representative has not accepted."""
    accepted = TermsAcceptance.objects.filter(entity_id=entity_id).values("terms_id")
    in_force = Terms.objects.in_force(on).filter(kind__in=Terms.ACCEPTED_BY_ENTITY)
    return list(in_force.exclude(pk__in=accepted).order_by("kind"))


def site_terms(on: dt.date) -> Terms | None:
    return Terms.objects.in_force(on).filter(kind=Terms.Kind.SITE).first()

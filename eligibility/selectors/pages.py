import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet

from eligibility import rules
from eligibility.models import (
    Affiliation,
    CellMember,
    EligibilityRule,
    Entity,
    Mandate,
    Membership,
    ProgrammeRole,
    Sensor,
    Terms,
    TermsAcceptance,
    User,
    UserCategory,
)
from eligibility.rules import EligibilityAnswer
from eligibility.selectors.actors import actor_of
from eligibility.selectors.rights import membership_facts, rule_facts, subject_of, terms_to_accept
from orbitrage.shared.errors import Refusal


@dataclass(frozen=True)
class SensorStanding:
    """Whether one entity may ask for one sensor, kind by kind, and what stands in the way."""

    sensor: Sensor
    answers: tuple[tuple[str, EligibilityAnswer], ...]
    refusals: tuple[Refusal, ...]

    @property
    def may_ask(self) -> bool:
        return not self.refusals and any(answer.allowed for _kind, answer in self.answers)


@dataclass(frozen=True)
class EntityStanding:
    entity: Entity
    terms: tuple[Terms, ...]
    sensors: tuple[SensorStanding, ...]


def managed_sensors() -> QuerySet[Sensor]:
    return Sensor.objects.offered().filter(policy=Sensor.Policy.MANAGED)


def entity_standings(user: User | AnonymousUser, on: dt.date) -> list[EntityStanding]:
    """For each of one's entities. The number of queries does not grow with them."""
    entities = list(
        Entity.objects.affiliated_with(user)
        .select_related("category")
        .prefetch_related("memberships__sensors", _acceptances())
    )
    sensors = list(managed_sensors())
    in_force = Terms.objects.in_force(on).filter(kind__in=Terms.ACCEPTED_BY_ENTITY)
    terms = list(in_force.order_by("kind"))
    answers = _rules_by_case(EligibilityRule.objects.in_force(on))
    return [_standing(entity, sensors, terms, answers, on) for entity in entities]


def _acceptances() -> "Prefetch[str]":
    return Prefetch("terms_acceptances", TermsAcceptance.objects.only("entity_id", "terms_id"))


RulesByCase = dict[tuple[int, int, str], EligibilityRule]


def _rules_by_case(rows: Iterable[EligibilityRule]) -> RulesByCase:
    return {(row.category_id, row.sensor_id, row.request_kind): row for row in rows}


def _standing(
    entity: Entity,
    sensors: list[Sensor],
    terms: list[Terms],
    answers: RulesByCase,
    on: dt.date,
) -> EntityStanding:
    accepted = {acceptance.terms_id for acceptance in entity.terms_acceptances.all()}
    missing = [each for each in terms if each.pk not in accepted]
    memberships = [membership_facts(each) for each in entity.memberships.all()]
    standings = [
        SensorStanding(
            sensor=sensor,
            answers=_answers(entity, sensor, answers),
            refusals=tuple(
                rules.membership_refusals(
                    str(entity),
                    memberships,
                    [str(each) for each in missing],
                    subject_of(sensor),
                    on,
                )
            ),
        )
        for sensor in sensors
    ]
    return EntityStanding(entity=entity, terms=tuple(missing), sensors=tuple(standings))


def _answers(
    entity: Entity, sensor: Sensor, answers: RulesByCase
) -> tuple[tuple[str, EligibilityAnswer], ...]:
    kinds = (EligibilityRule.RequestKind.ARCHIVE, EligibilityRule.RequestKind.TASKING)
    found = []
    for kind in kinds:
        row = answers.get((entity.category_id, sensor.pk, kind))
        facts = rule_facts(row) if row is not None else None
        answer = rules.eligibility(entity.category.name, subject_of(sensor), kind, facts)
        found.append((str(kind.label), answer))
    return tuple(found)


@dataclass(frozen=True)
class RuleGroup:
    """Rules of one category that say the same; `cases` are (sensor, kinds of request)."""

    rule: EligibilityRule
    cases: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CategoryRules:
    category: UserCategory
    groups: tuple[RuleGroup, ...]


def eligibility_table(on: dt.date) -> list[CategoryRules]:
    """Every category in the order of the policy, with its rules in force for offered sensors."""
    rows = (
        EligibilityRule.objects.in_force(on)
        .filter(sensor__is_offered=True)
        .select_related("sensor", "category")
        .order_by("category_id", "sensor_id", "request_kind")
    )
    by_category = {
        category: tuple(_grouped(found))
        for category, found in groupby(rows, lambda row: row.category)
    }
    return [CategoryRules(category, groups) for category, groups in by_category.items()]


def _grouped(rows: Iterable[EligibilityRule]) -> Iterable[RuleGroup]:
    alike: dict[tuple[object, ...], list[EligibilityRule]] = {}
    for row in rows:
        saying = (row.answer, row.condition, row.agreement_by, row.source, row.valid_from)
        alike.setdefault(saying, []).append(row)
    for found in alike.values():
        kinds: dict[str, list[str]] = {}
        for row in found:
            kinds.setdefault(row.sensor.name, []).append(str(row.get_request_kind_display()))
        cases = tuple((sensor, ", ".join(names)) for sensor, names in kinds.items())
        yield RuleGroup(found[0], cases)


def open_sensors() -> QuerySet[Sensor]:
    return Sensor.objects.offered().filter(policy=Sensor.Policy.OPEN)


def pending_requests_of(user: User | AnonymousUser) -> list[Affiliation]:
    """What one asked to join and nobody has answered."""
    if user.pk is None:
        return []
    return list(Affiliation.objects.pending().filter(user_id=user.pk).select_related("entity"))


@dataclass(frozen=True)
class Profile:
    affiliations: list[Affiliation]
    posts: list[CellMember]
    roles: list[ProgrammeRole]
    acceptances: list[TermsAcceptance]


def profile_of(user: User, on: dt.date) -> Profile:
    affiliations = Affiliation.objects.running(on) | Affiliation.objects.pending()
    acceptances = TermsAcceptance.objects.filter(user=user)
    return Profile(
        affiliations=list(
            affiliations.filter(user=user).select_related("entity").order_by("entity__name", "pk")
        ),
        posts=list(CellMember.objects.running(on).filter(user=user).select_related("cell")),
        roles=list(ProgrammeRole.objects.running(on).filter(user=user)),
        acceptances=list(acceptances.select_related("terms", "entity")),
    )


@dataclass(frozen=True)
class MembershipRow:
    membership: Membership
    state: str

    @property
    def is_suspended(self) -> bool:
        return self.membership.suspended_on is not None


@dataclass(frozen=True)
class EntityPage:
    memberships: list[MembershipRow]
    affiliations: list[Affiliation]
    mandates: list[Mandate]
    acceptances: list[TermsAcceptance]
    terms_to_accept: list[Terms]
    may_manage: bool
    may_sign: bool
    may_administer: bool
    may_set_copies: bool


def entities_for_page(user: User | AnonymousUser) -> QuerySet[Entity]:
    return (
        Entity.objects.visible_to(user)
        .select_related("category", "territory_set_by")
        .defer("territory")
        .prefetch_related("supervising_bodies")
    )


def entity_page(entity: Entity, user: User, on: dt.date) -> EntityPage:
    """What this account may see of the entity, and do there."""
    actor = actor_of(user)
    memberships = Membership.objects.visible_to(user).filter(entity=entity)
    affiliations = Affiliation.objects.visible_to(user).filter(entity=entity)
    mandates = Mandate.objects.visible_to(user).filter(contractor=entity)
    mandates |= Mandate.objects.visible_to(user).filter(principal=entity)
    acceptances = TermsAcceptance.objects.visible_to(user).filter(entity=entity)
    return EntityPage(
        memberships=[
            MembershipRow(each, _membership_state(each, on))
            for each in memberships.prefetch_related("sensors").order_by("-starts_on")
        ],
        affiliations=list(
            affiliations.filter(until__isnull=True).select_related("user").order_by("since", "pk")
        ),
        mandates=list(
            mandates.select_related("contractor", "principal").prefetch_related("sensors")
        ),
        acceptances=list(acceptances.select_related("terms", "user")),
        terms_to_accept=terms_to_accept(entity.pk, on),
        may_manage=actor.manages_people_of(entity.pk),
        may_sign=actor.signs_for(entity.pk),
        may_administer=actor.administers_memberships,
        may_set_copies=entity.pk in actor.contact_of,
    )


def _membership_state(membership: Membership, on: dt.date) -> str:
    facts = membership_facts(membership)
    if not facts.runs(on):
        return "expired" if facts.starts_on <= on else "coming"
    return "suspended" if facts.suspended_on and facts.suspended_on <= on else "active"

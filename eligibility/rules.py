"""Who may ask for which images: comparisons of values. Every rule returns all its refusals."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import Refusal, refusals_in


@dataclass(frozen=True)
class Subject:
    """The sensor a question is about."""

    id: int
    name: str
    is_offered: bool = True
    is_open_data: bool = False


@dataclass(frozen=True)
class MembershipFacts:
    starts_on: dt.date
    ends_on: dt.date | None
    suspended_on: dt.date | None
    suspension_reason: str
    sensor_ids: frozenset[int]

    def runs(self, on: dt.date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True)
class MandateFacts:
    reference: str
    starts_on: dt.date
    ends_on: dt.date
    sensor_ids: frozenset[int]


@dataclass(frozen=True)
class RuleFacts:
    code: str
    answer: str
    condition: str
    agreement_by: str


@dataclass(frozen=True)
class EligibilityAnswer:
    """`answer` is yes, no or after_agreement; `allowed` says whether a request may be submitted."""

    allowed: bool
    rule_code: str
    answer: str
    condition: str
    refusals: tuple[Refusal, ...] = ()
    agreement_by: str = ""


OPEN_DATA_RULE = "open-data"


def membership_refusals(
    entity_name: str,
    memberships: Sequence[MembershipFacts],
    unaccepted_terms: Sequence[str],
    sensor: Subject,
    on: dt.date,
) -> list[Refusal]:
    running = next((each for each in memberships if each.runs(on)), None)
    if running is None:
        return [_no_running_membership(entity_name, memberships, on)]
    found = [
        _suspended(entity_name, running, on),
        _outside_scope(entity_name, running, sensor),
        _terms_missing(entity_name, unaccepted_terms),
    ]
    return refusals_in(*found)


def _no_running_membership(
    entity_name: str, memberships: Sequence[MembershipFacts], on: dt.date
) -> Refusal:
    ended = [each.ends_on for each in memberships if each.ends_on and each.ends_on < on]
    if ended:
        return Refusal(
            "membership_expired",
            _("The membership of %(entity)s ended on %(day)s: its contact may ask for its renewal.")
            % {"entity": entity_name, "day": day_in_words(max(ended))},
        )
    coming = [each.starts_on for each in memberships if each.starts_on > on]
    if coming:
        return Refusal(
            "not_a_member",
            _("The membership of %(entity)s begins on %(day)s: the request can be submitted then.")
            % {"entity": entity_name, "day": day_in_words(min(coming))},
        )
    return Refusal(
        "not_a_member",
        _("%(entity)s is not a member: its legal representative signs the act of membership first.")
        % {"entity": entity_name},
    )


def _suspended(entity_name: str, running: MembershipFacts, on: dt.date) -> Refusal | None:
    if running.suspended_on is None or running.suspended_on > on:
        return None
    return Refusal(
        "membership_suspended",
        _("The membership of %(entity)s has been suspended since %(day)s: %(reason)s")
        % {
            "entity": entity_name,
            "day": day_in_words(running.suspended_on),
            "reason": running.suspension_reason,
        },
    )


def _outside_scope(entity_name: str, running: MembershipFacts, sensor: Subject) -> Refusal | None:
    if sensor.id in running.sensor_ids:
        return None
    return Refusal(
        "sensor_outside_membership",
        _("The membership of %(entity)s does not cover %(sensor)s: its contact may ask for it.")
        % {"entity": entity_name, "sensor": sensor.name},
    )


def _terms_missing(entity_name: str, unaccepted_terms: Sequence[str]) -> Refusal | None:
    if not unaccepted_terms:
        return None
    return Refusal(
        "terms_not_accepted",
        _("The legal representative of %(entity)s has not accepted: %(terms)s.")
        % {"entity": entity_name, "terms": ", ".join(unaccepted_terms)},
    )


def mandate_refusals(mandate: MandateFacts, sensor: Subject, on: dt.date) -> list[Refusal]:
    refusals = []
    named = {"reference": mandate.reference}
    if on < mandate.starts_on:
        refusals.append(
            Refusal(
                "mandate_not_started",
                _("The mandate %(reference)s begins on %(day)s.")
                % {**named, "day": day_in_words(mandate.starts_on)},
            )
        )
    if on > mandate.ends_on:
        refusals.append(
            Refusal(
                "mandate_expired",
                _("The mandate %(reference)s ended on %(day)s: the principal may give another.")
                % {**named, "day": day_in_words(mandate.ends_on)},
            )
        )
    if sensor.id not in mandate.sensor_ids:
        refusals.append(
            Refusal(
                "sensor_outside_mandate",
                _("The mandate %(reference)s does not cover %(sensor)s.")
                % {**named, "sensor": sensor.name},
            )
        )
    return refusals


def eligibility(
    category_name: str, sensor: Subject, request_kind: str, rule: RuleFacts | None
) -> EligibilityAnswer:
    """`rule` is the one in force for this category, sensor and kind of request, if there is one."""
    if not sensor.is_offered:
        return _refused(rule, "sensor_not_offered", _not_offered(sensor))
    if sensor.is_open_data or request_kind == "open":
        return _open_data(sensor, request_kind)
    if rule is None or rule.answer == "no":
        return _refused(rule, "not_eligible", _not_eligible(category_name, sensor, rule))
    return EligibilityAnswer(
        allowed=True,
        rule_code=rule.code,
        answer=rule.answer,
        condition=rule.condition,
        agreement_by=rule.agreement_by,
    )


def _refused(rule: RuleFacts | None, code: str, message: str) -> EligibilityAnswer:
    return EligibilityAnswer(
        allowed=False,
        rule_code=rule.code if rule else "",
        answer="no",
        condition=rule.condition if rule else "",
        refusals=(Refusal(code, message),),
    )


def _open_data(sensor: Subject, request_kind: str) -> EligibilityAnswer:
    if sensor.is_open_data and request_kind == "open":
        return EligibilityAnswer(
            allowed=True,
            rule_code=OPEN_DATA_RULE,
            answer="yes",
            condition=_("Open data: anybody may download it."),
        )
    if sensor.is_open_data:
        message = _("%(sensor)s is open data: it is downloaded, never ordered from an operator.")
    else:
        message = _("%(sensor)s is not open data: ask for an archive image or a new acquisition.")
    return _refused(None, "wrong_request_kind", message % {"sensor": sensor.name})


def _not_offered(sensor: Subject) -> str:
    return _("%(sensor)s is not offered at present.") % {"sensor": sensor.name}


def _not_eligible(category_name: str, sensor: Subject, rule: RuleFacts | None) -> str:
    words = {"category": category_name, "sensor": sensor.name}
    if rule is None:
        return _("No rule gives %(sensor)s to the category “%(category)s”.") % words
    if rule.condition:
        return _("%(sensor)s is not given to the category “%(category)s”: %(condition)s") % {
            **words,
            "condition": rule.condition,
        }
    return _("%(sensor)s is not given to the category “%(category)s”.") % words

import datetime as dt

import pytest

from eligibility import rules
from eligibility.rules import EligibilityAnswer, MandateFacts, MembershipFacts, RuleFacts, Subject
from tests.eligibility.refusing import codes

DAY = dt.date(2026, 3, 10)
PLEIADES = Subject(id=1, name="Pléiades")
SENTINEL = Subject(id=3, name="Sentinel-2", is_open_data=True)
NEO = Subject(id=4, name="Pléiades Neo", is_offered=False)


@pytest.fixture(autouse=True)
def english():
    from django.utils.translation import override

    with override("en"):
        yield


def membership(**changes) -> MembershipFacts:
    facts = {
        "starts_on": dt.date(2026, 1, 1),
        "ends_on": dt.date(2026, 12, 31),
        "suspended_on": None,
        "suspension_reason": "",
        "sensor_ids": frozenset({PLEIADES.id}),
    }
    return MembershipFacts(**{**facts, **changes})


# --- membership -----------------------------------------------------------------------------------


def refusals_of(*memberships, terms=(), sensor=PLEIADES, on=DAY):
    return rules.membership_refusals("IGN", memberships, terms, sensor, on)


def test_running_membership_that_covers_the_sensor_is_enough():
    assert refusals_of(membership()) == []


@pytest.mark.parametrize("on", [dt.date(2026, 1, 1), dt.date(2026, 12, 31)])
def test_first_and_last_day_count(on):
    assert refusals_of(membership(), on=on) == []


def test_entity_without_membership_is_not_a_member():
    assert codes(refusals_of()) == ["not_a_member"]


def test_membership_to_come_says_when():
    refusals = refusals_of(membership(starts_on=dt.date(2026, 4, 1)))

    assert codes(refusals) == ["not_a_member"]
    assert "1 April 2026" in refusals[0].message


def test_membership_over_says_since_when():
    refusals = refusals_of(
        membership(starts_on=dt.date(2024, 1, 1), ends_on=dt.date(2024, 12, 31)),
        membership(starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2025, 12, 31)),
    )

    assert codes(refusals) == ["membership_expired"]
    assert "31 December 2025" in refusals[0].message


def test_membership_over_but_renewed_is_enough():
    over = membership(starts_on=dt.date(2025, 1, 1), ends_on=dt.date(2025, 12, 31))

    assert refusals_of(over, membership()) == []


def test_membership_without_an_end_never_expires():
    assert refusals_of(membership(ends_on=None), on=dt.date(2099, 1, 1)) == []


def test_suspension_says_why():
    suspended = membership(suspended_on=DAY, suspension_reason="Unpaid order")

    refusals = refusals_of(suspended)

    assert codes(refusals) == ["membership_suspended"]
    assert refusals[0].message.endswith("Unpaid order")


def test_suspension_to_come_does_not_count_yet():
    coming = membership(suspended_on=DAY + dt.timedelta(days=1), suspension_reason="Unpaid order")

    assert refusals_of(coming) == []


def test_all_that_is_in_the_way_is_said_at_once():
    suspended = membership(
        suspended_on=DAY, suspension_reason="Unpaid order", sensor_ids=frozenset()
    )

    refusals = refusals_of(suspended, terms=["Charter (2)"])

    assert codes(refusals) == [
        "membership_suspended",
        "sensor_outside_membership",
        "terms_not_accepted",
    ]
    assert refusals[2].message == ("The legal representative of IGN has not accepted: Charter (2).")


# --- mandate --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "sensor_ids", "expected"),
    [
        (dt.date(2026, 1, 1), {1}, []),
        (dt.date(2026, 6, 30), {1}, []),
        (dt.date(2025, 12, 31), {1}, ["mandate_not_started"]),
        (dt.date(2026, 7, 1), {1}, ["mandate_expired"]),
        (DAY, {2}, ["sensor_outside_mandate"]),
        (dt.date(2026, 7, 1), {2}, ["mandate_expired", "sensor_outside_mandate"]),
    ],
)
def test_mandate_answers_for_its_days_and_sensors(on, sensor_ids, expected):
    mandate = MandateFacts(
        "2026-7", dt.date(2026, 1, 1), dt.date(2026, 6, 30), frozenset(sensor_ids)
    )

    assert codes(rules.mandate_refusals(mandate, PLEIADES, on)) == expected


# --- eligibility ----------------------------------------------------------------------------------


def rule(answer, **changes) -> RuleFacts:
    facts = {"code": "rule-1", "answer": answer, "condition": "Member body", "agreement_by": ""}
    return RuleFacts(**{**facts, **changes})


def test_yes_allows_and_names_its_rule():
    answer = rules.eligibility("Research body", PLEIADES, "archive", rule("yes"))

    assert answer == EligibilityAnswer(
        allowed=True, rule_code="rule-1", answer="yes", condition="Member body"
    )


def test_prior_agreement_allows_and_names_who_gives_it():
    after = rule("after_agreement", agreement_by="Airbus DS")

    answer = rules.eligibility("Company", PLEIADES, "archive", after)

    assert (answer.allowed, answer.answer, answer.agreement_by) == (
        True,
        "after_agreement",
        "Airbus DS",
    )


def test_no_refuses_with_its_condition():
    answer = rules.eligibility("Public", PLEIADES, "archive", rule("no", condition="Members only."))

    assert (answer.allowed, answer.rule_code, codes(answer.refusals)) == (
        False,
        "rule-1",
        ["not_eligible"],
    )
    assert answer.refusals[0].message == (
        "Pléiades is not given to the category “Public”: Members only."
    )


def test_no_rule_refuses():
    answer = rules.eligibility("Public", PLEIADES, "tasking", None)

    assert (answer.allowed, codes(answer.refusals)) == (False, ["not_eligible"])


def test_sensor_that_is_not_offered_is_refused_whatever_the_rule():
    answer = rules.eligibility("Research body", NEO, "archive", rule("yes"))

    assert (answer.allowed, codes(answer.refusals)) == (False, ["sensor_not_offered"])


def test_open_data_is_for_anybody():
    answer = rules.eligibility("no entity", SENTINEL, "open", None)

    assert (answer.allowed, answer.rule_code) == (True, "open-data")


@pytest.mark.parametrize(("sensor", "kind"), [(SENTINEL, "archive"), (PLEIADES, "open")])
def test_kind_of_request_that_the_sensor_does_not_have_is_refused(sensor, kind):
    answer = rules.eligibility("Research body", sensor, kind, rule("yes"))

    assert (answer.allowed, codes(answer.refusals)) == (False, ["wrong_request_kind"])

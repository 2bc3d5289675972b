"""The table written by hand from the specification, against the code, in both directions."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django_fsm import can_proceed, has_transition_perm

from eligibility.permissions import Actor
from requests_app.models import ImageryRequest
from requests_app.permissions import CLOCK
from requests_app.states import FINAL_STATES, WHO_MUST_ACT, State
from requests_app.workflow import RequestWorkflow
from tests.requests_app.workflow_table import rows

ENTITY, CELL = 7, 3
NUMBERS = {
    "requester": 1,
    "co_requester": 2,
    "entity_contact": 3,
    "colleague": 4,
    "reviewer": 5,
    "assigned_reviewer": 6,
    "arbitrator": 7,
    "chair": 8,
    "supply_officer": 9,
    "secretariat": 10,
    "observer": 11,
    "stranger": 12,
    "other_cell": 13,
}


def actor(role: str) -> Actor:
    """One person who holds one role and no other."""
    if role == "clock":
        return CLOCK
    number = NUMBERS[role]
    cell_role = "reviewer" if role == "assigned_reviewer" else role
    if role in ("reviewer", "assigned_reviewer", "arbitrator", "chair", "supply_officer"):
        return Actor(user_id=number, cells=frozenset({(CELL, cell_role)}))
    if role == "other_cell":
        every = ("reviewer", "arbitrator", "chair", "supply_officer")
        return Actor(user_id=number, cells=frozenset((CELL + 1, held) for held in every))
    if role in ("requester", "co_requester", "colleague"):
        return Actor(user_id=number, entity_ids=frozenset({ENTITY}))
    if role == "entity_contact":
        entities = frozenset({ENTITY})
        return Actor(user_id=number, entity_ids=entities, contact_of=entities)
    return Actor(
        user_id=number, is_secretariat=role == "secretariat", is_observer=role == "observer"
    )


ROLES = (*NUMBERS, "clock")


def request_in(state: str, *, is_priced: bool) -> ImageryRequest:
    request = ImageryRequest(
        state=state,
        requester_id=NUMBERS["requester"],
        entity_id=ENTITY,
        cell_id=CELL,
        reviewer_id=NUMBERS["assigned_reviewer"],
        priced_eur=Decimal(100) if is_priced else Decimal(0),
    )
    request.__dict__["co_requester_ids"] = frozenset({NUMBERS["co_requester"]})
    request.__dict__["registrar_ids"] = frozenset({NUMBERS["supply_officer"]})
    request.__dict__["opinion_giver_ids"] = frozenset()
    return request


def transition_names() -> set[str]:
    return {found.name for found in ImageryRequest(state="draft").get_all_state_transitions()}


def expected(*, is_priced: bool) -> set[tuple[str, str, str]]:
    return {
        (row["from"], row["transition"], row["role"])
        for row in rows()
        if row["when"] != ("free" if is_priced else "priced")
    }


def allowed_by_code(*, is_priced: bool) -> set[tuple[str, str, str]]:
    found = set()
    for state in State.values:
        request = request_in(state, is_priced=is_priced)
        for name in transition_names():
            method = getattr(request, name)
            if can_proceed(method):
                found |= {
                    (state, name, role)
                    for role in ROLES
                    if has_transition_perm(method, actor(role))
                }
    return found


@pytest.mark.prove
@pytest.mark.parametrize("is_priced", [False, True])
def test_code_allows_exactly_what_the_table_allows(is_priced, proof):
    assert allowed_by_code(is_priced=is_priced) == expected(is_priced=is_priced)
    cells = len(State.values) * len(transition_names()) * len(ROLES)
    request = "a priced request" if is_priced else "a free request"
    proof(f"workflow table, states × transitions × roles, {request}", cells)


def test_every_transition_goes_where_the_table_says():
    declared = {
        (found.source, found.name): set(targets(found.target))
        for found in ImageryRequest(state="draft").get_all_state_transitions()
    }
    written = {
        (row["from"], row["transition"]): (
            set(State.values) if row["to"] == "any" else set(row["to"].split("|"))
        )
        for row in rows()
    }

    assert declared == written


def targets(target) -> list[str]:
    if target is None:
        return ["same"]
    return [str(state) for state in getattr(target, "allowed_states", [target])]


def test_the_table_covers_every_state_and_transition():
    states = {row["from"] for row in rows()} | FINAL_STATES

    assert states == set(State.values)
    assert {row["transition"] for row in rows()} == transition_names()


def exits(state: str) -> list[dict[str, str]]:
    """The rows that lead out of a state: recorded acts stay in it."""
    return [row for row in rows() if row["from"] == state and row["to"] not in ("same", "any")]


def test_somebody_or_the_clock_can_end_every_state_that_is_not_final():
    """Where requester or operator must act, the clock has a way out; where the cell must, its
    chair and the requester can end the file. A dispute is judged by either of two posts."""
    for state, who in WHO_MUST_ACT.items():
        if who in ("requester", "operator", "clock"):
            assert "clock" in {row["role"] for row in exits(state)}, state
        elif state == State.DISPUTED:
            judges = {row["role"] for row in exits(state) if row["to"] in FINAL_STATES}
            assert judges == {"arbitrator", "secretariat"}
        else:
            enders = {row["role"] for row in exits(state) if row["transition"] == "cancel"}
            assert {"chair", "requester"} <= enders, state


def test_whoever_must_act_has_a_move_of_their_own():
    posts = {
        "requester": {"requester"},
        "cell": {"reviewer", "assigned_reviewer", "arbitrator", "chair", "supply_officer"},
        "operator": {"supply_officer"},
        "clock": {"clock"},
    }
    for state, who in WHO_MUST_ACT.items():
        assert posts[who] & {row["role"] for row in exits(state)}, state


def test_every_state_reaches_an_end_without_anybody_who_may_be_missing():
    """By the clock alone, by the requester, or by the chair or the secretariat, as it stands."""
    reliable = {"clock", "requester", "chair", "secretariat"}
    ended = set(FINAL_STATES)
    for _ in State:
        ended |= {
            state
            for state in WHO_MUST_ACT
            for row in exits(state)
            if row["role"] in reliable and set(row["to"].split("|")) <= ended
        }

    assert ended == set(State)


def test_states_are_final_or_have_an_actor():
    assert set(WHO_MUST_ACT) | FINAL_STATES == set(State.values)
    assert not set(WHO_MUST_ACT) & FINAL_STATES


JUDGEMENTS = ("uphold_delivery", "refund_part", "retask")


def judgements_open_to(judge: Actor, request: ImageryRequest) -> list[str]:
    return [name for name in JUDGEMENTS if has_transition_perm(getattr(request, name), judge)]


@pytest.mark.parametrize("role", ["arbitrator", "secretariat"])
def test_who_registered_a_delivery_does_not_judge_its_dispute(role):
    request = request_in(State.DISPUTED, is_priced=False)
    assert judgements_open_to(actor(role), request) == list(JUDGEMENTS)

    request.__dict__["registrar_ids"] |= {NUMBERS[role]}

    assert judgements_open_to(actor(role), request) == []


@pytest.mark.parametrize("role", ["arbitrator", "secretariat"])
@pytest.mark.parametrize("interest", ["entity_ids", "mandated_for"])
def test_who_has_a_conflict_of_interest_does_not_judge_a_dispute(role, interest):
    request = request_in(State.DISPUTED, is_priced=False)
    judge = actor(role)
    assert judgements_open_to(judge, request) == list(JUDGEMENTS)

    conflicted = replace(judge, **{interest: frozenset({ENTITY})})

    assert judgements_open_to(conflicted, request) == []


def test_requester_of_the_secretariat_does_not_judge_the_own_dispute():
    request = request_in(State.DISPUTED, is_priced=False)
    request.requester_id = NUMBERS["secretariat"]

    assert judgements_open_to(actor("secretariat"), request) == []


def test_an_arbitrator_who_reviewed_the_file_does_not_decide_it():
    request = request_in(State.IN_ARBITRATION, is_priced=False)
    arbitrator = actor("arbitrator")
    assert has_transition_perm(request.approve, arbitrator)

    request.reviewer_id = arbitrator.user_id

    assert not has_transition_perm(request.approve, arbitrator)


@pytest.mark.parametrize("name", ["take", "approve", "cancel"])
def test_officers_of_the_entity_that_asks_have_a_conflict(name):
    state = {"take": State.SUBMITTED, "approve": State.IN_ARBITRATION, "cancel": State.SUBMITTED}
    role = {"take": "reviewer", "approve": "arbitrator", "cancel": "chair"}
    request = request_in(state[name], is_priced=False)
    held = actor(role[name])
    assert has_transition_perm(getattr(request, name), held)

    conflicted = Actor(user_id=held.user_id, cells=held.cells, entity_ids=frozenset({ENTITY}))

    assert not has_transition_perm(getattr(request, name), conflicted)


def test_transitions_are_declared_on_the_workflow_alone():
    assert all(hasattr(RequestWorkflow, name) for name in transition_names())

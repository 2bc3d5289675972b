"""The table of the workflow through the pages: each state × move × role, every "no" included."""

from collections import Counter

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from eligibility.models import Cell
from requests_app.actions import ACTIONS
from requests_app.models import ImageryRequest
from requests_app.states import State
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, UserFactory
from tests.requests_app import after, world
from tests.requests_app.books import everything
from tests.requests_app.reached import REACH
from tests.requests_app.workflow_table import rows
from tests.sizes import PROVE, size

pytestmark = [pytest.mark.django_db, pytest.mark.prove]

REACHED = REACH | {
    State.CLOSED: world.closed,
    State.REFUSED: after.refused,
    State.CANCELLED: after.cancelled_by_chair,
    State.EXPIRED: after.lapsed,
    State.FAILED: after.failed,
}
STATES: list[State] = list(REACHED) if PROVE else [State.DEFERRED]
# Each role meets so many of the moves, the next role the next ones.
NTH = size(small=3, large=1)
ASKS = ("requester", "co_requester")
OF_ENTITY = (*ASKS, "entity_contact", "colleague")
OF_CELL = ("reviewer", "assigned_reviewer", "arbitrator", "chair", "supply_officer")
STAFF = ("secretariat", "observer")
UNCONCERNED = ("stranger", "other_cell")
ROLES = (*OF_ENTITY, *OF_CELL, *STAFF, *UNCONCERNED)


@pytest.fixture
def people(programme):
    """One person per role of the table; whoever reviews a file in :mod:`world` is assigned to it."""
    found = {role: person for role, person in programme.people.items() if role in ROLES}
    found["assigned_reviewer"] = programme.reviewer
    found["reviewer"] = CellMemberFactory(cell=programme.cell, role="reviewer").user
    found["co_requester"] = UserFactory()
    AffiliationFactory(user=found["co_requester"], entity=programme.entity, role="member")
    other = Cell.objects.exclude(pk=programme.cell.pk).order_by("pk").first()
    found["other_cell"] = UserFactory()
    for role in world.CELL_ROLES:
        CellMemberFactory(cell=other, user=found["other_cell"], role=role)
    assert set(found) == set(ROLES)
    return found


def who_sees(state):
    """A draft is its writers'; everything else its entity's, its cell's and the staff's."""
    return ASKS if state == State.DRAFT else (*OF_ENTITY, *OF_CELL, *STAFF)


def reached(programme, people, state):
    request = REACHED[state](programme)
    assert request.state == state
    request.co_requesters.add(people["co_requester"])
    return request


def answer_to(client, request, name, *, is_undone):
    """What an empty form is answered."""
    with transaction.atomic():
        response = client.post(reverse("requests:move", args=[request.number, name]))
        transaction.set_rollback(is_undone)
    return response.status_code


ASKED_OR_DONE = (200, 302)
NOT_TO_THEM, NOT_SEEN, NOT_NOW = 403, 404, 409


def expected(state, name, role):
    """The answers that the table allows. A rule may still refuse what the table allows."""
    if role not in who_sees(state):
        return {NOT_SEEN}
    may = {
        row["role"]
        for row in rows()
        if (row["from"], row["transition"]) == (state, name) and row["when"] != "priced"
    }
    if role in may:
        return {*ASKED_OR_DONE, NOT_NOW}
    return {NOT_TO_THEM} if may else {NOT_NOW}


@pytest.mark.parametrize("state", STATES)
def test_pages_answer_as_the_table_says(programme, people, state, proof):
    """What the table allows is undone; what it forbids writes nothing by itself."""
    request = reached(programme, people, state)
    last, before, wrong, tried = request.records.last(), everything(), {}, 0

    for place, (role, person) in enumerate(people.items()):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name in list(ACTIONS)[place % NTH :: NTH]:
            tried += 1
            allowed = expected(state, name, role)
            answer = answer_to(client, request, name, is_undone=200 in allowed)
            if last is not None and (last.transition, last.author_id) == (name, person.pk):
                allowed = {*allowed, 302}  # a second click is answered as the first was
            if answer not in allowed:
                wrong[role, name] = answer

    assert wrong == {}
    assert everything() == before
    proof(f"workflow table through the pages, moves × roles, {state}", tried)


@pytest.mark.parametrize("state", REACHED)
def test_any_request_is_copied_by_those_of_its_entity_alone(programme, people, state):
    request = reached(programme, people, state)
    answers = {}

    for role, person in people.items():
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        answers[role] = client.post(reverse("requests:copy", args=[request.number])).status_code

    may = [role for role in OF_ENTITY if role in who_sees(state)]
    seen = dict.fromkeys(who_sees(state), 403) | dict.fromkeys(may, 302)
    assert answers == dict.fromkeys(ROLES, 404) | seen
    copies = ImageryRequest.objects.exclude(pk=request.pk)
    assert set(copies.values_list("requester", flat=True)) == {people[role].pk for role in may}
    assert set(copies.values_list("state", flat=True)) == {State.DRAFT}


def test_what_the_calendar_alone_does_has_no_page():
    by_role = Counter((row["transition"], row["role"] == "clock") for row in rows())
    of_calendar = {name for name, is_clock in by_role if is_clock and not by_role[name, False]}

    assert of_calendar == {"lapse", "block", "unblock", "warn_of_shortfall"}
    assert of_calendar & set(ACTIONS) == set()


def test_every_move_of_the_table_has_its_page():
    """The rest is the calendar's, or a command's."""
    names = {row["transition"] for row in rows()}

    assert names - set(ACTIONS) == {
        "lapse", "block", "unblock", "warn_of_shortfall", "import_request",
    }  # fmt: skip

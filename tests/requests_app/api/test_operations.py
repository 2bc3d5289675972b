"""Every move that has a page is an operation, described as its form asks."""

import pytest

from orbitrage.api import described
from requests_app.actions import ACTIONS
from tests.requests_app import world
from tests.requests_app.api.calling import codes, program_of

# By hand: what those who ask may do, though others may do some of it too.
OF_WHO_ASKS = {
    "submit", "submit_open_data", "recall", "answer", "accept_offer", "reply_to_offer",
    "decline_offer", "accept_delivery", "dispute", "amend_order", "decline_amendment",
    "choose_on_shortfall", "transfer_request", "add_co_requester", "remove_co_requester",
    "leave_request", "cancel",
}  # fmt: skip


def operation_of(name: str) -> dict:
    return described("en")["paths"][f"/api/v1/requests/{{number}}/do/{name}"]["post"]


def fields_of(operation: dict) -> tuple[set[str], set[str]]:
    """Names, and those that must be sent."""
    if "requestBody" not in operation:
        return set(), set()
    shape = operation["requestBody"]["content"]["application/json"]["schema"]
    references = [each["$ref"] for each in (shape, *shape.get("anyOf", ())) if "$ref" in each]
    model = described("en")["components"]["schemas"][references[0].rpartition("/")[2]]
    return set(model["properties"]), set(model.get("required", ()))


@pytest.mark.parametrize("name", ACTIONS)
def test_move_is_an_operation_with_the_fields_of_its_form(name):
    operation, asked = operation_of(name), ACTIONS[name].form.base_fields

    assert operation["operationId"] == name
    names, required = fields_of(operation)
    assert names == set(asked)
    assert required <= {each for each, field in asked.items() if field.required}
    assert operation["summary"] != name


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTIONS)
def test_move_asks_for_the_scope_of_who_makes_it(programme, name):
    draft = world.draft(programme)
    needed, other = ("requests", "office") if name in OF_WHO_ASKS else ("office", "requests")

    refused, let_in = (
        program_of(programme.requester, scope).post(f"/requests/{draft.number}/do/{name}", {})
        for scope in (other, needed)
    )

    assert (refused.status_code, codes(refused)) == (403, ["scope_missing"])
    assert codes(let_in) != ["scope_missing"] if let_in.status_code >= 400 else True


@pytest.mark.django_db
def test_choices_of_a_move_are_those_of_this_moment(programme):
    request = world.in_review(programme)
    chair = program_of(programme.chair)

    told = chair.get(f"/requests/{request.number}/moves/reroute").json()

    assert [field["name"] for field in told["fields"]] == ["cell_id", "reason"]
    cell = told["fields"][0]["choices"][0]
    moved = chair.post(
        f"/requests/{request.number}/do/reroute", {"cell_id": cell["value"], "reason": "Theirs."}
    )
    assert moved.status_code in (200, 204)


@pytest.mark.django_db
def test_move_that_is_not_open_asks_for_nothing(programme, requester):
    request = world.submitted(programme)

    answers = [
        requester.get(f"/requests/{request.number}/moves/{name}")
        for name in ("take", "submit", "lapse")
    ]

    assert [(each.status_code, codes(each)) for each in answers] == [
        (403, ["not_allowed"]), (409, ["already_decided"]), (404, ["not_found"]),
    ]  # fmt: skip

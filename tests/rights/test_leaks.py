"""Lists, counts and pages show exactly the rows of the visibility rule."""

import re
from typing import Any

import pytest
from django.urls import reverse

from catalogue.models import Item
from quotas.models import Envelope
from requests_app.intake import services as intake
from requests_app.lists.selectors import BoundedCount
from requests_app.models import ImageryRequest
from tests.eligibility.factories import AffiliationFactory
from tests.requests_app.lists.list_files import body_of, read_file
from tests.rights.table import (
    DRAFTS,
    OF_THE_CELL,
    OF_THE_ENTITY,
    OF_THE_PROGRAMME,
    requests_named,
    text_of,
    visible,
)
from tests.rights.world import ROLES, World, signed_in_as

pytestmark = pytest.mark.django_db

OVER = {"closed", "refused", "cancelled", "expired", "failed"}
WAITING_FOR_THE_CELL = {
    "submitted", "mandated", "in_review", "inadmissible", "in_arbitration", "approved", "disputed",
    "rescission_proposed",
}  # fmt: skip


def names_on(world: World, response: Any) -> set[str]:
    by_number = {request.number: name for name, request in world.requests.items()}
    return {by_number[number] for number in requests_named(response)}


# --- Lists show exactly the rows of the rule ------------------------------------------------------


SIGNED_IN = [role for role in ROLES if role not in ("anonymous", "suspended_member")]
FORMATS = ("csv", "xlsx", "geojson", "gpkg")


@pytest.mark.parametrize("role", SIGNED_IN)
def test_list_map_count_and_files_show_the_rows_of_the_rule(world: World, role: str):
    """A cell, too, finds all of its files here, whatever became of them."""
    client, url = world.clients[role], reverse("requests:list")
    seen = ImageryRequest.objects.visible_to(world.people[role]).values_list("number", flat=True)
    wanted = {world.requests[name].number for name in visible(world, role)}

    response = client.get(url, {"map": "1"})

    page, shapes = response.context["page"], (response.context["map_data"] or {"features": []})
    found = {
        "the rule": set(seen),
        "the page": requests_named(response),
        "its rows": {row.number for row in page.rows},
        "the map": {shape["properties"]["row"] for shape in shapes["features"]},
    }
    for extension in FORMATS:
        file = client.get(reverse("requests:list_file", args=[extension]))
        found[extension] = {row["number"] for row in read_file(body_of(file), extension)}
    assert found == dict.fromkeys(found, wanted)
    assert page.count == BoundedCount(len(wanted))


@pytest.mark.parametrize("role", SIGNED_IN)
def test_tabs_count_the_rows_they_lead_to_and_the_first_is_all_one_may_see(world: World, role: str):
    client, url = world.clients[role], reverse("requests:list")

    tabs = client.get(url).context["tabs"]

    for tab in tabs:
        rows = client.get(tab.address).context["page"].rows
        assert tab.count == BoundedCount(len(rows)), (role, tab.label)
        assert {row.number for row in rows} <= {
            world.requests[name].number for name in visible(world, role)
        }
    assert {tab.count.figure for tab in tabs[:1]} <= {len(visible(world, role))}


SCOPES = {
    "requester": {"mine": "their own", "entity": "all"},
    "co_requester": {"mine": "all", "entity": "none"},
    "colleague": {"mine": "none", "entity": "submitted"},
    "contractor": {"mine": "mandated", "entity": "none"},
    "reviewer": {"mine": "none", "cells": "submitted"},
    "other_cell_officer": {"mine": "none", "cells": "none"},
    "secretariat": {"mine": "none"},
    "stranger": {"mine": "none"},
}


@pytest.mark.parametrize("role", SCOPES)
def test_scopes_are_whose_requests_they_say(world: World, role: str):
    of_entity = set(world.requests) - {"unrelated"}
    whose = {
        "all": of_entity,
        "their own": of_entity - {"mandated"},
        "submitted": of_entity - set(DRAFTS),
        "mandated": {"mandated"},
        "none": set(),
    }
    for scope, wanted in SCOPES[role].items():
        response = world.clients[role].get(reverse("requests:list"), {"scope": scope})

        assert names_on(world, response) == whose[wanted], scope


@pytest.mark.parametrize(("role", "scope"), [
    ("requester", "cells"), ("stranger", "entity"), ("stranger", "all"), ("reviewer", "entity"),
])  # fmt: skip
def test_scope_of_others_is_refused(world: World, role: str, scope: str):
    response = world.clients[role].get(reverse("requests:list"), {"scope": scope})

    assert response.context["form"].has_error("scope", "invalid_choice")
    assert names_on(world, response) == set()


def test_page_does_not_begin_after_a_request_that_one_may_not_see(world: World):
    """Nor does the answer tell that there is one."""
    url, client = reverse("requests:list"), world.clients["requester"]
    known, hidden = world.requests["submitted"].number, world.requests["unrelated"].number

    codes = {
        number: client.get(url, {"after": number}).context["form"].errors.as_data().get("after")
        for number in (known, hidden, "R2020-000001")
    }

    assert codes[known] is None
    assert [error.code for error in codes[hidden]] == ["no_such_page"]
    assert [error.code for error in codes["R2020-000001"]] == ["no_such_page"]


@pytest.mark.parametrize(
    "query",
    [
        "q=Unrelated", "q=R2", "state=submitted", "kind=archive", "sensor=pleiades", "page=2",
        "entity=Unrelated", "waits=cell", "bbox=-180,-90,180,90", "late=1", "sort=title",
        "submitted_from=2000-01-01", "map=1",
    ],
)  # fmt: skip
def test_no_filter_shows_more_than_the_list(world: World, query: str):
    for role in ("requester", "colleague", "contractor", "stranger", "other_cell_officer"):
        for name in ("requests:list", "queue:list"):
            response = world.clients[role].get(f"{reverse(name)}?{query}")

            assert names_on(world, response) <= visible(world, role)
            assert "Unrelated survey" not in text_of(response)


def test_filters_find_what_may_be_seen(world: World):
    """So that the test above is about rights and not about filters that find nothing."""
    response = world.clients["secretariat"].get(f"{reverse('requests:list')}?q=Unrelated")

    assert names_on(world, response) == {"unrelated"}


@pytest.mark.parametrize("role", [*OF_THE_CELL, *OF_THE_PROGRAMME, "other_cell_officer"])
def test_queue_shows_and_counts_the_rows_of_the_rule(world: World, role: str):
    unrelated = {"unrelated"} if role in OF_THE_PROGRAMME else set()
    is_outside = role == "other_cell_officer"
    open_files = set(world.requests) - OVER - set(DRAFTS) - {"unrelated"} | unrelated
    waiting = WAITING_FOR_THE_CELL | unrelated

    response = world.clients[role].get(reverse("queue:list"))

    assert names_on(world, response) == (set() if is_outside else open_files)
    assert response.context["waiting"] == (0 if is_outside else len(waiting))


@pytest.mark.parametrize("role", ["member", "entity_contact"])
def test_another_entity_reads_its_own_request_and_no_other(world: World, role: str):
    client = signed_in_as(world.other_people[role])

    for name in ("home", "requests:list", "quotas:list", "licences:list", "catalogue:list"):
        assert names_on(world, client.get(reverse(name))) <= {"unrelated"}
    assert names_on(world, client.get(reverse("requests:list"))) == {"unrelated"}
    for request in world.requests.values():
        wanted = 200 if request == world.requests["unrelated"] else 404
        assert client.get(request.get_absolute_url()).status_code == wanted


def test_notices_are_those_of_the_requests_of_the_rule(world: World):
    """Everybody has been told of every request: the list alone keeps what may not be seen."""
    for role in set(ROLES) - {"anonymous", "suspended_member"}:
        response = world.clients[role].get(reverse("notices:list"))

        assert names_on(world, response) == visible(world, role), role
        unread = response.context["site_navigation"].unread
        assert unread == len(visible(world, role)), role


def test_licence_list_shows_the_rows_of_the_rule(world: World):
    licensed = {
        "approved", "ordered", "closed", "delivered", "disputed", "partially_delivered",
        "cancelled", "failed", "rescission_proposed", "amendment_proposed", "window_asked",
        "window_extendable",
    }  # fmt: skip
    every = {world.requests[name].licence_number for name in licensed}
    every.add(world.objects["licence that ends"]["number"])
    waiting = {world.objects["licence that waits"]["number"]}  # which has no cell
    readers = (*OF_THE_ENTITY, *OF_THE_CELL, *OF_THE_PROGRAMME, "contractor")

    for role in set(ROLES) - {"anonymous", "suspended_member"}:
        text = text_of(world.clients[role].get(reverse("licences:list")))

        found = set(re.findall(r"[A-Z]{3,4}-[A-Z]{3}-\d{4}-\d{4}", text))
        theirs = every if role in OF_THE_CELL else every | waiting
        assert found == (theirs if role in readers else set()), role


def test_quota_list_shows_the_rows_of_the_rule(world: World):
    programme = world.programme
    of_entity = set(Envelope.objects.filter(entity=programme.entity).values_list("pk", flat=True))
    of_cell = set(Envelope.objects.filter(cell=programme.cell).values_list("pk", flat=True))
    every = set(Envelope.objects.values_list("pk", flat=True))
    rule = dict.fromkeys(OF_THE_ENTITY, of_entity) | dict.fromkeys(OF_THE_CELL, of_cell)
    rule |= dict.fromkeys(OF_THE_PROGRAMME, every)

    for role in set(ROLES) - {"anonymous", "suspended_member", "other_cell_officer"}:
        text = text_of(world.clients[role].get(reverse("quotas:list")))

        assert {int(pk) for pk in re.findall(r'"/quotas/(\d+)/"', text)} == rule.get(role, set()), (
            role
        )


def test_numbers_on_statements_lead_to_requests_that_may_be_read(world: World):
    """Who may see an envelope may see the requests that draw on it: a link needs no rule."""
    followed = 0
    for role in set(ROLES) - {"anonymous", "suspended_member"}:
        client, read = world.clients[role], set[str]()
        for pk in Envelope.objects.values_list("pk", flat=True):
            response = client.get(reverse("quotas:statement", args=[pk]))
            if response.status_code == 404:
                continue
            links = set(re.findall(r'href="(/requests/[^"/]+/)"', text_of(response)))
            followed += len(links)
            assert {client.get(link).status_code for link in links - read} <= {200}, (role, pk)
            read |= links
    assert followed > 100


def test_catalogue_shows_the_images_of_the_audience(world: World):
    delivered = set(Item.objects.exclude(request_numbers=[]).values_list("pk", flat=True))
    public = {world.objects[name]["pk"] for name in ("open item", "open item for open data")}
    licensed = (*OF_THE_ENTITY, "contractor")

    for role in ROLES:
        text = text_of(world.clients[role].get(reverse("catalogue:list")))

        found = {int(pk) for pk in re.findall(r'"/catalogue/(\d+)/"', text)}
        assert found == (delivered | public if role in licensed else public), role
    assert len(delivered) == 4


def test_draft_given_up_stays_with_those_who_wrote_it(world: World):
    draft = world.requests["draft"]
    seen_by = {
        role: world.clients[role].get(draft.get_absolute_url()).status_code for role in ROLES
    }

    intake.cancel(request_id=draft.pk, user=world.people["requester"])

    for role in ROLES:
        response = world.clients[role].get(draft.get_absolute_url())
        assert response.status_code == seen_by[role]
        assert response.status_code == 200 or role not in ("requester", "co_requester")


# --- Who in the cell did what stays in the cell ----------------------------------------------------


def test_cell_signs_as_one_to_those_outside(world: World):
    """On the page, in the lists, and when somebody comes too late."""
    number = world.requests["in_review"].number
    pages = [reverse("requests:detail", args=[number]), reverse("requests:list")]
    late = reverse("requests:move", args=[number, "recall"])
    reviewer = world.people["reviewer"].full_name

    for role in ("requester", "colleague", "co_requester", "entity_contact"):
        client = world.clients[role]
        for page in pages:
            assert reviewer not in text_of(client.get(page))
        told = text_of(client.post(late, {"csrfmiddlewaretoken": "x"}))
        assert "already decided by" in told
        assert reviewer not in told
    assert reviewer in text_of(world.clients["arbitrator"].get(pages[0]))
    assert reviewer in text_of(world.clients["chair"].get(reverse("queue:list")))


def test_who_comes_too_late_reads_nothing_of_the_cells_envelopes(world: World):
    late = reverse("requests:move", args=[world.requests["approved"].number, "approve"])
    envelope = reverse("quotas:statement", args=[world.objects["envelope of the cell"]["pk"]])
    decide = reverse("requests:move", args=[world.requests["in_arbitration"].number, "approve"])

    response = world.clients["requester"].post(late, {"note": ""})

    assert response.status_code == 409
    assert envelope not in text_of(response)
    assert world.clients["arbitrator"].get(decide).context["pressures"]


def test_officer_who_works_for_the_asker_under_a_mandate_has_a_conflict(world: World):
    number = world.requests["submitted"].number
    take = reverse("requests:move", args=[number, "take"])
    assert world.clients["reviewer_other"].get(take).status_code == 200

    AffiliationFactory(
        user=world.people["reviewer_other"],
        entity=world.people["contractor"].affiliations.get().entity,
    )

    assert world.clients["reviewer_other"].get(take).status_code == 403


def test_co_requester_who_serves_the_cell_has_a_conflict(world: World):
    request = world.requests["submitted"]
    take = reverse("requests:move", args=[request.number, "take"])
    assert world.clients["reviewer_other"].get(take).status_code == 200

    request.co_requesters.add(world.people["reviewer_other"])

    assert world.clients["reviewer_other"].get(take).status_code == 403

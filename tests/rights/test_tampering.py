"""Forged fields, addresses, hosts and posts: nothing comes of them."""

from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from eligibility.models import Sensor
from requests_app.models import ImageryRequest, UploadedArea
from tests.requests_app import world as path
from tests.rights.fingerprint import changed_tables, fingerprint
from tests.rights.payloads import payload, request_answers
from tests.rights.table import address, rows, text_of
from tests.rights.world import PASSWORD, ROLES, World, signed_in_as
from tests.sizes import size

pytestmark = pytest.mark.django_db


# --- Forged fields --------------------------------------------------------------------------------


def refused_new_request(world: World, **forged: Any) -> Any:
    """Post a form that is good but for ``forged``; no request may come of it."""
    good = request_answers(world, "requester")
    client, new, before = world.clients["requester"], reverse("requests:new"), fingerprint()
    response = client.post(new, good | forged)
    assert changed_tables(before) == []
    assert client.post(new, good).status_code == 302
    return response


def test_area_of_somebody_else_is_not_taken(world: World):
    theirs = path.area_of(world.other_people["member"])

    response = refused_new_request(world, area_id=theirs.pk)

    assert response.context["form"].has_error("area_file", "area_missing")


@pytest.mark.parametrize("area_id", ["0", "-1", "9" * 18, "9" * 5000, "1 OR 1=1"])
def test_area_that_is_no_key_is_not_taken(world: World, area_id: str):
    response = refused_new_request(world, area_id=area_id)

    assert response.context["form"].has_error("area_file", "area_missing")


def test_request_in_the_name_of_another_entity_is_refused(world: World):
    mandate = world.requests["mandated"].mandate
    for on_behalf in (
        f"{world.other_entity.pk}-0",
        f"{world.programme.entity.pk}-{mandate.pk}",
        f"{world.other_entity.pk}-{mandate.pk}",
    ):
        response = refused_new_request(world, on_behalf=on_behalf)

        assert response.context["form"].has_error("on_behalf", "invalid_choice")


def test_sensor_that_is_not_offered_is_refused(world: World):
    neo = Sensor.objects.get(code="pleiades-neo")

    response = refused_new_request(world, sensor=neo.pk)

    assert not neo.is_offered
    assert response.context["form"].has_error("sensor", "invalid_choice")


def test_fields_that_no_form_has_change_nothing(world: World):
    before = ImageryRequest.objects.get(pk=world.requests["draft"].pk)
    forged = {
        "state": "approved",
        "number": "R2026-999999",
        "requester": world.people["stranger"].pk,
        "entity": world.other_entity.pk,
        "entity_id": world.other_entity.pk,
        "cell": 1,
        "area_km2": "0.000001",
        "granted_area_km2": "9999",
        "priced_eur": "0",
        "reviewer": world.people["requester"].pk,
        "licence_number": "PLE-DSP-2026-0001",
    }

    answers = request_answers(world, "requester") | {"area_id": ""}
    response = world.clients["requester"].post(
        reverse("requests:edit", args=[before.number]), answers | forged
    )

    after = ImageryRequest.objects.get(pk=before.pk)
    assert response.status_code == 302
    assert after.title == "Changed title"
    for name in (*forged, "area_km2", "mandate_id", "submitted_at", "cell_id"):
        if hasattr(before, name):
            assert getattr(after, name) == getattr(before, name), name


def test_profile_form_gives_nobody_a_right(world: World):
    forged = {
        "full_name": "A",
        "language": "fr",
        "is_staff": "on",
        "is_superuser": "1",
        "email": "x@y.z",
    }

    world.clients["stranger"].post(reverse("eligibility:profile"), forged)

    user = type(world.people["stranger"]).objects.get(pk=world.people["stranger"].pk)
    assert (user.full_name, user.is_staff, user.is_superuser) == ("A", False, False)
    assert user.email == world.people["stranger"].email


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoilt",
    [
        "{n}%2f",
        "{n}%00",
        "../{n}",
        "%2e%2e/{n}",
        "{n}%20",
        "{n}'--",
        "{n}/../{n}",
        "{lower}",
        "{n}%0a",
    ],
)
def test_no_spelling_of_an_address_opens_what_is_not_ones_own(world: World, spoilt: str):
    number = world.requests["unrelated"].number
    spelt = spoilt.format(n=number, lower=number.lower())

    for role in ("requester", "anonymous"):
        response = world.clients[role].get(f"/requests/{spelt}/")

        assert response.status_code in (404, 302)
        assert "Unrelated survey" not in text_of(response)


NASTY = [
    "\x00",
    "'",
    "9" * 400,
    "-1",
    "\ud800",
    "<script>alert(1)</script>",
    "%",
    "1e400",
    "../../x",
]
NTH = size(small=3, large=1)
LIST_FILTERS = (
    "q", "state", "sensor", "kind", "waits", "cell", "entity", "submitted_from", "submitted_to",
    "period_from", "period_to", "bbox", "late",
)  # fmt: skip
QUERIES = {
    "requests:list": (*LIST_FILTERS, "sort", "scope", "map", "after", "page"),
    "queue:list": (*LIST_FILTERS, "page"),
    "notices:list": ("unread", "kind", "page"),
    "quotas:list": ("on", "page"),
    "quotas:held": ("page",),
    "licences:list": ("page",),
    "licences:verify_form": ("number", "code"),
    "catalogue:list": ("sensor", "acquired_from", "cloud", "bbox", "area", "after"),
    "account_login": ("next",),
}


def in_turn(parameters: tuple[str, ...], value: str) -> tuple[str, ...]:
    """All of them in `make prove`; in every run each third, so that all meet some of the values."""
    return parameters[NASTY.index(value) % NTH :: NTH]


@pytest.mark.prove
@pytest.mark.parametrize("name", QUERIES)
def test_no_query_breaks_a_page(world: World, name: str):
    client = world.clients["anonymous" if name == "account_login" else "chair"]
    for value in NASTY:
        for parameter in in_turn(QUERIES[name], value):
            response = client.get(
                reverse(name), {parameter: value.encode("utf-8", "surrogatepass")}
            )

            assert response.status_code in (200, 302), (parameter, value)
            assert "<script>alert(1)" not in text_of(response)


@pytest.mark.prove
@pytest.mark.parametrize("extension", ["csv", "xlsx", "geojson", "gpkg"])
@pytest.mark.parametrize("value", NASTY)
def test_no_filter_breaks_a_file_of_requests(world: World, extension: str, value: str):
    url = reverse("requests:list_file", args=[extension])
    for parameter in in_turn(QUERIES["requests:list"], value):
        typed = {parameter: value.encode("utf-8", "surrogatepass")}
        response = world.clients["chair"].get(url, typed)

        assert response.status_code in (200, 400), (parameter, value)
        assert "<script>alert(1)" not in text_of(response)


STATEMENT_FILTERS = ("starts_on", "ends_on", "kind", "request", "after", "page")
STATEMENTS = {
    "quotas:statement": "envelope of the cell",
    "quotas:statement_file": "envelope of the cell",
    "quotas:cell_statement": "the cell",
    "quotas:cell_file": "the cell",
}


@pytest.mark.prove
@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("value", NASTY)
def test_no_filter_breaks_a_statement(world: World, name: str, value: str):
    extensions = ("csv", "xlsx", "json") if name.endswith("file") else (None,)
    for extension in extensions:
        arguments = world.objects[STATEMENTS[name]] | (
            {"extension": extension} if extension else {}
        )
        for parameter in in_turn(STATEMENT_FILTERS, value):
            typed = {parameter: value.encode("utf-8", "surrogatepass")}
            response = world.clients["chair"].get(reverse(name, kwargs=arguments), typed)

            assert response.status_code in (200, 400), (parameter, value)
            assert "<script>alert(1)" not in text_of(response)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_is_taken(world: World, method: str):
    before = fingerprint()
    for row in rows():
        if row.method == "GET" and not row.url.startswith(("admin:", "account_")):
            with transaction.atomic():
                response = getattr(world.clients["requester"], method)(address(world, row))
            # A session opens no operation: what takes the method asks for a token first.
            taken = (401, 404, 405) if row.is_of_api else (404, 405)
            assert response.status_code in taken or row.url == "set_language", row.url
    assert changed_tables(before) == []


# --- Across sites ---------------------------------------------------------------------------------


WITHOUT_TOKEN = {"licences:verify_file"}
"""Public, and changes nothing."""


def test_every_post_needs_its_token(world: World):
    people = world.people | {"anonymous": None}
    before = fingerprint()
    for row in rows():
        if row.method != "POST" or (row.url.startswith("admin:") and row.object_name):
            continue
        role = next((r for r in ROLES if row.expected[r] == "302" and r in people), "requester")
        client = Client(enforce_csrf_checks=True)
        client.cookies = world.clients[role].cookies.copy()

        response = client.post(address(world, row), payload(world, row.url, role, row.object_name))

        # A session opens no operation, with or without it.
        if row.url not in WITHOUT_TOKEN:
            assert response.status_code == (401 if row.is_of_api else 403), row
    assert changed_tables(before) == []


ELSEWHERE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example",
    "javascript:alert(1)", "\thttps://evil.example", "///evil.example", "http:///evil.example",
]  # fmt: skip


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_sent_elsewhere(world: World, elsewhere: str):
    person = world.people["requester"]
    sign_in = {"login": person.email, "password": PASSWORD, "next": elsewhere}
    language = {"language": "en", "next": elsewhere}

    answers = [
        Client().post(reverse("account_login"), sign_in),
        Client().post(reverse("set_language"), language),
        Client().post(reverse("set_language"), {"language": "en"}, headers={"referer": elsewhere}),
        signed_in_as(person).post(reverse("account_logout"), {"next": elsewhere}),
        signed_in_as(world.people["staff"]).get(reverse("admin:login"), {"next": elsewhere}),
    ]

    for response in answers:
        assert response.status_code == 302
        assert response["Location"].startswith("/")
        assert "evil" not in response["Location"]


def test_who_signs_in_goes_on_to_the_page_asked_for(world: World):
    person = world.people["requester"]
    typed = {"login": person.email, "password": PASSWORD, "next": "/quotas/"}

    assert Client().post(reverse("account_login"), typed)["Location"] == "/quotas/"


def test_host_of_another_site_is_refused(world: World):
    client = Client()

    assert client.get(reverse("home"), headers={"host": "evil.example"}).status_code == 400
    typed = {"email": world.people["requester"].email}
    client.post(
        reverse("account_reset_password"), typed, headers={"x-forwarded-host": "evil.example"}
    )
    (sent,) = mail.outbox
    assert "http" in str(sent.body)
    assert "evil.example" not in str(sent.body)


def test_administration_has_no_sign_in_of_its_own(world: World):
    """Else attempts there would not be counted."""
    person = world.people["superuser"]
    client = Client()

    response = client.post(
        reverse("admin:login"), {"username": person.email, "password": PASSWORD, "next": "/admin/"}
    )

    assert response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_uploaded_areas_stay_with_those_who_uploaded(world: World):
    theirs = set(UploadedArea.objects.visible_to(world.people["colleague"]))

    assert {area.uploaded_by for area in theirs} == {world.people["colleague"]}
    assert UploadedArea.objects.count() > len(theirs)


# --- What somebody could once do ------------------------------------------------------------------


def test_who_left_the_entity_submits_nothing_more_in_its_name(world: World):
    draft, requester = world.requests["draft"], world.people["requester"]
    submit = reverse("requests:move", args=[draft.number, "submit"])
    agree = {"csrfmiddlewaretoken": "as a browser sends"}
    with transaction.atomic():
        assert world.clients["requester"].post(submit, agree).status_code == 302
        transaction.set_rollback(True)

    requester.affiliations.update(until=path.in_days(0))

    for role in ("requester", "co_requester"):
        response = world.clients[role].post(submit, agree)
        assert response.status_code == 409
        assert response.context["form"].has_error("__all__", "requester_left")


def test_sensor_stays_once_a_cell_examines_it(world: World):
    """Else a cell would decide on images, and on envelopes, that are another cell's."""
    request = world.requests["information_requested"]
    edit = reverse("requests:edit", args=[request.number])
    answers = request_answers(world, "requester") | {"area_id": ""}
    with transaction.atomic():
        assert world.clients["requester"].post(edit, answers).status_code == 302
        transaction.set_rollback(True)
    spot = Sensor.objects.get(code="spot67")

    response = world.clients["requester"].post(edit, answers | {"sensor": spot.pk})

    assert response.context["form"].has_error("__all__", "sensor_changed")
    assert ImageryRequest.objects.get(pk=request.pk).sensor == world.programme.sensor

"""The demonstration: every state, something to do for everybody, and no page that fails."""

import re
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

from catalogue.models import ArchiveScene
from eligibility.models import User
from eligibility.selectors import actor_of
from licences.models import Licence
from notices.models import CopyAddress, Notice
from orbitrage.shared.models import OutboxMessage, OutboxState
from requests_app.actions import moves_of
from requests_app.models import Attachment, ImageryRequest
from requests_app.selectors import available_transitions, plan_of, request_page
from requests_app.situation import Situation, moves_now
from requests_app.states import State
from tests.requests_app import world
from tests.sizes import size

pytestmark = [pytest.mark.django_db, pytest.mark.prove, pytest.mark.xdist_group("demonstration")]

UNREACHED = {State.EXPIRED}
"""Nothing of today has waited long enough."""
PAGES = size(small=20, large=1_000)
ENTRANCES = ("home", "requests:list", "notices:list", "catalogue:list", "quotas:list")
LINK = re.compile(r'href="(/[^"#]*)')
# What signs out, and what is no page.
LEFT_OUT = ("/accounts/", "/static/", "/api/", "/i18n/")


@pytest.fixture(autouse=True)
def storage() -> None:
    """What the demonstration has stored stays where it is: no folder per test here."""


@pytest.fixture(scope="module", autouse=True)
def demonstration(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Loaded once, undone at the end."""
    settings = override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("storage"),
        ORBITRAGE_DEMO=True,
        ORBITRAGE_PRIVATE_DATABASE=True,
    )
    with settings, django_db_blocker.unblock(), transaction.atomic():
        world.load_policy()
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def accounts() -> list[str]:
    """One of each role of an entity and of an office."""
    names = (
        "camille.requester", "sacha.colleague", "dominique.contact", "claude.director",
        "robin.reviewer", "ariel.arbitrator", "justice.chair", "sam.supply", "andy.secretariat",
        "val.observer",
    )  # fmt: skip
    return [f"{name}@demo.invalid" for name in names]


def person(email: str) -> User:
    return User.objects.get(email=email)


def test_there_is_a_file_in_every_state():
    found = set(ImageryRequest.objects.values_list("state", flat=True))

    assert found == set(State.values) - UNREACHED


@pytest.mark.parametrize("email", accounts())
def test_everybody_finds_something_in_their_list(email):
    found = ImageryRequest.objects.visible_to(person(email))

    assert found.count() > 3


@pytest.mark.parametrize(
    ("email", "moves"),
    [
        ("camille.requester", {"submit", "accept_offer", "cancel"}),
        ("robin.reviewer", {"take", "recommend", "request_information"}),
        ("ariel.arbitrator", {"approve", "refuse", "offer", "refund_part"}),
        ("justice.chair", {"expedite", "release_file"}),
        ("sam.supply", {"order", "register_delivery", "fail"}),
        ("andy.secretariat", {"reroute"}),
    ],
)
def test_each_role_finds_what_to_do(email, moves):
    user = person(f"{email}@demo.invalid")
    actor = actor_of(user)
    open_to = {
        move.name
        for request in request_page(user)
        for move in moves_now(
            Situation(request, actor, plan_of(request)),
            moves_of(request, available_transitions(request, actor)),
        )
    }

    assert moves - open_to == set()


def test_one_file_is_blocked_and_one_offer_has_a_price():
    blocked = ImageryRequest.objects.exclude(blocked_reason="")
    priced = ImageryRequest.objects.filter(state=State.OFFERED, priced_eur__gt=0)

    assert [request.blocked_reason for request in blocked] == ["membership_suspended"]
    assert priced.count() == 1


def test_a_window_ends_within_two_weeks():
    ends = ImageryRequest.objects.filter(state=State.ORDERED, window_ends_on__lt=world.in_days(14))

    assert ends.count() == 1


def test_people_join_write_and_are_copied():
    assert ImageryRequest.objects.filter(co_requesters__isnull=False).count() == 2
    assert Attachment.objects.get().message.request.title.startswith("Étangs palavasiens")
    copies = CopyAddress.objects.order_by("pk")
    assert [copy.is_confirmed for copy in copies] == [True, False]


def test_one_region_is_open_and_another_awaits_its_signature():
    given = Licence.objects.filter(subject="region").order_by("pk")

    assert [licence.state for licence in given] == ["issued", "awaiting"]
    assert given[0].signature.user == person("claude.director@demo.invalid")


def test_member_with_a_legal_representative_has_its_documents():
    given = Licence.objects.filter(subject="membership").order_by("kind")

    assert [licence.kind for licence in given] == [
        "charter_acceptance", "membership_act", "membership_certificate",
    ]  # fmt: skip


def test_everything_was_told():
    waiting = OutboxMessage.objects.exclude(state=OutboxState.DONE)

    assert list(waiting.values_list("topic", "last_error")) == []
    assert Notice.objects.filter(reader=person("camille.requester@demo.invalid")).exists()


def test_scenes_of_the_archive_lie_over_what_is_asked():
    over = [
        ArchiveScene.objects.filter(footprint__intersects=request.aoi).exists()
        for request in ImageryRequest.objects.filter(request_kind="archive")
    ]

    assert over.count(True) > len(over) / 2


def test_a_second_run_adds_nothing():
    before = (User.objects.count(), ImageryRequest.objects.count(), ArchiveScene.objects.count())

    call_command("load_demo", verbosity=0)

    after = (User.objects.count(), ImageryRequest.objects.count(), ArchiveScene.objects.count())
    assert after == before


@pytest.mark.parametrize("email", accounts())
def test_no_page_fails(email, proof):
    """Goes from link to link, the nearest first."""
    client = Client(headers={"accept-language": "fr"})
    client.force_login(person(email), backend="django.contrib.auth.backends.ModelBackend")
    waiting, seen, failed = deque(reverse(name) for name in ENTRANCES), set(), {}

    while waiting and len(seen) < PAGES:
        path = waiting.popleft()
        if path in seen or path.startswith(LEFT_OUT):
            continue
        seen.add(path)
        response = client.get(path, follow=True)
        if response.status_code != 200:
            failed[path] = response.status_code
        if response.streaming:
            assert b"".join(response)  # a file that is read to its end is closed
        elif response.get("Content-Type", "").startswith("text/html"):
            waiting.extend(unescape(link) for link in LINK.findall(response.text))

    proof(f"pages of the demonstration as {email.partition('@')[0]}", len(seen))
    assert failed == {}
    assert len(seen) >= 20

"""What stands behind the live server: a programme at work, one that begins, one with long names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from pytest_django.live_server_helper import LiveServer

from eligibility.models import Entity, User
from licences.models import Licence
from licences.rendering import render
from requests_app.models import ImageryRequest
from tests.browser.french import texts_of_rows
from tests.eligibility.factories import UserFactory
from tests.places.factories import PlaceFactory
from tests.requests_app import world as path
from tests.rights.build import build
from tests.rights.world import PASSWORD, World

LONG = 80
LONG_NAME = "Institut interuniversitaire d'observation de la Terre et des milieux ultramarins"
LONG_PERSON = "Marie-Antoinette de La Rochefoucauld-Montbazon Vandenbroucke-Papadimitriou-Garci"
LONG_TITLE = "Cartographie pluriannuelle des écosystèmes côtiers de l'archipel des Kerguelen 2"
LONG_PLACE = (
    "Communauté de communes Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson et Bocage bressan"
)
LONG_FILE = "zone_d_etude_kerguelen_saint_paul_amsterdam_crozet_version_definitive_2026.geojs"
EMPTY_ROLES = ("requester", "legal_representative", "reviewer", "secretariat", "stranger")


@dataclass
class Site:
    """``sessions`` maps a role to its session key; the anonymous visitor has none."""

    url: str
    world: World | None
    sessions: dict[str, str]
    texts_of_rows: frozenset[str]
    kind: str = ""

    def cookies(self, role: str) -> dict[str, str]:
        key = self.sessions.get(role)
        return {settings.SESSION_COOKIE_NAME: key} if key else {}


@contextmanager
def serving(kind: str, folder: Path, blocker: Any) -> Iterator[Site]:
    """A live server on the test's database, which is emptied in the end."""
    with override_settings(MEDIA_ROOT=folder), blocker.unblock():
        with transaction.atomic():
            world, sessions = BUILDERS[kind]()
        server = LiveServer("localhost")
        try:
            yield Site(server.url, world, sessions, texts_of_rows())
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)
            ContentType.objects.clear_cache()


def sessions_of(clients: dict[str, Client]) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {
        role: client.cookies[name].value
        for role, client in clients.items()
        if name in client.cookies
    }


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def at_work() -> tuple[World, dict[str, str]]:
    world = build()
    for name in ("Saint-Denis", LONG_PLACE):
        PlaceFactory(name=name, parent_label="La Réunion (974)")
    return world, sessions_of(world.clients)


def beginning() -> tuple[None, dict[str, str]]:
    """The policy and the people; nobody has asked for anything."""
    found = path.programme()
    found.people["stranger"] = UserFactory(full_name="")
    for person in found.people.values():
        person.set_password(PASSWORD)
    User.objects.bulk_update(found.people.values(), ["password"])
    clients = {role: signed_in(found.people[role]) for role in EMPTY_ROLES}
    return None, sessions_of(clients)


def long_names() -> tuple[World, dict[str, str]]:
    world = build()
    assert {len(each) for each in (LONG_NAME, LONG_PERSON, LONG_TITLE, LONG_FILE)} == {LONG}
    Entity.objects.update(name=LONG_NAME, acronym="")
    User.objects.update(full_name=LONG_PERSON)
    ImageryRequest.objects.update(title=LONG_TITLE, aoi_file_name=LONG_FILE)
    # The licence keeps the names of the day it was issued.
    aoi = MultiPolygon(Polygon.from_bbox((-1, 45, -0.92, 45.08)), srid=4326)
    approved = path.approved(world.programme, aoi=aoi, title=LONG_TITLE)
    licence = Licence.objects.get(request_number=approved.number)
    render(licence.pk)
    world.objects["licence"] = {"number": licence.number}
    return world, sessions_of(world.clients)


BUILDERS = {"at work": at_work, "beginning": beginning, "long names": long_names}

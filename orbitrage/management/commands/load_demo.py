"""A small country to try the service with: entities, people, and requests in the main states."""

import tomllib
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from catalogue.services import keep_scenes
from eligibility.models import User
from orbitrage.demonstration.country import Demonstration
from orbitrage.outbox_handlers import HANDLERS
from orbitrage.shared import outbox
from places.models import Place

PLACES = {
    "region": "regions",
    "department": "departments",
    "epci": "epci",
    "overseas": "overseas",
    "commune": "communes",
}


class Command(BaseCommand):
    help = "Loads the demonstration data into a private database; a second run adds nothing."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not (settings.ORBITRAGE_DEMO and settings.ORBITRAGE_PRIVATE_DATABASE):
            raise CommandError(
                "Demonstration data go into the private database only, with ORBITRAGE_DEMO=1."
            )
        path = settings.BASE_DIR / "fixtures" / "demo" / "demonstration.toml"
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        if not User.objects.filter(email=said["person"][0]["email"]).exists():
            with translation.override("fr"), transaction.atomic():
                Demonstration(said).load()
            outbox.drain(HANDLERS)
        load_places()
        Demonstration(said).give_territories()
        with translation.override("fr"):
            Demonstration(said).open_regions()
        outbox.drain(HANDLERS)
        load_scenes()
        self.stdout.write("Accounts (choose one on the sign-in page, no password):")
        for person in [*said["person"][:4], *said["officer"]]:
            self.stdout.write(f"  {person['role']:22} {person['name']:18} {person['email']}")


def load_scenes() -> None:
    """Twice, each is kept once."""
    path = settings.BASE_DIR / "fixtures" / "demo" / "scenes" / "scenes.geojson"
    keep_scenes(data=path.read_bytes())


def load_places() -> None:
    """Regions before departments before communes: each is named after what it is part of."""
    if Place.objects.exists():
        return
    folder = settings.BASE_DIR / "fixtures" / "demo" / "places"
    for kind, name in PLACES.items():
        call_command(
            "import_places",
            folder / f"{name}.geojson",
            kind=kind,
            source="Orbitrage, rough outlines made for the demonstration",
            as_of=date(2026, 1, 1),
            verbosity=0,
        )

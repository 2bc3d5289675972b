"""A small country to try the service with: entities, people, and requests in the main states."""

import tomllib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from eligibility.models import User
from orbitrage.demonstration.country import Demonstration


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
        self.stdout.write("Accounts (choose one on the sign-in page, no password):")
        for person in [*said["person"][:4], *said["officer"]]:
            self.stdout.write(f"  {person['role']:22} {person['name']:18} {person['email']}")

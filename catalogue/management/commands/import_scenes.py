from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalogue import services
from catalogue.sources.oneatlas import BYTES_MAXIMUM
from orbitrage.shared.errors import DomainError


class Command(BaseCommand):
    help = "Keep the scenes of recorded answers of the operator's archive search."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's
        refused = 0
        for file in options["files"]:
            try:
                count = services.keep_scenes(data=_read(file))
            except DomainError as error:
                refused += 1
                self.stderr.write(f"{file}: {', '.join(error.codes)}: {error}")
            else:
                self.stdout.write(f"{file}: {count}")
        if refused:
            raise CommandError(_("%(count)d files were refused.") % {"count": refused})


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise CommandError(_("%(path)s: there is no such file.") % {"path": file})
    with file.open("rb") as opened:
        return opened.read(BYTES_MAXIMUM + 1)

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalogue import services
from catalogue.sources.dimap import BYTES_MAXIMUM
from orbitrage.shared.errors import DomainError

SUFFIXES = (".xml", ".dim")
# Beside a product's own file its folder holds volumes, strips and models, which are no images.
NO_IMAGE = ("not_dimap", "unsupported_profile")


class Command(BaseCommand):
    help = "Read the DIMAP metadata of delivered images into the catalogue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--audience",
            nargs="+",
            default=[],
            metavar="KEY",
            help="who may download: open, member, licence:<kind>, entity:<number>. "
            "By default: open for open data, member for the rest. All but open hold for the "
            "image's sensor only.",
        )
        parser.add_argument("--request-number", default="", metavar="NUMBER")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's
        refused = 0
        for path, was_named in _files(options["paths"]):
            try:
                item = services.ingest_dimap(
                    data=_read(path),
                    audience=options["audience"],
                    request_number=options["request_number"],
                    source_name=path.name,
                )
            except DomainError as error:
                if not was_named and set(error.codes) <= set(NO_IMAGE):
                    continue
                refused += 1
                self.stderr.write(f"{path}: {', '.join(error.codes)}: {error}")
            else:
                self.stdout.write(
                    f"{path}: {item.identifier} ({item.mission}, {item.acquired_at:%Y-%m-%d})"
                )
        if refused:
            raise CommandError(_("%(count)d files were refused.") % {"count": refused})


def _files(paths: list[Path]) -> Iterator[tuple[Path, bool]]:
    """Each file, and whether it was named itself rather than found in a folder."""
    for path in paths:
        if path.is_dir():
            found = (file for file in sorted(path.rglob("*")) if file.is_file())
            yield from ((file, False) for file in found if file.suffix.lower() in SUFFIXES)
        elif path.is_file():
            yield path, True
        else:
            raise CommandError(_("%(path)s: there is no such file.") % {"path": path})


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(BYTES_MAXIMUM + 1)

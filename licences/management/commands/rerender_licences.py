"""``manage.py rerender_licences``: are the documents given out still what their records say?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from licences.models import LicenceFile
from licences.rendering import print_again
from orbitrage.shared.documents import files
from orbitrage.shared.documents.comparing import differences
from orbitrage.shared.documents.files import FileAltered, FileAway

AT_ONCE = 50


class Command(BaseCommand):
    help = (
        "Prints each document again from its record and says which differ from what was given out,"
        " and in what. Changes nothing. Ends with 1 where one differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--number", help="of one licence only")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        rows = LicenceFile.objects.select_related("licence", "annex").order_by("pk")
        if options["number"]:
            rows = rows.filter(licence__number=options["number"])
        same_bytes, alike, different = 0, 0, 0
        for row in rows.iterator(AT_ONCE):
            found = self._found(row)
            if found is None:
                same_bytes += 1
            elif not found:
                alike += 1
            else:
                different += 1
                self.stdout.write(f"{row.storage_name}: {', '.join(found)}")
        self.stdout.write(
            f"{same_bytes} the same, byte for byte; {alike} alike; {different} differ"
        )
        if different:
            raise CommandError("Some documents are not what their records say.", returncode=1)

    def _found(self, row: LicenceFile) -> list[str] | None:
        """None where the bytes are those printed before the seal."""
        try:
            kept = files.read(row.storage_name, row.sha256)
        except (FileAltered, FileAway) as error:
            return [str(error)]
        again = print_again(row.document, row.language)
        return None if files.digest(again) == row.printed_sha256 else differences(kept, again)

"""Write the pages of docs/ that are made from the code and the policy."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orbitrage.generated_docs import generated_pages


class Command(BaseCommand):
    help = "Writes docs/workflow.md and docs/policy.md; --check fails when they are stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        stale = [
            path
            for path, content in generated_pages().items()
            if not path.exists() or path.read_text(encoding="utf-8") != content
        ]
        if options["check"] and stale:
            raise CommandError("stale: " + ", ".join(path.name for path in stale))
        for path in stale:
            path.write_text(generated_pages()[path], encoding="utf-8")
            self.stdout.write(f"wrote {path.name}")

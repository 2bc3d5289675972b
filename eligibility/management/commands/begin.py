"""A real agency's first run."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from eligibility import services
from eligibility.models import User
from eligibility.policy_loading import KINDS, load_rows, read_file
from orbitrage.shared.errors import DomainError

QUESTIONS = {
    "name": "Name of the service, as its mails sign it",
    "sender": "Address its mails come from",
    "languages": "Languages of its pages, the first one by default (fr,en)",
    "email": "E-mail of the first account of the secretariat",
    "full_name": "Full name of that person",
}


class Command(BaseCommand):
    help = (
        "First run of a real agency: writes the environment file, loads the cells, opens the first "
        "account of the secretariat and prints the link by which its owner chooses a password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, question in QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=question)
        parser.add_argument("--cells", type=Path, help="policy file (TOML) of the agency's cells")
        parser.add_argument(
            "--environment",
            type=Path,
            default=settings.BASE_DIR / "var" / "orbitrage.env",
            help="file to write the settings to (default: var/orbitrage.env)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        answers = {name: options[name] or _ask(name) for name in QUESTIONS}
        _check(answers)
        try:
            with transaction.atomic():
                if options["cells"]:
                    report = load_rows(read_file(options["cells"]), KINDS)
                    self.stdout.write(f"Cells: {len(report.added)} rows added.")
                user = _first_account(answers)
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        _write_environment(options["environment"], answers)
        self.stdout.write(f"Settings written to {options['environment']}.")
        self.stdout.write(f"{user.full_name} chooses a password here: {_password_link(user)}")
        self.stdout.write("Next: load_policy, then start the service with these settings.")


def _ask(name: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"--{name.replace('_', '-')} is missing: {QUESTIONS[name]}.")
    answer = ""
    while not answer:
        answer = input(f"{QUESTIONS[name]}: ").strip()
    return answer


def _check(answers: dict[str, str]) -> None:
    for name in ("sender", "email"):
        try:
            validate_email(answers[name])
        except ValidationError as error:
            raise CommandError(f"--{name}: {answers[name]!r} is not an address.") from error
    known = {code for code, _label in settings.LANGUAGES}
    if not set(answers["languages"].split(",")) <= known:
        raise CommandError(f"--languages: among {', '.join(sorted(known))}.")
    if any(character in value for value in answers.values() for character in '\n"<>'):
        raise CommandError('An answer holds no quotation mark, no "<" and no line break.')


def _first_account(answers: dict[str, str]) -> User:
    email = answers["email"].lower()
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(
            email,
            full_name=answers["full_name"],
            language=answers["languages"].split(",")[0],
            is_staff=True,
        )
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    services.open_office(user_id=user.pk)
    return user


def _write_environment(path: Path, answers: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'ORBITRAGE_NAME="{answers["name"]}"\n'
        f'ORBITRAGE_MAIL_FROM="{answers["name"]} <{answers["sender"]}>"\n'
        f'ORBITRAGE_LANGUAGES="{answers["languages"]}"\n',
        encoding="utf-8",
    )


def _password_link(user: User) -> str:
    parts = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    path = reverse("account_reset_password_from_key", kwargs=parts)
    return f"{settings.ORBITRAGE_PUBLIC_URL}{path}"

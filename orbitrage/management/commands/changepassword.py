import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from eligibility import services
from eligibility.models import User


class Command(changepassword.Command):
    """Django's own, and what the pages end with a password. This app comes before Django's, so that
    its command is the one that is run."""

    help = f"{changepassword.Command.help} Ends its sessions, tokens and calendar address."

    def handle(self, *args: Any, **options: Any) -> str | None:
        told: str | None = super().handle(*args, **options)
        user = User.objects.get_by_natural_key(options["username"] or getpass.getuser())
        services.end_what_is_open(user_id=user.pk)
        return told

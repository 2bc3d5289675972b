"""Links for whoever reads an address that is copied: signed, so that nothing secret is stored."""

from django.core import signing
from django.urls import reverse

from notices.models.copies import TIME_TO_CONFIRM, CopyAddress

CONFIRM = "notices.copies.confirm"
STOP = "notices.copies.stop"


def path_to_confirm(copy: CopyAddress) -> str:
    return reverse("notices:copy_confirm", args=[signing.dumps(copy.pk, salt=CONFIRM)])


def path_to_stop(copy: CopyAddress) -> str:
    return reverse("notices:copy_stop", args=[signing.dumps(copy.pk, salt=STOP)])


def copy_to_confirm(token: str) -> int | None:
    """The key of the copy that the token is about; None for a token that is wrong or too old."""
    return _read(token, CONFIRM, max_age_s=int(TIME_TO_CONFIRM.total_seconds()))


def copy_to_stop(token: str) -> int | None:
    return _read(token, STOP)


def _read(token: str, salt: str, *, max_age_s: int | None = None) -> int | None:
    try:
        return int(signing.loads(token, salt=salt, max_age=max_age_s))
    except signing.BadSignature:
        return None

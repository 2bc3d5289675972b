"""A call that is sent again with its key is answered again, and done once.

The key's row and what the call writes are one transaction: neither stands without the other, a call
that is refused leaves its key free, and a second that comes meanwhile waits for the first at the
unique index.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg.errors import LockNotAvailable

from orbitrage.shared.api.problems import Fault, Problem
from orbitrage.shared.models import IdempotentAnswer
from orbitrage.shared.transactions import retried_once

HEADER = "Idempotency-Key"
KEY_MAXIMUM_CHARACTERS = 200
KEPT_FOR = timedelta(hours=24)
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": gettext_noop(
        "Chosen by the caller. The same call sent again with the same key within 24 hours is "
        "answered again and done once."
    ),
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": KEY_MAXIMUM_CHARACTERS,
        "pattern": "^[!-~]+$",
    },
}


@dataclass(frozen=True)
class Answer:
    """What an operation answers with, as JSON; without a body, nothing."""

    body: dict[str, Any] | None
    status: int = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        if self.body is None:
            return ""
        return json.dumps(self.body, cls=DjangoJSONEncoder, ensure_ascii=False)


def once(
    request: HttpRequest, do: Callable[[], Answer], *, before: Callable[[], None] | None = None
) -> HttpResponse:
    """Run ``do``; with a key, only if it has not been done for this account already. With a key
    ``do`` is inside a transaction, which ``before`` commits ahead of: what takes locks there that
    come after those of ``do``. It may run more than once.

    Raises:
        Problem: idempotency_key_invalid, idempotency_key_reused, idempotency_key_in_use.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _respond(do())
    _demand_valid(key)
    if before is not None:
        before()
    account_id = request.user.pk
    assert account_id is not None  # the operation has authenticated it
    return _once(account_id=account_id, key=key, fingerprint=_fingerprint(request), do=do)


@retried_once
@transaction.atomic
def _once(*, account_id: int, key: str, fingerprint: str, do: Callable[[], Answer]) -> HttpResponse:
    row, is_new = _claim(account_id, key, fingerprint)
    if row.fingerprint != fingerprint:
        raise _refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            _("This key was used for another call on %(at)s: choose a new one.")
            % {"at": timezone.localtime(row.created_at).isoformat(timespec="seconds")},
        )
    if not is_new:
        return _again(row)
    done = do()
    row.status, row.body, row.headers = done.status, done.text(), done.headers
    row.save(update_fields=["status", "body", "headers"])
    return _respond(done)


def _claim(account_id: int, key: str, fingerprint: str) -> tuple[IdempotentAnswer, bool]:
    """Waits for whoever has the same key under way, as long as a lock may be waited for."""
    mine = IdempotentAnswer.objects.filter(account_id=account_id, key=key)
    mine.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    try:
        return IdempotentAnswer.objects.get_or_create(
            account_id=account_id, key=key, defaults={"fingerprint": fingerprint}
        )
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
    raise _refused(
        HTTPStatus.CONFLICT,
        "idempotency_key_in_use",
        _("The call with this key is still under way: ask again in a moment."),
        headers={"Retry-After": "1"},
    )


def _fingerprint(request: HttpRequest) -> str:
    said = f"{request.method}\n{request.get_full_path()}\n".encode()
    return hashlib.sha256(said + request.body).hexdigest()


def _demand_valid(key: str) -> None:
    is_printable = key.isascii() and key.isprintable() and " " not in key
    if is_printable and 1 <= len(key) <= KEY_MAXIMUM_CHARACTERS:
        return
    raise _refused(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency_key_invalid",
        _("A key has 1 to %(maximum)d printable ASCII characters, without spaces.")
        % {"maximum": KEY_MAXIMUM_CHARACTERS},
    )


def _refused(status: int, code: str, detail: str, **more: Any) -> Problem:
    return Problem(status, code, detail, faults=[Fault(code, detail, HEADER)], **more)


def _respond(done: Answer) -> HttpResponse:
    return HttpResponse(
        done.text(), status=done.status, content_type="application/json", headers=done.headers
    )


def _again(row: IdempotentAnswer) -> HttpResponse:
    headers = row.headers | {"Idempotency-Replayed": "true"}
    return HttpResponse(
        row.body, status=row.status or 200, content_type="application/json", headers=headers
    )


def forget_answers() -> int:
    """Deletes what no call can ask for any more."""
    old = IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    return old.delete()[0]

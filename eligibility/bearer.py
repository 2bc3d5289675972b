"""A program that shows a token: whom it acts for, and what it may do."""

import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from eligibility.models import ApiToken, Scope
from eligibility.services import hash_of, note_use
from orbitrage.shared.api.problems import Problem


class Bearer(HttpBearer):
    """Authenticates an operation that asks for ``scope``; a session's cookie opens none.

    Why a token is not taken is not said: unknown, ended, expired and suspended answer alike.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = (
            ApiToken.objects.usable().select_related("user").filter(sha256=hash_of(token)).first()
        )
        if found is None:
            return None
        _speak_to(request, found)
        _count_call(found)
        if self.scope not in found.scopes:
            raise _scope_missing(self.scope)
        if found.last_used_on != timezone.localdate():
            note_use(token_id=found.pk)
        request.user = found.user
        return found


def demand_scope(request: HttpRequest, scope: Scope) -> None:
    """For what an operation asks of some who call it and not of others.

    Raises:
        Problem: scope_missing.
    """
    token: ApiToken = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    if scope not in token.scopes:
        raise _scope_missing(scope)


def _speak_to(request: HttpRequest, token: ApiToken) -> None:
    """In the language that is asked for, else in that of the person."""
    if "Accept-Language" not in request.headers:
        translation.activate(token.user.language)


def _count_call(token: ApiToken) -> None:
    now_s = int(time.time())
    key = f"api.calls:{token.user_id}:{now_s // 60}"
    cache.add(key, 0, timeout=120)
    maximum = settings.ORBITRAGE_API_CALLS_PER_MINUTE
    if int(cache.incr(key)) <= maximum:
        return
    message = _("Your tokens have made your account's %(maximum)d calls of this minute.")
    raise Problem(
        429,
        "too_many_calls",
        message % {"maximum": maximum},
        headers={"Retry-After": str(60 - now_s % 60)},
    )


def _scope_missing(scope: Scope) -> Problem:
    message = _("This token does not have the scope “%(scope)s”, which this operation asks for.")
    return Problem(403, "scope_missing", message % {"scope": scope.value})

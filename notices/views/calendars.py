from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import services
from eligibility.models import CalendarAddress
from eligibility.signed_in import AuthenticatedRequest
from notices.calendars import calendar_file
from notices.selectors import agenda_of
from orbitrage.shared.errors import DomainError
from orbitrage.shared.letters import address_of

# Kept by the browser alone, until the next page has shown it.
NEW_TOKEN_COOKIE = "new_calendar"  # noqa: S105 - a name
NEW_TOKEN_LIFE_S = 120


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reauthentication_required(allow_get=True)
def calendar(request: AuthenticatedRequest) -> HttpResponse:
    """A new address only with the password given again."""
    if request.method == "POST":
        return _with_new_address(request)
    token = _new_token(request)
    context = {
        "address": CalendarAddress.objects.filter(user=request.user).first(),
        "new_address": token and address_of(reverse("notices:calendar_feed", args=[token])),
    }
    response = render(request, "notices/calendar.html", context)
    if token:
        response.delete_cookie(NEW_TOKEN_COOKIE, path=reverse("notices:calendar"))
    return response


def _with_new_address(request: AuthenticatedRequest) -> HttpResponse:
    try:
        token = services.make_calendar_address(
            user_id=request.user.pk, session_hash=request.user.get_session_auth_hash()
        )
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect("notices:calendar")
    response = redirect("notices:calendar")
    response.set_signed_cookie(
        NEW_TOKEN_COOKIE,
        token,
        salt=_salt(request),
        max_age=NEW_TOKEN_LIFE_S,
        path=reverse("notices:calendar"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _new_token(request: AuthenticatedRequest) -> str:
    try:
        kept = request.get_signed_cookie(
            NEW_TOKEN_COOKIE, salt=_salt(request), max_age=NEW_TOKEN_LIFE_S
        )
    except (KeyError, BadSignature):
        return ""
    return kept or ""


def _salt(request: AuthenticatedRequest) -> str:
    """The next account to sign in at this browser does not read it."""
    return f"notices.calendar:{request.user.pk}"


@login_required
@require_POST
def end_calendar(request: AuthenticatedRequest) -> HttpResponse:
    services.end_calendar_address(user_id=request.user.pk)
    messages.success(request, _("The address of your calendar opens nothing any more."))
    return redirect("notices:calendar")


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs: whoever has the address reads it, without signing in."""
    opened = CalendarAddress.objects.opened_by(token).select_related("user")
    address = get_object_or_404(opened)
    with override(address.user.language):
        file = calendar_file(agenda_of(address.user), made_at=address.made_at)
    response = HttpResponse(file.content, content_type="text/calendar; charset=utf-8")
    tag = quote_etag(file.tag)
    response.headers["ETag"] = tag
    response.headers["Last-Modified"] = http_date(file.changed_at.timestamp())
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = 'inline; filename="orbitrage.ics"'
    # By the tag alone: an entry that went away leaves the calendar older than it was.
    return get_conditional_response(request, etag=tag, response=response) or response

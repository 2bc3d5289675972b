"""What the frame of every page needs: who is looking, and where they may go."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from eligibility.models import User
from eligibility.permissions import NOBODY, Actor
from eligibility.selectors import actor_of
from notices.selectors import unread_count

NOTICES = "notices:list"


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True)
class Navigation:
    items: list[NavigationItem] = field(default_factory=list)
    account_items: list[NavigationItem] = field(default_factory=list)
    unread: int = 0


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor. The navigation asks the database only when a page shows it."""
    return {
        "site_navigation": SimpleLazyObject(lambda: navigation_of(request)),
        "is_demonstration": settings.ORBITRAGE_DEMO,
    }


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor behind ``request``, computed once for it."""
    actor: Actor | None = getattr(request, "_orbitrage_actor", None)
    if actor is None:
        # A request that failed before authentication has no user.
        user = getattr(request, "user", None)
        actor = actor_of(user) if user is not None and user.is_authenticated else NOBODY
        request._orbitrage_actor = actor  # type: ignore[attr-defined]  # noqa: SLF001
    return actor


def navigation_of(request: HttpRequest) -> Navigation:
    actor = actor_of_request(request)
    user = getattr(request, "user", None)
    unread = unread_count(user, actor) if isinstance(user, User) else 0
    counts = {NOTICES: unread}
    return Navigation(
        items=[to_item(request, *entry, counts.get(entry[1], 0)) for entry in main_entries(actor)],
        account_items=[to_item(request, *entry) for entry in account_entries(request)],
        unread=unread,
    )


def to_item(request: HttpRequest, label: str, url_name: str, count: int = 0) -> NavigationItem:
    url = reverse(url_name)
    is_current = request.path.startswith(url)
    return NavigationItem(label=label, url=url, is_current=is_current, count=count)


def main_entries(actor: Actor) -> Iterator[tuple[str, str]]:
    is_signed_in = actor.user_id is not None
    if is_signed_in:
        yield _("Requests"), "requests:list"
    if actor.is_officer:
        yield _("Queue"), "queue:list"
    yield _("Find images"), "catalogue:list"
    if is_signed_in:
        yield _("Quotas"), "quotas:list"
        yield _("Licences"), "licences:list"
    yield _("Who may ask"), "eligibility:rules"
    if is_signed_in:
        yield _("Notices"), NOTICES
    if not is_signed_in:
        yield _("Check a licence"), "licences:verify_form"


def account_entries(request: HttpRequest) -> Iterator[tuple[str, str]]:
    yield _("My account and organisation"), "eligibility:profile"
    user = getattr(request, "user", None)
    if user is not None and user.is_staff:
        yield _("Administration"), "admin:index"

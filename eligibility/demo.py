"""The accounts that a demonstration offers on its sign-in page, and only there."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Affiliation, CellMember, ProgrammeRole, User


def is_offered() -> bool:
    """Never on a database that others may share: only on the private one under var/."""
    return bool(settings.ORBITRAGE_DEMO and settings.ORBITRAGE_PRIVATE_DATABASE)


def accounts() -> "QuerySet[User]":
    """Active accounts that hold a post today, their posts loaded."""
    today = timezone.localdate()
    affiliations = Affiliation.objects.running(today)
    posts = CellMember.objects.running(today)
    roles = ProgrammeRole.objects.running(today)
    mine = {"user": OuterRef("pk")}
    return (
        User.objects.filter(is_active=True)
        .filter(
            Exists(affiliations.filter(**mine))
            | Exists(posts.filter(**mine))
            | Exists(roles.filter(**mine))
        )
        .prefetch_related(
            Prefetch("affiliations", affiliations.select_related("entity")),
            Prefetch("cell_posts", posts.select_related("cell")),
            Prefetch("programme_roles", roles),
        )
    )


@dataclass(frozen=True)
class Offer:
    user_id: int
    name: str
    post: str


@dataclass(frozen=True)
class OfferGroup:
    title: str
    offers: tuple[Offer, ...]


def offers() -> list[OfferGroup]:
    """One button per account, under the first of its posts: programme, cell, organisation."""
    titles = {
        "entity": _("Organisations"),
        "cell": _("Cells"),
        "programme": _("Programme"),
    }
    groups: dict[str, list[Offer]] = {kind: [] for kind in titles}
    for user in accounts():
        kind, post = _post_of(user)
        groups[kind].append(Offer(user.pk, user.full_name, post))
    return [OfferGroup(titles[kind], _sorted(found)) for kind, found in groups.items() if found]


def _post_of(user: User) -> tuple[str, str]:
    roles = list(user.programme_roles.all())
    if roles:
        return "programme", str(roles[0].get_role_display())
    posts = list(user.cell_posts.all())
    if posts:
        names = ", ".join(dict.fromkeys(str(post.get_role_display()) for post in posts))
        cells = ", ".join(dict.fromkeys(post.cell.name for post in posts))
        return "cell", f"{names} — {cells}"
    affiliations = list(user.affiliations.all())
    names = ", ".join(str(each.get_role_display()) for each in affiliations)
    return "entity", f"{names} — {affiliations[0].entity}"


def _sorted(found: list[Offer]) -> tuple[Offer, ...]:
    return tuple(sorted(found, key=lambda offer: (offer.post.split(" — ")[-1], offer.name)))

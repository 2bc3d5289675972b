import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from eligibility.models import Affiliation, CellMember, Entity, Mandate, ProgrammeRole, User
from eligibility.permissions import NOBODY, Actor


def actor_of(user: User | AnonymousUser) -> Actor:
    """One query: every post this account holds today."""
    if user.pk is None or not user.is_active:
        return NOBODY
    posts = _posts_of(user.pk, timezone.localdate())
    entities = [(post_id, role) for kind, post_id, role in posts if kind == "entity"]
    programme = {role for kind, _id, role in posts if kind == "programme"}
    return Actor(
        user_id=user.pk,
        entity_ids=frozenset(entity_id for entity_id, _role in entities),
        contact_of=_with_role(entities, Affiliation.Role.ENTITY_CONTACT),
        legal_representative_of=_with_role(entities, Affiliation.Role.LEGAL_REPRESENTATIVE),
        cells=frozenset((cell_id, role) for kind, cell_id, role in posts if kind == "cell"),
        is_secretariat="secretariat" in programme,
        is_observer="observer" in programme,
        mandated_for=frozenset(post_id for kind, post_id, _role in posts if kind == "mandate"),
    )


def _with_role(posts: Iterable[tuple[int, str]], wanted: str) -> frozenset[int]:
    return frozenset(post_id for post_id, role in posts if role == wanted)


def _posts_of(user_id: int, on: dt.date) -> list[tuple[str, int, str]]:
    def kind(name: str) -> Cast:
        return Cast(Value(name), CharField())

    affiliations = Affiliation.objects.running(on).filter(user_id=user_id)
    mandates = Mandate.objects.in_force(on).filter(contractor__in=affiliations.values("entity_id"))
    cells = CellMember.objects.running(on).filter(user_id=user_id)
    programme = ProgrammeRole.objects.running(on).filter(user_id=user_id)
    rows = (
        affiliations.order_by()
        .annotate(kind=kind("entity"))
        .values_list("kind", "entity_id", "role")
        .union(
            cells.order_by().annotate(kind=kind("cell")).values_list("kind", "cell_id", "role"),
            programme.order_by().annotate(kind=kind("programme")).values_list("kind", "id", "role"),
            mandates.order_by()
            .annotate(kind=kind("mandate"), role=kind(""))
            .values_list("kind", "principal_id", "role"),
        )
    )
    return list(rows)


def contacts_of(entity_id: int, on: dt.date) -> list[User]:
    """Who, of an entity, accepts a price and activates people."""
    posts = Affiliation.objects.running(on).filter(
        entity_id=entity_id, role=Affiliation.Role.ENTITY_CONTACT
    )
    return list(User.objects.filter(affiliations__in=posts).order_by("pk"))


def people_to_activate(actor: Actor) -> QuerySet[Affiliation]:
    """Who asked to join an entity whose people this account manages."""
    managed = actor.contact_of | actor.legal_representative_of
    return Affiliation.objects.pending().filter(entity_id__in=managed)


@dataclass(frozen=True)
class OnBehalf:
    """In whose name a request is made: one's own entity, or a principal by a mandate."""

    entity: Entity
    mandate: Mandate | None = None

    @property
    def key(self) -> str:
        """Names it in a form, and to programs."""
        return f"{self.entity.pk}-{self.mandate.pk if self.mandate else 0}"


def acting_for(user: User | AnonymousUser, on: dt.date) -> list[OnBehalf]:
    if user.pk is None:
        return []
    mine = Affiliation.objects.running(on).filter(user_id=user.pk).values("entity_id")
    entities = Entity.objects.filter(pk__in=mine).select_related("category")
    mandates = (
        Mandate.objects.in_force(on)
        .filter(contractor__in=mine)
        .select_related("principal__category", "contractor__category")
        .order_by("principal__name", "pk")
    )
    own = [OnBehalf(entity) for entity in entities]
    return own + [OnBehalf(mandate.principal, mandate) for mandate in mandates]

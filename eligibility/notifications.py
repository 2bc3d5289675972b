"""Letters about affiliations and memberships, each in its reader's language.

A letter has a template of its name in `eligibility/mail`: its first line is the subject. Each is an
outbox row of its own, so that an address that refuses it holds up nobody else; its Message-ID comes
from the notice and the reader, so that a second sending is recognised.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Affiliation, Entity, Membership, User
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of

AFFILIATION_TOPIC = "eligibility.affiliation"
MEMBERSHIP_TOPIC = "eligibility.membership"
ACCEPTANCE_TOPIC = "eligibility.acceptance"
MAIL_TOPIC = "eligibility.mail"

# Who asked is not a member: the page of the entity is not theirs.
WITHOUT_PAGE = frozenset({"affiliation_declined"})
KINDS = {"affiliation_requested": LetterKind.PEOPLE}
"""The others are decisions."""


class AboutEntity(Protocol):
    """A row that a letter is about."""

    pk: int
    entity: Entity


def tell_of_affiliation(payload: Mapping[str, Any]) -> None:
    """`requested` to whoever may activate it; `activated`, `declined` to whoever asked."""
    affiliation = Affiliation.objects.select_related("user").get(pk=payload["id"])
    readers: Iterable[User] = [affiliation.user]
    if payload["event"] == "requested":
        readers = people_of(affiliation.entity_id, Affiliation.MANAGING_ROLES)
    _tell(AFFILIATION_TOPIC, readers, payload)


def tell_of_membership(payload: Mapping[str, Any]) -> None:
    """`opened`, `suspended`, `reinstated` to the entity's contacts and legal representative."""
    membership = Membership.objects.get(pk=payload["id"])
    _tell(MEMBERSHIP_TOPIC, people_of(membership.entity_id, Affiliation.MANAGING_ROLES), payload)


def people_of(entity_id: int, roles: tuple[str, ...]) -> models.QuerySet[User]:
    posts = Affiliation.objects.running(timezone.localdate())
    posts = posts.filter(entity_id=entity_id, role__in=roles)
    return User.objects.filter(is_active=True, pk__in=posts.values("user_id")).order_by("pk")


def _tell(topic: str, readers: Iterable[User], payload: Mapping[str, Any]) -> None:
    """Leave to the outbox one mail per reader."""
    with transaction.atomic():
        for reader in readers:
            outbox.write(
                topic=MAIL_TOPIC,
                key=_key(topic, payload["notice"], reader.pk),
                payload={**payload, "topic": topic, "reader_id": reader.pk},
            )


def _key(topic: str, notice: str, reader_id: int) -> str:
    return f"{topic}:{notice}:{reader_id}"


def letter_of(payload: Mapping[str, Any]) -> Letter:
    topic, notice = payload["topic"], payload["notice"]
    reader = User.objects.get(pk=payload["reader_id"])
    about = _row(topic, payload["id"])
    sort = topic.rpartition(".")[2]
    template = f"{sort}_{payload['event']}"
    path = reverse("eligibility:entity", args=[about.entity.pk])
    context = {"about": about, "entity": about.entity, "reader": reader, "url": address_of(path)}
    return Letter(
        key=_key(topic, notice, reader.pk),
        message_name=f"{notice}-{reader.pk}",
        kind=KINDS.get(template, LetterKind.DECISION),
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=(sort, about.pk),
        path="" if template in WITHOUT_PAGE else path,
        texts=texts_of(reader.language, f"eligibility/mail/{template}.txt", context),
    )


def _row(topic: str, row_id: int) -> AboutEntity:
    if topic == AFFILIATION_TOPIC:
        return Affiliation.objects.select_related("user", "entity").get(pk=row_id)
    return Membership.objects.select_related("entity").get(pk=row_id)

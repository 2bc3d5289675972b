"""Mails about affiliations and memberships, each in its reader's language.

A mail has a template of its name in `eligibility/mail`: its first line is the subject. Each is an
outbox row of its own, so that an address that refuses it holds up nobody else; its Message-ID comes
from the notice and the reader, so that a second sending is recognised.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from eligibility.models import Affiliation, Entity, Membership, User
from orbitrage.shared import outbox

AFFILIATION_TOPIC = "eligibility.affiliation"
MEMBERSHIP_TOPIC = "eligibility.membership"
MAIL_TOPIC = "eligibility.mail"


class Notice(Protocol):
    """What both kinds of notice are about."""

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
                key=f"{topic}:{payload['notice']}:{reader.pk}",
                payload={**payload, "topic": topic, "reader_id": reader.pk},
            )


def send_mail(payload: Mapping[str, Any]) -> None:
    about: Notice
    if payload["topic"] == AFFILIATION_TOPIC:
        about = Affiliation.objects.select_related("user", "entity").get(pk=payload["id"])
        template = f"affiliation_{payload['event']}"
    else:
        about = Membership.objects.select_related("entity").get(pk=payload["id"])
        template = f"membership_{payload['event']}"
    reader = User.objects.get(pk=payload["reader_id"])
    _mail(about, template, reader, payload["notice"]).send()


def _mail(about: Notice, template: str, reader: User, notice: str) -> EmailMessage:
    path = reverse("eligibility:entity", args=[about.entity.pk])
    context = {
        "about": about,
        "entity": about.entity,
        "reader": reader,
        "url": f"{settings.ORBITRAGE_PUBLIC_URL}{path}",
    }
    with override(reader.language):
        text = render_to_string(f"eligibility/mail/{template}.txt", context).strip()
    subject, _, body = text.partition("\n")
    return EmailMessage(
        subject=subject,
        body=body.strip() + "\n",
        to=[reader.email],
        headers={"Message-ID": f"<{notice}-{reader.pk}@{settings.ORBITRAGE_MAIL_DOMAIN}>"},
    )

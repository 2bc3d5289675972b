"""Mails about affiliations and memberships, each in its reader's language.

A mail has a template of its name in `eligibility/mail`: its first line is the subject. The
Message-ID comes from the notice, so that a second sending is recognised.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from eligibility.models import Affiliation, Entity, Membership, User

AFFILIATION_TOPIC = "eligibility.affiliation"
MEMBERSHIP_TOPIC = "eligibility.membership"


class Notice(Protocol):
    """What both kinds of notice are about."""

    entity: Entity


def send_affiliation_notice(payload: Mapping[str, Any]) -> None:
    """`requested` to whoever may activate it; `activated`, `declined` to whoever asked."""
    affiliation = Affiliation.objects.select_related("user", "entity").get(pk=payload["id"])
    if payload["event"] == "requested":
        readers = list(people_of(affiliation.entity_id, Affiliation.MANAGING_ROLES))
    else:
        readers = [affiliation.user]
    _send(affiliation, f"affiliation_{payload['event']}", readers, payload["notice"])


def send_membership_notice(payload: Mapping[str, Any]) -> None:
    """`opened`, `suspended`, `reinstated` to the entity's contacts and legal representative."""
    membership = Membership.objects.select_related("entity").get(pk=payload["id"])
    readers = list(people_of(membership.entity_id, Affiliation.MANAGING_ROLES))
    _send(membership, f"membership_{payload['event']}", readers, payload["notice"])


def people_of(entity_id: int, roles: tuple[str, ...]) -> models.QuerySet[User]:
    posts = Affiliation.objects.running(timezone.localdate())
    posts = posts.filter(entity_id=entity_id, role__in=roles)
    return User.objects.filter(is_active=True, pk__in=posts.values("user_id")).order_by("pk")


def _send(about: Notice, template: str, readers: list[User], notice: str) -> None:
    for reader in readers:
        _mail(about, template, reader, notice).send()


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

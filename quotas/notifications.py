"""Letters about envelopes, each in its reader's language.

A letter has a template of its name in `quotas/mail`: its first line is the subject. Each is an
outbox row of its own, so that an address that refuses it holds up nobody else; its Message-ID comes
from the envelope, the threshold and the reader, so that a second sending is recognised.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Affiliation, CellMember, User
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of
from quotas.models import Envelope

THRESHOLD_TOPIC = "quotas.threshold"
MAIL_TOPIC = "quotas.mail"


def tell_of_threshold(payload: Mapping[str, Any]) -> None:
    """Leave to the outbox one mail per contact of the entity, or per chair of the cell."""
    envelope = Envelope.objects.get(pk=payload["envelope_id"])
    with transaction.atomic():
        for reader in readers_of(envelope):
            name = _name(payload["envelope_id"], payload["level"], reader.pk)
            outbox.write(
                topic=MAIL_TOPIC, key=":".join(name), payload={**payload, "reader_id": reader.pk}
            )


def readers_of(envelope: Envelope) -> models.QuerySet[User]:
    """Who answers for what an envelope is used for."""
    today = timezone.localdate()
    people = User.objects.filter(is_active=True).order_by("pk")
    if envelope.cell_id is not None:
        chairs = CellMember.objects.running(today).filter(cell_id=envelope.cell_id, role="chair")
        return people.filter(pk__in=chairs.values("user_id"))
    contacts = Affiliation.objects.running(today).filter(
        entity__envelopes=envelope, role=Affiliation.Role.ENTITY_CONTACT
    )
    return people.filter(pk__in=contacts.values("user_id"))


def letter_of(payload: Mapping[str, Any]) -> Letter:
    envelope = Envelope.objects.with_owner().get(pk=payload["envelope_id"])
    reader = User.objects.get(pk=payload["reader_id"])
    path = reverse("quotas:statement", args=[envelope.pk])
    context = {
        "envelope": envelope,
        "reader": reader,
        "level": payload["level"],
        "used_percent": payload["used_percent"],
        "threshold_percent": Decimal(payload["threshold_percent"]),
        "left": Decimal(payload["left"]),
        "url": address_of(path),
    }
    name = _name(envelope.pk, payload["level"], reader.pk)
    return Letter(
        key=":".join(name),
        message_name="-".join(name),
        kind=LetterKind.QUOTA,
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("envelope", envelope.pk),
        path=path,
        texts=texts_of(reader.language, "quotas/mail/threshold.txt", context),
    )


def _name(envelope_id: int, level: str, reader_id: int) -> tuple[str, ...]:
    return THRESHOLD_TOPIC, str(envelope_id), level, str(reader_id)

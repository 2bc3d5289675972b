"""Letters about licences, each in its reader's language.

A letter has a template of its name in ``licences/mail``: its first line is the subject. Each is an
outbox row of its own, so that an address that refuses it holds up nobody else.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from eligibility.models import Affiliation, User
from licences.models import Licence
from licences.signatories import acts_still, path_to_sign, role_of
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of

MAIL_TOPIC = "licences.mail"
KINDS = {
    "sign": LetterKind.DEADLINE,
    "expires": LetterKind.DEADLINE,
    "renewed": LetterKind.DECISION,
    "revoked": LetterKind.DECISION,
}


def concerned_by(licence: Licence) -> QuerySet[User]:
    """Who asked for it, while they still may read it, and those who manage the entity's affairs."""
    posts = Affiliation.objects.running(timezone.localdate()).filter(
        entity_id=licence.entity_id, role__in=Affiliation.MANAGING_ROLES
    )
    told = Q(pk__in=posts.values("user_id"))
    if acts_still(licence, licence.requester):
        told |= Q(pk=licence.requester_id)
    return User.objects.filter(told, is_active=True).order_by("pk")


def tell(event: str, licence: Licence, readers: Iterable[User], *, notice: str) -> None:
    """Leave to the outbox one mail per reader, once for each ``notice`` of an event."""
    for reader in readers:
        outbox.write(
            topic=MAIL_TOPIC,
            key=_key(event, notice, reader.pk),
            payload={
                "event": event,
                "licence_id": licence.pk,
                "reader_id": reader.pk,
                "notice": notice,
            },
        )


def _key(event: str, notice: str, reader_id: int) -> str:
    return f"licences.{event}:{notice}:{reader_id}"


def letter_of(payload: Mapping[str, Any]) -> Letter | None:
    """None for a link to sign what is signed, or taken back, or not theirs to sign any more."""
    event, notice = payload["event"], payload["notice"]
    licence = Licence.objects.select_related("entity", "superseded_by").get(
        pk=payload["licence_id"]
    )
    reader = User.objects.get(pk=payload["reader_id"])
    path = licence.get_absolute_url()
    if event == "sign":
        if licence.state != Licence.State.AWAITING or not role_of(licence, reader):
            return None
        path = path_to_sign(licence, reader)
    context = {"licence": licence, "entity": licence.entity, "url": address_of(path)}
    return Letter(
        key=_key(event, notice, reader.pk),
        message_name=f"{event}-{notice}-{reader.pk}",
        kind=KINDS[event],
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("licence", licence.pk),
        path=licence.get_absolute_url(),
        texts=texts_of(reader.language, f"licences/mail/{event}.txt", context),
        reference=licence.number,
    )

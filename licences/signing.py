"""Signatures on the site, of the licences whose kind asks for one.

Such a licence has its number and waits. Whoever may sign it is sent a link, bound to them and to
it, which opens what is to be signed; nothing secret is stored. Its documents follow the signature.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Affiliation, User
from licences.kinds import get_kind
from licences.models import Licence, Signature
from licences.services import RENDER_TOPIC, SIGNATURE_TOPIC, write_effect
from orbitrage.shared import outbox
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of
from orbitrage.shared.transactions import retried_once

SALT = "licences.sign"
LINK_LASTS = timedelta(days=30)
MAIL_TOPIC = "licences.mail"
REQUESTER = "requester"


class SignatureRefused(DomainError):
    """The licence was not signed."""


# --- Who signs ------------------------------------------------------------------------------------


def signatories_of(licence: Licence) -> models.QuerySet[User]:
    """Who may sign it, by the posts they hold today and by what its kind says."""
    roles = get_kind(licence.kind, licence.kind_version).signatories
    posts = Affiliation.objects.running(timezone.localdate()).filter(
        entity_id=licence.entity_id, role__in=roles
    )
    allowed = models.Q(pk__in=posts.values("user_id"))
    if REQUESTER in roles:
        allowed |= models.Q(pk=licence.requester_id)
    return User.objects.filter(allowed, is_active=True).order_by("pk")


def role_of(licence: Licence, user: User) -> str:
    """As what they sign: the first that its kind names of those they are; empty if none."""
    posts = Affiliation.objects.running(timezone.localdate()).filter(
        entity_id=licence.entity_id, user_id=user.pk
    )
    held = set(posts.values_list("role", flat=True))
    if licence.requester_id == user.pk:
        held.add(REQUESTER)
    roles = get_kind(licence.kind, licence.kind_version).signatories
    return next((role for role in roles if role in held), "") if user.is_active else ""


# --- The link -------------------------------------------------------------------------------------


def path_to_sign(licence: Licence, user: User) -> str:
    """Good for one signature, for 30 days, until the password of ``user`` changes."""
    bound = [licence.pk, user.pk, user.get_session_auth_hash()]
    return reverse("licences:sign", args=[signing.dumps(bound, salt=SALT)])


def licence_to_sign(token: str, user: User) -> int | None:
    """The key of the licence that the link of ``user`` is about; None for any other link."""
    try:
        licence_id, user_id, session_hash = signing.loads(token, salt=SALT, max_age=LINK_LASTS)
    except signing.BadSignature:
        return None
    is_theirs = user_id == user.pk and session_hash == user.get_session_auth_hash()
    return int(licence_id) if is_theirs else None


# --- Asking ---------------------------------------------------------------------------------------


def ask_signatories(payload: Mapping[str, Any]) -> None:
    """Leave to the outbox one mail for each who may sign."""
    licence = Licence.objects.get(pk=payload["licence_id"])
    with transaction.atomic():
        for user in signatories_of(licence):
            _write_mail(licence, user, notice=licence.number)


@transaction.atomic
def ask_again(*, licence_id: int, user: User) -> None:
    """Mail ``user`` a link again.

    Raises:
        SignatureRefused: it awaits no signature, or not theirs.
    """
    licence = Licence.objects.get(pk=licence_id)
    _require_signatory(licence, user)
    _write_mail(licence, user, notice=uuid4().hex)


def _write_mail(licence: Licence, user: User, *, notice: str) -> None:
    outbox.write(
        topic=MAIL_TOPIC,
        key=f"{SIGNATURE_TOPIC}:{notice}:{user.pk}",
        payload={"licence_id": licence.pk, "reader_id": user.pk, "notice": notice},
    )


def letter_of(payload: Mapping[str, Any]) -> Letter | None:
    """None where it is signed, or taken back, or they may not sign it any more."""
    licence = Licence.objects.select_related("entity").get(pk=payload["licence_id"])
    reader = User.objects.get(pk=payload["reader_id"])
    if licence.state != Licence.State.AWAITING or not role_of(licence, reader):
        return None
    notice = payload["notice"]
    context = {"licence": licence, "url": address_of(path_to_sign(licence, reader))}
    return Letter(
        key=f"{SIGNATURE_TOPIC}:{notice}:{reader.pk}",
        message_name=f"sign-{notice}-{reader.pk}",
        kind=LetterKind.DEADLINE,
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("licence", licence.pk),
        path=licence.get_absolute_url(),
        texts=texts_of(reader.language, "licences/mail/sign.txt", context),
        reference=licence.number,
    )


# --- Signing --------------------------------------------------------------------------------------


@retried_once
@transaction.atomic
def sign(*, licence_id: int, user: User, text_sha256: str) -> Licence:
    """Sign what was shown: from now on the licence is in force. Locks it.

    Raises:
        SignatureRefused: it awaits no signature, or not theirs; or it is not what was shown.
    """
    locked = Licence.objects.select_for_update(of=("self",), no_key=True)
    licence = locked.get(pk=licence_id)
    role = _require_signatory(licence, user)
    if text_sha256 != licence.record_sha256:
        message = _("What you read is not what would be signed: read it again.")
        raise SignatureRefused(Refusal("signature_of_another_text", message))
    Signature.objects.create(
        licence=licence, user=user, name=user.full_name, role=role, text_sha256=text_sha256
    )
    licence.state = Licence.State.ISSUED
    licence.save(update_fields=["state"])
    write_effect(RENDER_TOPIC, licence)
    return licence


def _require_signatory(licence: Licence, user: User) -> str:
    if licence.state != Licence.State.AWAITING:
        message = _("Licence %(number)s awaits no signature: it is %(state)s.")
        said = {"number": licence.number, "state": licence.get_state_display().lower()}
        raise SignatureRefused(Refusal("signature_not_awaited", message % said))
    if not (role := role_of(licence, user)):
        message = _("You may not sign licence %(number)s for %(entity)s.")
        said = {"number": licence.number, "entity": licence.entity.name}
        raise SignatureRefused(Refusal("signatory_without_right", message % said))
    return role

"""Mails that are no letters: the digest of a day, and what goes to addresses that are copied.

Each is an outbox row; its Message-ID comes from the row's key, so that a second sending is
recognised. A mail to an address that is copied carries numbers, states and dates and nothing that
anybody has typed.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from eligibility.models import User
from eligibility.permissions import Actor
from notices.links import path_to_confirm, path_to_stop
from notices.models import CopyAddress, Notice
from notices.models.copies import TIME_TO_CONFIRM
from orbitrage.shared import outbox
from orbitrage.shared.letters import address_of, mail_to, text_in
from requests_app.models import ImageryRequest, TransitionRecord
from requests_app.notifications import is_told_to_requesters

DIGEST_TOPIC = "notices.digest"
CONFIRM_TOPIC = "notices.confirm_copy"
COPY_TOPIC = "notices.copy"


# --- Digests --------------------------------------------------------------------------------------


def digest_key(reader_id: int, on: date) -> str:
    return f"digest:{reader_id}:{on.isoformat()}"


def send_digest(payload: Mapping[str, Any]) -> None:
    """Nothing goes out when all has been read meanwhile, or may no longer be seen."""
    reader = User.objects.get(pk=payload["reader_id"])
    on = date.fromisoformat(payload["on"])
    of_day = Notice.objects.visible_to(reader).filter(digest_on=on)
    notices = list(of_day.unread().for_a_list().order_by("pk"))
    if not (notices and reader.is_active):
        return
    context = {
        "reader": reader,
        "notices": [(notice, notice.path and address_of(notice.path)) for notice in notices],
        "count": len(notices),
        "list_url": address_of(reverse("notices:list")),
        "choices_url": address_of(reverse("notices:preferences")),
    }
    text = text_in(reader.language, "notices/mail/digest.txt", context)
    mail_to(reader.email, text, name=f"digest-{reader.pk}-{payload['on']}").send()


# --- Copies ---------------------------------------------------------------------------------------


def invite(copy: CopyAddress) -> None:
    """Ask whoever reads an address, in the transaction in progress."""
    key = f"{CONFIRM_TOPIC}:{copy.pk}"
    outbox.write(topic=CONFIRM_TOPIC, key=key, payload={"copy_id": copy.pk})


def send_invitation(payload: Mapping[str, Any]) -> None:
    copy = CopyAddress.objects.waiting().filter(pk=payload["copy_id"]).first()
    if copy is None:
        return
    context = {
        "url": address_of(path_to_confirm(copy)),
        "is_of_entity": copy.entity_id is not None,
        "days": TIME_TO_CONFIRM.days,
    }
    text = text_in(copy.language, "notices/mail/confirm_copy.txt", context)
    mail_to(copy.address, text, name=f"copy-confirm-{copy.pk}").send()


def leave_copies(record_id: int) -> None:
    """Leave to the outbox one mail per address that is copied of a record's request."""
    record = TransitionRecord.objects.select_related("request").get(pk=record_id)
    if not is_told_to_requesters(record.transition):
        return
    request = record.request
    with transaction.atomic():
        for copy in addresses_for(request):
            outbox.write(
                topic=COPY_TOPIC,
                key=f"{COPY_TOPIC}:{record.pk}:{copy.pk}",
                payload={"record_id": record.pk, "copy_id": copy.pk},
                stream=f"{request.number}:copy{copy.pk}",
            )


def addresses_for(request: ImageryRequest) -> list[CopyAddress]:
    """Those of the request and, of what the entity's people may see, those of the entity; each
    address once."""
    wanted = Q(request_id=request.pk)
    people = Actor(entity_ids=frozenset({request.entity_id}))
    if ImageryRequest.objects.visible_to_actor(people).filter(pk=request.pk).exists():
        wanted |= Q(entity_id=request.entity_id)
    copies = CopyAddress.objects.copied().filter(wanted).order_by("-pk")
    return sorted({copy.address: copy for copy in copies}.values(), key=lambda copy: copy.pk)


def send_copy(payload: Mapping[str, Any]) -> None:
    """The right is looked at again: an address that was ended meanwhile gets nothing."""
    copy = CopyAddress.objects.copied().filter(pk=payload["copy_id"]).first()
    if copy is None:
        return
    record = TransitionRecord.objects.select_related("request").get(pk=payload["record_id"])
    request = record.request
    context = {
        "number": request.number,
        "state": record.get_target_display,
        "at": record.at,
        "due_on": request.due_on if request.state == record.target else None,
        "is_reminder": record.transition == "remind",
        "stop_url": address_of(path_to_stop(copy)),
    }
    text = text_in(copy.language, "notices/mail/copy.txt", context)
    mail_to(copy.address, text, name=f"copy-{record.pk}-{copy.pk}").send()

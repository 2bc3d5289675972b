"""Letters about a request, one per record, template and reader, in the reader's language.

A transition with a notice has a template of its name in ``requests_app/mail``: its first line is
the subject. Each letter is an outbox row of its own, so that an address that refuses it holds up
nobody else; its Message-ID comes from the row's key, so that a second sending is recognised.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Affiliation, CellMember, User
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of
from requests_app.delays import UsualDelay, usual_delay
from requests_app.models import ImageryRequest, OnShortfall, TransitionRecord
from requests_app.told import told
from requests_app.workflow import State

MAIL_TOPIC = "requests.mail"

Readers = Callable[[ImageryRequest], Iterable[User]]


def requesters(request: ImageryRequest) -> list[User]:
    return [request.requester, *request.co_requesters.order_by("pk")]


def requesters_and_contacts(request: ImageryRequest) -> list[User]:
    """A price is accepted by the entity's contact, who must therefore hear of it."""
    contacts = User.objects.filter(
        affiliations__in=Affiliation.objects.running(timezone.localdate()).filter(
            entity=request.entity, role=Affiliation.Role.ENTITY_CONTACT
        )
    )
    people = [*requesters(request), *contacts.order_by("pk")]
    return list(dict.fromkeys(people))


def cell_officers(*roles: str) -> Readers:
    def readers(request: ImageryRequest) -> list[User]:
        posts = CellMember.objects.running(timezone.localdate()).filter(
            cell=request.cell, role__in=roles
        )
        return list(User.objects.filter(cell_posts__in=posts).order_by("pk").distinct())

    return readers


def assigned_reviewer(request: ImageryRequest) -> list[User]:
    """Whoever has the file; the chair, where they no longer serve its cell, to give it anew."""
    if request.reviewer is None:
        return []
    serving = cell_officers("reviewer")(request)
    return [request.reviewer] if request.reviewer in serving else list(chair(request))


chair = cell_officers("chair")


def asked_requesters(request: ImageryRequest) -> list[User]:
    return requesters(request) if request.on_shortfall == OnShortfall.ASK else []


def extending_officers(request: ImageryRequest) -> list[User]:
    """Those who may extend a window for a requester who chose it."""
    wants_more_time = request.on_shortfall == OnShortfall.EXTEND
    return list(cell_officers("supply_officer")(request)) if wants_more_time else []


def cell_in_charge(request: ImageryRequest) -> list[User]:
    """Those of the cell who had the file: its reviewer, or all reviewers while nobody has it."""
    return assigned_reviewer(request) or list(cell_officers("reviewer")(request))


NOTICES: dict[str, tuple[tuple[Readers, str], ...]] = {
    "submit": ((requesters, "submit"), (cell_officers("reviewer"), "submit_to_cell")),
    "submit_open_data": ((requesters, "submit_open_data"),),
    "request_information": ((requesters, "request_information"),),
    "answer": ((assigned_reviewer, "answer"),),
    "propose_inadmissible": ((cell_officers("arbitrator"), "propose_inadmissible"),),
    "return_to_review": ((assigned_reviewer, "return_to_review"),),
    "recommend": ((cell_officers("arbitrator"), "recommend"),),
    "approve": ((requesters, "approve"), (cell_officers("supply_officer"), "approve_to_cell")),
    "offer": ((requesters_and_contacts, "offer"),),
    "accept_offer": (
        (requesters, "approve"),
        (cell_officers("supply_officer"), "approve_to_cell"),
    ),
    "reply_to_offer": ((cell_officers("arbitrator"), "reply_to_offer"),),
    "decline_offer": ((cell_in_charge, "decline_offer"),),
    "withdraw_offer": ((requesters, "withdraw_offer"),),
    "rescind": ((requesters, "rescind"),),
    "defer": ((requesters, "defer"),),
    "refuse": ((requesters, "refuse"),),
    "order": ((requesters, "order"),),
    "register_delivery": ((requesters, "register_delivery"),),
    "close_window": ((requesters, "close_window"),),
    "stop_order": ((requesters, "stop_order"),),
    "fail": ((requesters, "fail"),),
    "dispute": ((cell_officers("arbitrator"), "dispute"),),
    "uphold_delivery": ((requesters, "uphold_delivery"),),
    "refund_part": ((requesters, "refund_part"),),
    "retask": ((requesters, "retask"),),
    "cancel": ((requesters, "cancel"), (cell_in_charge, "cancel_to_cell")),
    "lapse": ((requesters, "lapse"),),
    "remind": ((requesters, "remind"),),
    "assign": ((assigned_reviewer, "assign"),),
    "reroute": (
        (requesters, "reroute"),
        (cell_officers("chair", "reviewer"), "reroute_to_cell"),
    ),
    "transfer_request": ((requesters_and_contacts, "transfer_request"),),
    "add_co_requester": ((requesters, "add_co_requester"),),
    "expedite": ((cell_in_charge, "expedite"), (cell_officers("arbitrator"), "expedite")),
    "block": ((requesters_and_contacts, "block"), (chair, "block")),
    "unblock": ((requesters_and_contacts, "unblock"), (chair, "unblock")),
    "propose_rescission": (
        (cell_officers("chair", "arbitrator", "supply_officer"), "propose_rescission"),
    ),
    "reject_rescission": (
        (cell_officers("chair", "arbitrator", "supply_officer"), "reject_rescission"),
    ),
    "propose_amendment": ((requesters, "propose_amendment"),),
    "amend_order": ((cell_officers("supply_officer"), "amend_order"),),
    "decline_amendment": ((cell_officers("supply_officer"), "decline_amendment"),),
    "warn_of_shortfall": (
        (asked_requesters, "ask_on_shortfall"),
        (extending_officers, "may_extend"),
    ),
    "choose_on_shortfall": ((extending_officers, "may_extend"),),
    "extend_window": ((requesters, "extend_window"),),
}

FORMER: dict[str, tuple[str, str]] = {
    "transfer_request": ("requester", "transfer_request"),
    "remove_co_requester": ("person", "remove_co_requester"),
}
"""Who asked until a record and no longer does: named by the record, which says where, and the
template that tells them."""

RECEIPTS = ("submit", "submit_open_data")
WITH_A_DATE = frozenset(
    {
        "request_information", "offer", "register_delivery", "close_window", "remind",
        "propose_amendment", "ask_on_shortfall",
    }
)  # fmt: skip
TO_CELL = frozenset(
    {
        "submit_to_cell", "answer", "propose_inadmissible", "return_to_review", "recommend",
        "approve_to_cell", "reply_to_offer", "decline_offer", "cancel_to_cell", "dispute",
        "assign", "reroute_to_cell", "expedite", "propose_rescission", "reject_rescission",
        "amend_order", "decline_amendment", "may_extend",
    }
)  # fmt: skip
PROGRESS = frozenset({("order", State.ORDERED), ("register_delivery", State.PARTIALLY_DELIVERED)})
"""Template and state, where nothing is decided nor to be done by a date."""


def tell_readers(record_id: int) -> None:
    """Leave to the outbox one mail per template and reader of a record.

    The mails about a request leave in order for each reader, apart from its files and orders.
    """
    record = _record(record_id)
    with transaction.atomic():
        for template, reader in mails_of(record):
            outbox.write(
                topic=MAIL_TOPIC,
                key=":".join(_name_of_mail(record, template, reader)),
                payload={"record_id": record.pk, "template": template, "reader_id": reader.pk},
                stream=f"{record.request.number}:{reader.pk}",
            )


def mails_of(record: TransitionRecord) -> Iterator[tuple[str, User]]:
    """Each template with each reader who must hear of ``record``; its author, by a receipt only."""
    for readers, template in NOTICES.get(record.transition, ()):
        for reader in readers(record.request):
            if reader.pk != record.author_id or template in RECEIPTS:
                yield template, reader
    yield from _to_former(record)


def _to_former(record: TransitionRecord) -> Iterator[tuple[str, User]]:
    if record.transition not in FORMER:
        return
    where, template = FORMER[record.transition]
    named = record.changes[where]
    former = User.objects.get(pk=named[0] if isinstance(named, list) else named)
    if former.pk != record.author_id:
        yield template, former


def _record(record_id: int) -> TransitionRecord:
    return TransitionRecord.objects.select_related(
        "request__entity", "request__sensor", "request__cell", "request__requester", "author"
    ).get(pk=record_id)


def _name_of_mail(record: TransitionRecord, template: str, reader: User) -> tuple[str, ...]:
    return "notice", str(record.pk), template, str(reader.pk)


def is_told_to_requesters(transition: str) -> bool:
    """Whether those who ask hear of it, as against a step inside the cell."""
    readers = NOTICES.get(transition, ())
    return any(who in (requesters, requesters_and_contacts) for who, _template in readers)


def letter_of(payload: Mapping[str, Any]) -> Letter:
    reader = User.objects.get(pk=payload["reader_id"])
    return notice(_record(payload["record_id"]), reader, payload["template"])


def notice(record: TransitionRecord, reader: User, template: str) -> Letter:
    request = record.request
    path = request.get_absolute_url()
    context = {
        "record": record,
        "request": request,
        "reader": reader,
        "told": told(record),
        "usual_delay": partial(_usual_delay, request),
        "url": address_of(path),
        "emergency_url": address_of(reverse("emergency")),
    }
    name = _name_of_mail(record, template, reader)
    return Letter(
        key=":".join(name),
        message_name="-".join(name),
        kind=_kind_of(record, template),
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("request", request.pk),
        path=path,
        texts=texts_of(reader.language, f"requests_app/mail/{template}.txt", context),
        reference=request.number,
    )


def _kind_of(record: TransitionRecord, template: str) -> LetterKind:
    """What is named nowhere is a decision: told at once."""
    if template in RECEIPTS:
        return LetterKind.RECEIPT
    if template in TO_CELL:
        return LetterKind.CELL
    if (template, record.target) in PROGRESS:
        return LetterKind.PROGRESS
    return LetterKind.DEADLINE if template in WITH_A_DATE else LetterKind.DECISION


def _usual_delay(request: ImageryRequest) -> UsualDelay | None:
    """Measured when the letter is written; None for open data, which no cell decides."""
    if request.cell_id is None:
        return None
    return usual_delay(
        cell_id=request.cell_id,
        sensor_id=request.sensor_id,
        request_kind=request.request_kind,
        on=timezone.localdate(),
    )

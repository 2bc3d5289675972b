"""Letters about a request, one per record, template and reader, in the reader's language.

``MAILS`` says which a record leaves; the first line of a template, in ``requests_app/mail``, is the
subject. Each letter is an outbox row of its own, so that an address that refuses it holds up nobody
else; its Message-ID comes from the row's key, so that a second sending is recognised.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from eligibility.models import Affiliation, CellMember, ProgrammeRole, User
from eligibility.selectors import actor_of
from orbitrage.shared import outbox
from orbitrage.shared.letters import Letter, LetterKind, address_of, texts_of
from requests_app.delays import UsualDelay, usual_delay
from requests_app.letter_figures import figures_of
from requests_app.models import ImageryRequest, OfferState, OnShortfall, TransitionRecord
from requests_app.permissions import is_arbitrator_of_delivery, is_secretariat_of_delivery
from requests_app.states import ROLE_ON_DUTY, State
from requests_app.story import INTERNAL, OF_CELL_ALONE, reads_notes

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


def contacts_of_price(*states: OfferState) -> Readers:
    """The entity's contacts, beside those who ask, where the last offer had a price and stands so:
    they alone could accept it, and the programme counts on them."""

    def readers(request: ImageryRequest) -> list[User]:
        last = request.offers.order_by("-pk").first()
        if last is None or not last.priced_eur or last.state not in states:
            return []
        asking = requesters(request)
        return [each for each in requesters_and_contacts(request) if each not in asking]

    return readers


def secretariat_that_judges(request: ImageryRequest) -> list[User]:
    """Where no arbitrator may judge the delivery: each registered it, or has an interest in it."""
    if any(is_arbitrator_of_delivery(request, actor_of(each)) for each in arbitrators(request)):
        return []
    posts = ProgrammeRole.objects.running(timezone.localdate()).filter(
        role=ProgrammeRole.Role.SECRETARIAT
    )
    found = User.objects.filter(programme_roles__in=posts).order_by("pk").distinct()
    return [each for each in found if is_secretariat_of_delivery(request, actor_of(each))]


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
    return [request.reviewer] if request.reviewer in reviewers(request) else list(chair(request))


chair = cell_officers("chair")
reviewers = cell_officers("reviewer")
arbitrators = cell_officers("arbitrator")
supply_officers = cell_officers("supply_officer")
rescission_officers = cell_officers("chair", "arbitrator", "supply_officer")


def asked_requesters(request: ImageryRequest) -> list[User]:
    return requesters(request) if request.on_shortfall == OnShortfall.ASK else []


def extending_officers(request: ImageryRequest) -> list[User]:
    """Those who may extend a window for a requester who chose it."""
    wants_more_time = request.on_shortfall == OnShortfall.EXTEND
    return list(supply_officers(request)) if wants_more_time else []


def cell_in_charge(request: ImageryRequest) -> list[User]:
    """Those of the cell who had the file: its reviewer, or all reviewers while nobody has it."""
    return assigned_reviewer(request) or list(reviewers(request))


def on_duty(request: ImageryRequest) -> list[User]:
    """Those of the cell whom the file concerns in its state; of a draft, nobody."""
    role = ROLE_ON_DUTY.get(request.state)
    if role is None:
        return []
    return cell_in_charge(request) if role == "reviewer" else list(cell_officers(role)(request))


@dataclass(frozen=True)
class Mail:
    """To ``readers``, by the template of that name, which no other mail of the record has; only
    where the record leads to ``to_state``, if given. ``former`` is where the record names who asked
    until then and no longer does, and is told of it all the same."""

    template: str
    kind: LetterKind
    readers: tuple[Readers, ...]
    to_state: str = ""
    former: str = ""


APPROVAL = (
    Mail("approve", LetterKind.DECISION, (requesters,)),
    Mail("approve_to_cell", LetterKind.CELL, (supply_officers,)),
)

MAILS: dict[str, tuple[Mail, ...]] = {
    "submit": (
        Mail("submit", LetterKind.RECEIPT, (requesters,)),
        Mail("submit_to_cell", LetterKind.CELL, (reviewers,)),
    ),
    "submit_open_data": (Mail("submit_open_data", LetterKind.RECEIPT, (requesters,)),),
    "request_information": (Mail("request_information", LetterKind.DEADLINE, (requesters,)),),
    "answer": (Mail("answer", LetterKind.CELL, (assigned_reviewer,)),),
    "propose_inadmissible": (Mail("propose_inadmissible", LetterKind.CELL, (arbitrators,)),),
    "return_to_review": (Mail("return_to_review", LetterKind.CELL, (assigned_reviewer,)),),
    "recommend": (Mail("recommend", LetterKind.CELL, (arbitrators,)),),
    "approve": APPROVAL,
    "offer": (Mail("offer", LetterKind.DEADLINE, (requesters_and_contacts,)),),
    "accept_offer": APPROVAL,
    "sign_licence": (Mail("approve_to_cell", LetterKind.CELL, (supply_officers,)),),
    "reply_to_offer": (
        Mail("reply_to_offer", LetterKind.CELL, (arbitrators,)),
        Mail("price_replied_to", LetterKind.DECISION, (contacts_of_price(OfferState.REPLIED),)),
    ),
    "decline_offer": (
        Mail("decline_offer", LetterKind.CELL, (cell_in_charge,)),
        Mail("price_declined", LetterKind.DECISION, (contacts_of_price(OfferState.DECLINED),)),
    ),
    "withdraw_offer": (
        Mail(
            "withdraw_offer",
            LetterKind.DECISION,
            (requesters, contacts_of_price(OfferState.WITHDRAWN)),
        ),
    ),
    "rescind": (
        Mail("rescind", LetterKind.DECISION, (requesters, contacts_of_price(OfferState.ACCEPTED))),
    ),
    "defer": (Mail("defer", LetterKind.DECISION, (requesters,)),),
    "refuse": (Mail("refuse", LetterKind.DECISION, (requesters,)),),
    "order": (Mail("order", LetterKind.PROGRESS, (requesters,)),),
    "register_delivery": (
        Mail(
            "register_delivery",
            LetterKind.PROGRESS,
            (requesters,),
            to_state=State.PARTIALLY_DELIVERED,
        ),
        Mail("register_delivery", LetterKind.DEADLINE, (requesters,), to_state=State.DELIVERED),
    ),
    "close_window": (Mail("close_window", LetterKind.DEADLINE, (requesters,)),),
    "stop_order": (Mail("stop_order", LetterKind.DECISION, (requesters,)),),
    "fail": (Mail("fail", LetterKind.DECISION, (requesters,)),),
    "dispute": (Mail("dispute", LetterKind.CELL, (arbitrators, secretariat_that_judges)),),
    "uphold_delivery": (Mail("uphold_delivery", LetterKind.DECISION, (requesters,)),),
    "refund_part": (Mail("refund_part", LetterKind.DECISION, (requesters,)),),
    "retask": (Mail("retask", LetterKind.DECISION, (requesters,)),),
    "cancel": (
        Mail(
            "cancel",
            LetterKind.DECISION,
            (requesters, contacts_of_price(OfferState.CANCELLED, OfferState.ACCEPTED)),
        ),
        Mail("cancel_to_cell", LetterKind.CELL, (cell_in_charge,)),
    ),
    "lapse": (
        Mail("lapse", LetterKind.DECISION, (requesters, contacts_of_price(OfferState.LAPSED))),
    ),
    "remind": (
        Mail("remind", LetterKind.DEADLINE, (requesters, contacts_of_price(OfferState.OPEN))),
    ),
    "assign": (Mail("assign", LetterKind.CELL, (assigned_reviewer,)),),
    "reroute": (
        Mail("reroute", LetterKind.DECISION, (requesters,)),
        Mail("reroute_to_cell", LetterKind.CELL, (cell_officers("chair", "reviewer"),)),
    ),
    "transfer_request": (
        Mail(
            "transfer_request", LetterKind.DECISION, (requesters_and_contacts,), former="requester"
        ),
    ),
    "remove_co_requester": (Mail("remove_co_requester", LetterKind.DECISION, (), former="person"),),
    "add_co_requester": (Mail("add_co_requester", LetterKind.DECISION, (requesters,)),),
    "leave_request": (Mail("leave_request", LetterKind.DECISION, (requesters,)),),
    "expedite": (Mail("expedite", LetterKind.CELL, (cell_in_charge, arbitrators)),),
    "block": (Mail("block", LetterKind.DECISION, (requesters_and_contacts, chair)),),
    "unblock": (Mail("unblock", LetterKind.DECISION, (requesters_and_contacts, chair)),),
    "propose_rescission": (Mail("propose_rescission", LetterKind.CELL, (rescission_officers,)),),
    "reject_rescission": (Mail("reject_rescission", LetterKind.CELL, (rescission_officers,)),),
    "propose_amendment": (Mail("propose_amendment", LetterKind.DEADLINE, (requesters,)),),
    "amend_order": (Mail("amend_order", LetterKind.CELL, (supply_officers,)),),
    "decline_amendment": (Mail("decline_amendment", LetterKind.CELL, (supply_officers,)),),
    "warn_of_shortfall": (
        Mail("ask_on_shortfall", LetterKind.DEADLINE, (asked_requesters,)),
        Mail("may_extend", LetterKind.CELL, (extending_officers,)),
    ),
    "choose_on_shortfall": (Mail("may_extend", LetterKind.CELL, (extending_officers,)),),
    "extend_window": (Mail("extend_window", LetterKind.DECISION, (requesters,)),),
}


def tell_readers(record_id: int) -> None:
    """Leave to the outbox one mail per template and reader of a record.

    The mails about a request leave in order for each reader, apart from its files and orders.
    """
    record = _record(record_id)
    with transaction.atomic():
        for mail, reader in mails_of(record):
            outbox.write(
                topic=MAIL_TOPIC,
                key=":".join(_name_of_mail(record, mail, reader)),
                payload={
                    "record_id": record.pk,
                    "template": mail.template,
                    "reader_id": reader.pk,
                },
                stream=f"{record.request.number}:{reader.pk}",
            )


def mails_of(record: TransitionRecord) -> Iterator[tuple[Mail, User]]:
    """Each mail with each reader who must hear of ``record`` and may; its author, by a receipt
    only."""
    for mail in _mails_about(record):
        for reader in _readers_of(mail, record.request):
            is_told = reader.pk != record.author_id or mail.kind == LetterKind.RECEIPT
            if is_told and _may_read(record, reader):
                yield mail, reader
        for former in _former_of(record, mail):
            yield mail, former


def _readers_of(mail: Mail, request: ImageryRequest) -> list[User]:
    found = (reader for readers in mail.readers for reader in readers(request))
    return list(dict.fromkeys(found))


def _mails_about(record: TransitionRecord) -> list[Mail]:
    mails = MAILS.get(record.transition, ())
    return [mail for mail in mails if mail.to_state in ("", record.target)]


def mail_of(record: TransitionRecord, template: str) -> Mail:
    """That about ``record`` which ``template`` writes."""
    return next(mail for mail in _mails_about(record) if mail.template == template)


def _former_of(record: TransitionRecord, mail: Mail) -> Iterator[User]:
    if not mail.former:
        return
    named = record.changes[mail.former]
    former = User.objects.get(pk=named[0] if isinstance(named, list) else named)
    if former.pk != record.author_id:
        yield former


def _may_read(record: TransitionRecord, reader: User) -> bool:
    """The rule of the request's page: what officers write to each other is read by none of them
    who asks, or whose entity does."""
    request, actor = record.request, actor_of(reader)
    if not ImageryRequest.objects.visible_to_actor(actor).filter(pk=request.pk).exists():
        return False
    is_among_officers = record.transition in INTERNAL | OF_CELL_ALONE
    return not is_among_officers or reads_notes(request, actor)


def _record(record_id: int) -> TransitionRecord:
    return TransitionRecord.objects.select_related(
        "request__entity", "request__sensor", "request__cell", "request__requester", "author"
    ).get(pk=record_id)


def _name_of_mail(record: TransitionRecord, mail: Mail, reader: User) -> tuple[str, ...]:
    return "notice", str(record.pk), mail.template, str(reader.pk)


def is_told_to_requesters(transition: str) -> bool:
    """Whether those who ask hear of it, as against a step inside the cell."""
    told = {readers for mail in MAILS.get(transition, ()) for readers in mail.readers}
    return bool(told & {requesters, requesters_and_contacts})


def letter_of(payload: Mapping[str, Any]) -> Letter | None:
    """None when the reader may no longer read of the record."""
    record, reader = _record(payload["record_id"]), User.objects.get(pk=payload["reader_id"])
    mail = mail_of(record, payload["template"])
    if not _may_read(record, reader) and reader not in _former_of(record, mail):
        return None
    return letter_about(record, reader, mail)


def letter_about(record: TransitionRecord, reader: User, mail: Mail) -> Letter:
    request = record.request
    path = request.get_absolute_url()
    context = {
        "record": record,
        "request": request,
        "reader": reader,
        "figures": figures_of(record),
        "usual_delay": partial(_usual_delay, request),
        "url": address_of(path),
        "emergency_url": address_of(reverse("emergency")),
    }
    name = _name_of_mail(record, mail, reader)
    return Letter(
        key=":".join(name),
        message_name="-".join(name),
        kind=mail.kind,
        reader_id=reader.pk,
        to=reader.email,
        language=reader.language,
        about=("request", request.pk),
        path=path,
        texts=texts_of(reader.language, f"requests_app/mail/{mail.template}.txt", context),
        reference=request.number,
    )


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

"""The documents of a membership, given and taken back as it goes.

They follow what happened from the outbox, which may say it twice: what came of one event is found
again by its decision.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from eligibility.models import Entity, Membership, Terms, TermsAcceptance, User
from licences.models import Licence
from licences.parties import contact_name_of, party, representative_of
from licences.records import Acceptance, MembershipRecord
from licences.services import issue, revoke_document
from orbitrage.shared import outbox
from orbitrage.shared.days import midnight

DOCUMENTS_TOPIC = "licences.membership"
ACT, CERTIFICATE, CHARTER = "membership_act", "membership_certificate", "charter_acceptance"
GIVEN = {"opened": (ACT, CERTIFICATE), "reinstated": (CERTIFICATE,), "suspended": ()}
"""The documents that each event of a membership gives."""


@transaction.atomic
def leave_documents(payload: Mapping[str, Any]) -> None:
    """What an event of a membership gives or takes back is left to the outbox; of a membership to
    come, until its first day: those of the one before stand until then."""
    membership = Membership.objects.get(pk=payload["id"])
    outbox.write(
        topic=DOCUMENTS_TOPIC,
        key=f"{DOCUMENTS_TOPIC}:{payload['notice']}",
        payload=dict(payload),
        stream=f"{DOCUMENTS_TOPIC}:{membership.pk}",
        not_before=max(midnight(membership.starts_on), timezone.now()),
    )


@transaction.atomic
def follow_membership(payload: Mapping[str, Any]) -> None:
    """`opened`, `suspended` or `reinstated`: the membership ``id``; ``notice`` names the event.
    A certificate is given, or taken back, as the membership is by now. Locks its entity."""
    entities = Entity.objects.select_for_update(no_key=True).filter(memberships=payload["id"])
    entities.values_list("pk", flat=True).get()
    membership = Membership.objects.select_related("entity").get(pk=payload["id"])
    event, gives = UUID(payload["notice"]), GIVEN[payload["event"]]
    if membership.suspended_on is not None:
        gives = tuple(kind for kind in gives if kind != CERTIFICATE)
        revoke_document(
            entity_id=membership.entity_id,
            kind=CERTIFICATE,
            reason="suspend_membership",
            decision=event,
        )
    for kind in gives:
        record = MembershipRecord(
            kind=kind,
            licensee=party(membership.entity),
            representative=representative_of(membership.entity),
            contact=contact_name_of(membership.entity),
            sensors=tuple(membership.sensors.order_by("pk").values_list("name", flat=True)),
            acceptances=_acceptances(membership.entity),
            valid_from=membership.starts_on,
            valid_until=membership.ends_on,
            countersigned_by=_name_of(payload.get("by")) if kind == ACT else "",
        )
        _give(record, membership.entity, uuid5(event, kind))


@transaction.atomic
def follow_acceptance(payload: Mapping[str, Any]) -> None:
    """A text accepted for an entity: its charter is a document."""
    accepted = TermsAcceptance.objects.select_related("terms", "entity", "user").get(
        pk=payload["id"]
    )
    if accepted.entity is None or accepted.terms.kind != Terms.Kind.CHARTER:
        return
    record = MembershipRecord(
        kind=CHARTER,
        licensee=party(accepted.entity),
        representative=representative_of(accepted.entity),
        contact=contact_name_of(accepted.entity),
        acceptances=(_said_of(accepted),),
    )
    _give(record, accepted.entity, uuid5(UUID(payload["notice"]), CHARTER))


def _name_of(user_id: int | None) -> str:
    """Of the officer who opened the membership for the programme."""
    return User.objects.get(pk=user_id).full_name if user_id else ""


def _give(record: MembershipRecord, entity: Entity, decision: UUID) -> None:
    """In place of the document of that kind which the entity has, if it has one."""
    Entity.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=entity.pk)
    if Licence.objects.filter(decision=decision).exists():
        return
    given = Licence.objects.filter(entity=entity, kind=record.kind, state=Licence.State.ISSUED)
    issue(record=record, decision=decision, entity_id=entity.pk, replaces=given.first())


def _acceptances(entity: Entity) -> tuple[Acceptance, ...]:
    """The latest of each text, in the order they were accepted."""
    accepted = TermsAcceptance.objects.filter(entity=entity).select_related("terms", "user")
    latest = {each.terms.kind: each for each in accepted.order_by("accepted_at", "pk")}
    return tuple(_said_of(each) for each in latest.values())


def _said_of(accepted: TermsAcceptance) -> Acceptance:
    return Acceptance(
        title_fr=accepted.terms.title_fr,
        title_en=accepted.terms.title_en,
        version=accepted.terms.version,
        accepted_at=accepted.accepted_at,
        accepted_by=accepted.user.full_name,
        text_sha256=accepted.text_sha256,
    )

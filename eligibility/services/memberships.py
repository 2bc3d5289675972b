import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Entity, Mandate, Membership, Sensor
from eligibility.notifications import MEMBERSHIP_TOPIC
from eligibility.services.notices import tell
from eligibility.services.refusing import (
    EligibilityRefused,
    actor,
    demand_ordered,
    demand_secretariat,
    demand_sensors,
    locked_entity,
    refuse,
)
from orbitrage.shared.days import day_in_words
from orbitrage.shared.transactions import retried_once


def lock_entity(*, entity_id: int) -> None:
    """Those who submit in the name of the entity come one after the other, each counting what the
    one before has asked. Before the membership, the first lock of whoever takes several."""
    Entity.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=entity_id)


def share_membership(*, entity_id: int) -> None:
    """Keep the entity's memberships as they are until the caller's transaction ends (FOR SHARE):
    a suspension waits, other requests do not. The first lock of whoever takes several."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM eligibility_membership WHERE entity_id = %s ORDER BY id FOR SHARE",
            [entity_id],
        )


@retried_once
@transaction.atomic
def start_membership(
    *,
    entity_id: int,
    sensor_ids: Sequence[int],
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    by_user_id: int,
) -> Membership:
    """Raises not_secretariat, dates_not_ordered, no_sensor, membership_overlaps."""
    demand_secretariat(by_user_id)
    demand_ordered(starts_on, ends_on)
    demand_sensors(sensor_ids)
    entity = locked_entity(entity_id)
    overlapping = _overlapping_membership(entity_id, starts_on, ends_on)
    if overlapping is not None:
        raise _overlap_refused(entity, overlapping)
    membership = Membership.objects.create(entity=entity, starts_on=starts_on, ends_on=ends_on)
    membership.sensors.set(Sensor.objects.filter(pk__in=sensor_ids))
    tell(MEMBERSHIP_TOPIC, membership.pk, "opened", by_user_id=by_user_id)
    return membership


def _overlapping_membership(
    entity_id: int, starts_on: dt.date, ends_on: dt.date | None
) -> Membership | None:
    others = Membership.objects.filter(entity_id=entity_id).exclude(ends_on__lt=starts_on)
    if ends_on is not None:
        others = others.filter(starts_on__lte=ends_on)
    return others.first()


def _overlap_refused(entity: Entity, other: Membership) -> EligibilityRefused:
    words = {"entity": str(entity), "start": day_in_words(other.starts_on)}
    if other.ends_on is None:
        message = _("%(entity)s has been a member since %(start)s, without an end.") % words
    else:
        message = _("%(entity)s is already a member from %(start)s to %(end)s.") % {
            **words,
            "end": day_in_words(other.ends_on),
        }
    return refuse("membership_overlaps", message)


def _locked_membership(membership_id: int) -> Membership:
    return (
        Membership.objects.select_for_update(no_key=True, of=("self",))
        .select_related("entity")
        .get(pk=membership_id)
    )


@retried_once
@transaction.atomic
def suspend_membership(*, membership_id: int, reason: str, by_user_id: int) -> None:
    """From today on. Raises not_secretariat, reason_missing, membership_suspended."""
    demand_secretariat(by_user_id)
    if not reason.strip():
        raise refuse("reason_missing", _("Say why: the entity reads the reason."))
    membership = _locked_membership(membership_id)
    if membership.suspended_on is not None:
        raise refuse(
            "membership_suspended",
            _("The membership of %(entity)s has been suspended since %(day)s: %(reason)s")
            % {
                "entity": membership.entity,
                "day": day_in_words(membership.suspended_on),
                "reason": membership.suspension_reason,
            },
        )
    membership.suspended_on = timezone.localdate()
    membership.suspension_reason = reason.strip()
    membership.save(update_fields=["suspended_on", "suspension_reason"])
    tell(MEMBERSHIP_TOPIC, membership.pk, "suspended")


@retried_once
@transaction.atomic
def reinstate_membership(*, membership_id: int, by_user_id: int) -> None:
    """Raises not_secretariat, membership_not_suspended."""
    demand_secretariat(by_user_id)
    membership = _locked_membership(membership_id)
    if membership.suspended_on is None:
        raise refuse(
            "membership_not_suspended",
            _("The membership of %(entity)s is not suspended.") % {"entity": membership.entity},
        )
    membership.suspended_on = None
    membership.suspension_reason = ""
    membership.save(update_fields=["suspended_on", "suspension_reason"])
    tell(MEMBERSHIP_TOPIC, membership.pk, "reinstated")


@retried_once
@transaction.atomic
def create_mandate(
    *,
    contractor_id: int,
    principal_id: int,
    sensor_ids: Sequence[int],
    contract_reference: str,
    starts_on: dt.date,
    ends_on: dt.date,
    by_user_id: int,
) -> Mandate:
    """Given by the principal. Raises not_principal, same_entity, dates_not_ordered, no_sensor."""
    principal = Entity.objects.get(pk=principal_id)
    if not actor(by_user_id).manages_people_of(principal_id):
        raise refuse(
            "not_principal",
            _("Only the contact of %(entity)s or its legal representative gives its mandates.")
            % {"entity": principal},
        )
    if contractor_id == principal_id:
        raise refuse("same_entity", _("An entity gives no mandate to itself."))
    demand_ordered(starts_on, ends_on)
    demand_sensors(sensor_ids)
    mandate = Mandate.objects.create(
        contractor_id=contractor_id,
        principal=principal,
        contract_reference=contract_reference,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    mandate.sensors.set(Sensor.objects.filter(pk__in=sensor_ids))
    return mandate

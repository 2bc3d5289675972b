"""What the services of this app check and say in the same words."""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from eligibility.models import Entity, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from orbitrage.shared.days import day_in_words
from orbitrage.shared.errors import DomainError, Refusal


class EligibilityRefused(DomainError):
    pass


def refuse(code: str, message: str) -> EligibilityRefused:
    return EligibilityRefused(Refusal(code, message))


def actor(user_id: int) -> Actor:
    return actor_of(User.objects.get(pk=user_id))


def locked_entity(entity_id: int) -> Entity:
    return Entity.objects.select_for_update(no_key=True, of=("self",)).get(pk=entity_id)


def demand_secretariat(user_id: int) -> None:
    if not actor(user_id).administers_memberships:
        raise refuse("not_secretariat", _("Only the secretariat may do this."))


def demand_ordered(starts_on: dt.date, ends_on: dt.date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise refuse(
            "dates_not_ordered",
            _("It cannot end on %(end)s before it begins on %(start)s.")
            % {"end": day_in_words(ends_on), "start": day_in_words(starts_on)},
        )


def demand_sensors(sensor_ids: Sequence[int]) -> None:
    if not sensor_ids:
        raise refuse("no_sensor", _("Name at least one sensor."))

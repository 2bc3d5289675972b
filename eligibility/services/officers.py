from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Cell, CellMember, ProgrammeRole
from eligibility.services.refusing import demand_secretariat, refuse
from orbitrage.shared.days import day_in_words
from orbitrage.shared.transactions import retried_once


@retried_once
@transaction.atomic
def appoint_cell_member(*, cell_id: int, user_id: int, role: str, by_user_id: int) -> CellMember:
    """Raises not_secretariat, already_appointed."""
    demand_secretariat(by_user_id)
    cell = Cell.objects.select_for_update(no_key=True).get(pk=cell_id)
    posts = CellMember.objects.filter(cell=cell, user_id=user_id, role=role)
    known = posts.filter(until__isnull=True).select_related("user").first()
    if known is not None:
        raise refuse(
            "already_appointed",
            _("%(person)s has held this role in %(cell)s since %(day)s.")
            % {"person": known.user, "cell": cell, "day": day_in_words(known.since)},
        )
    return CellMember.objects.create(
        cell=cell, user_id=user_id, role=role, since=timezone.localdate()
    )


@retried_once
@transaction.atomic
def open_office(*, user_id: int) -> ProgrammeRole:
    """Give the secretariat to the first account of an installation; the same account asking again
    changes nothing. Raises office_already_open."""
    role = ProgrammeRole.Role.SECRETARIAT
    today = timezone.localdate()
    known = ProgrammeRole.objects.running(today).filter(role=role).first()
    if known is None:
        return ProgrammeRole.objects.create(user_id=user_id, role=role, since=today)
    if known.user_id != user_id:
        raise refuse(
            "office_already_open",
            _("The secretariat has been open since %(day)s: it appoints the others.")
            % {"day": day_in_words(known.since)},
        )
    return known

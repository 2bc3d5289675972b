"""Who may have a file. Pure: values in, a refusal or None out."""

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal


def reviews_for_cell(*, is_reviewer: bool, person: str, cell: str) -> Refusal | None:
    if is_reviewer:
        return None
    message = _("%(person)s reviews nothing for %(cell)s, or has an interest in this file.")
    return Refusal("not_a_reviewer", message % {"person": person, "cell": cell})


def is_given_anew(*, is_holder: bool, person: str) -> Refusal | None:
    if not is_holder:
        return None
    message = _("%(person)s has this file already.")
    return Refusal("has_the_file", message % {"person": person})


def is_another_cell(*, is_present: bool, cell: str) -> Refusal | None:
    if not is_present:
        return None
    return Refusal("same_cell", _("%(cell)s has this file already.") % {"cell": cell})


def cell_takes_sensor(*, takes: bool, cell: str, sensor: str) -> Refusal | None:
    if takes:
        return None
    message = _("%(cell)s takes no requests for %(sensor)s.")
    return Refusal("cell_takes_no_sensor", message % {"cell": cell, "sensor": sensor})


def may_take_over(*, may: bool, person: str, entity: str) -> Refusal | None:
    if may:
        return None
    message = _("%(person)s does not ask in the name of %(entity)s: the request stays where it is.")
    return Refusal("cannot_take_over", message % {"person": person, "entity": entity})


def is_not_expedited(*, is_expedited: bool) -> Refusal | None:
    if not is_expedited:
        return None
    return Refusal("expedited_already", _("This file is expedited already."))


def asks_with_others(*, asks: bool) -> Refusal | None:
    if asks:
        return None
    return Refusal("no_co_requester", _("This person is no co-requester of the request."))

from notices.selectors.agenda import AgendaEntry, agenda_of
from notices.selectors.pages import (
    MANY,
    ChosenDelivery,
    chosen_deliveries,
    copies_of_entity,
    copies_of_request,
    notice_list,
    unread_count,
)

__all__ = [
    "MANY",
    "AgendaEntry",
    "ChosenDelivery",
    "agenda_of",
    "chosen_deliveries",
    "copies_of_entity",
    "copies_of_request",
    "notice_list",
    "unread_count",
]

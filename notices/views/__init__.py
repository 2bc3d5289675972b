from notices.views.calendars import calendar, calendar_feed, end_calendar
from notices.views.copies import (
    confirm_copy,
    end_copy,
    entity_copies,
    request_copies,
    stop_copy,
)
from notices.views.reading import notice_list, preferences, read, read_all

__all__ = [
    "calendar",
    "calendar_feed",
    "confirm_copy",
    "end_calendar",
    "end_copy",
    "entity_copies",
    "notice_list",
    "preferences",
    "read",
    "read_all",
    "request_copies",
    "stop_copy",
]

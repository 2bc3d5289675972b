"""A person's agenda as iCalendar (RFC 5545), all of it each time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from notices.selectors import AgendaEntry
from orbitrage.shared.letters import address_of

READ_AGAIN_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class CalendarFile:
    """`tag` changes with the content, and only with it."""

    content: bytes
    tag: str
    changed_at: datetime


def calendar_file(entries: Iterable[AgendaEntry], *, made_at: datetime) -> CalendarFile:
    """``made_at`` is when the address was: an empty calendar has no other date."""
    calendar = _empty_calendar()
    changed_at = made_at
    for entry in entries:
        calendar.add_component(_event(entry))
        changed_at = max(changed_at, entry.changed_at)
    content = calendar.to_ical()
    return CalendarFile(content, sha256(content).hexdigest(), changed_at)


def _empty_calendar() -> Calendar:
    name = _("%s: my dates") % settings.ORBITRAGE_NAME
    language = (get_language() or settings.LANGUAGE_CODE)[:2].upper()
    calendar = Calendar()
    calendar.add("prodid", f"-//Orbitrage//Requests//{language}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    return calendar


def _event(entry: AgendaEntry) -> Event:
    event = Event()
    event.add("uid", f"{entry.name}@{settings.ORBITRAGE_MAIL_DOMAIN}")
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.on)
    event.add("dtend", entry.on + timedelta(days=1))
    event.add("summary", entry.summary)
    event.add("description", entry.title)
    event.add("url", address_of(entry.path))
    event.add("transp", "TRANSPARENT")
    return event

"""Days and instants: when a day begins, and both in words, in the reader's language."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def midnight(on: date) -> datetime:
    """When the day begins, in the time zone of the service."""
    return timezone.make_aware(datetime.combine(on, time.min))


def day_in_words(on: date) -> str:
    """Day, month in full and year; in French the first of a month is "1er"."""
    text = date_format(on, "j F Y")
    is_french = (get_language() or "").startswith("fr")
    return text.replace("1", "1er", 1) if is_french and on.day == 1 else text


def instant_in_words(at: datetime) -> str:
    """To the minute, in the time zone of the service."""
    local = timezone.localtime(at)
    return _("%(day)s at %(time)s") % {
        "day": day_in_words(local),
        "time": date_format(local, "H:i"),
    }

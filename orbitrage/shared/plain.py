import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone


def plain(value: Any) -> Any:
    """As JSON holds it: days and instants in ISO 8601, no decimal lost."""
    match value:
        case dt.datetime():
            return timezone.localtime(value).isoformat(timespec="seconds")
        case dt.date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value

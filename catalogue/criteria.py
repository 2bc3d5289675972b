"""What is looked for in the catalogue, as a value."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class CoverageCriteria:
    """Days are whole days of the programme's time zone, both ends included.

    Where a maximum of cloud is given, an image whose cloud cover nobody measured does not meet it.
    One whose incidence is not known meets any; the limit is one of the angle to either side.
    """

    sensor_id: int | None = None
    acquired_from: dt.date | None = None
    acquired_to: dt.date | None = None
    maximum_cloud_percent: float | None = None
    maximum_incidence_deg: float | None = None

    @property
    def acquired_at_or_after(self) -> dt.datetime | None:
        return None if self.acquired_from is None else _start_of(self.acquired_from)

    @property
    def acquired_before(self) -> dt.datetime | None:
        if self.acquired_to is None or self.acquired_to == dt.date.max:
            return None
        return _start_of(self.acquired_to + dt.timedelta(days=1))


def _start_of(day: dt.date) -> dt.datetime:
    zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone)

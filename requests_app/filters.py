"""Filters of a list of requests, kept in the address of the page."""

from django.db.models import Q, QuerySet
from django.http import QueryDict

from eligibility.models import Sensor
from eligibility.permissions import Actor
from requests_app.models import ImageryRequestQuerySet, RequestKind
from requests_app.workflow import State


def _plain(text: str) -> str:
    """Without the character that no text of the database may hold."""
    return text.replace("\x00", "")


class RequestFilter:
    """``?state=…&sensor=…&kind=…&q=…``; a value that is not known filters nothing.

    ``?waits=1`` keeps what waits for the reader.
    """

    def __init__(self, query: QueryDict) -> None:
        self.state = _plain(query.get("state", ""))
        self.sensor = _plain(query.get("sensor", ""))
        self.kind = _plain(query.get("kind", ""))
        self.text = _plain(query.get("q", "")).strip()[:100]
        self.waits = query.get("waits") == "1"

    def apply(self, rows: ImageryRequestQuerySet, actor: Actor) -> ImageryRequestQuerySet:
        if self.waits:
            rows = rows.awaiting_answer_of(actor)
        if self.state in State.values:
            rows = rows.filter(state=self.state)
        if self.sensor:
            rows = rows.filter(sensor__code=self.sensor)
        if self.kind in RequestKind.values:
            rows = rows.filter(request_kind=self.kind)
        if self.text:
            rows = rows.filter(
                Q(number__icontains=self.text)
                | Q(title__icontains=self.text)
                | Q(entity__name__icontains=self.text)
            )
        return rows

    @property
    def is_active(self) -> bool:
        return bool(self.state or self.sensor or self.kind or self.text or self.waits)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in State.choices]

    @property
    def sensors(self) -> QuerySet[Sensor]:
        return Sensor.objects.filter(is_offered=True).order_by("pk")

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in RequestKind.choices]

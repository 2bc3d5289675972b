"""Envelopes that a move will need, opened before it, for a caller whose own transaction holds the
move: within it, the sensor and its contracts would be locked before any request, the reverse of
everybody else. The services do the same for themselves, where they are called alone."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from requests_app.arbitration.selectors import conversion_refusals
from requests_app.arbitration.services import deferral_refusals
from requests_app.conversion import AS_ASKED, Conversion, with_answers
from requests_app.effects import open_envelopes
from requests_app.models import ImageryRequest
from requests_app.routing import cell_for
from requests_app.selectors import standing_refusals

Opening = Callable[..., None]


def to_submit(request: ImageryRequest) -> None:
    """Of the cell that would get it, unless nothing is asked for in that entity's name."""
    today = timezone.localdate()
    cell = cell_for(
        sensor_id=request.sensor_id,
        is_scientific=request.entity.category.is_scientific,
        on=today,
    )
    if cell is not None and not standing_refusals(request, today):
        open_envelopes(request, cell_id=cell.pk, on=today)


def of_the_day(request: ImageryRequest, **_said: object) -> None:
    open_envelopes(request, cell_id=request.cell_id, on=timezone.localdate())


def of_today(request: ImageryRequest) -> None:
    """Whatever day it was charged on until now."""
    request.charged_on = timezone.localdate()
    of_the_day(request)


def to_offer(request: ImageryRequest, *, conversion: Conversion, **_said: object) -> None:
    """Of the images offered, unless they are those asked for or may not be offered."""
    conversion = conversion.differing_from(request)
    if conversion == AS_ASKED or conversion_refusals(request, conversion):
        return
    of_the_day(with_answers(request, conversion))


def to_reroute(request: ImageryRequest, *, cell_id: int, **_said: object) -> None:
    open_envelopes(request, cell_id=cell_id, on=timezone.localdate())


def to_defer(request: ImageryRequest, *, until: date, **_said: object) -> None:
    if not deferral_refusals(until):
        request.charged_on = until
        open_envelopes(request, cell_id=request.cell_id, on=until)

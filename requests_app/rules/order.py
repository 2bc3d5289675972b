"""What the operator can make of the choices of an order. Pure: values in, a refusal or None out."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal, refusals_in
from requests_app.models import (
    AcquisitionMode,
    BitDepth,
    ProcessingLevel,
    Radiometry,
    RequestKind,
)

DATES_MAXIMUM = 24


@dataclass(frozen=True, kw_only=True)
class OrderChoices:
    """Named as the columns of a request. ``base_to_height_*`` bound the ratio of a stereo pair;
    as many images as ``acquisition_dates`` are wanted, ``interval_days`` apart at least."""

    request_kind: str = ""
    acquisition_mode: str = AcquisitionMode.MONO
    processing_level: str = ""
    radiometry: str = ""
    bit_depth: int = BitDepth.TWELVE
    base_to_height_minimum: Decimal | None = None
    base_to_height_maximum: Decimal | None = None
    acquisition_dates: int = 1
    interval_days: int | None = None
    window_starts_on: date | None = None
    window_ends_on: date | None = None

    @classmethod
    def of(cls, answer_to: Callable[[str], Any]) -> Self:
        """By name; while a form is filled in, an answer that cannot be read yet is None."""
        answers = {field.name: answer_to(field.name) for field in fields(cls)}
        return cls(**{name: answer for name, answer in answers.items() if answer not in (None, "")})

    @property
    def is_stereo(self) -> bool:
        return self.acquisition_mode != AcquisitionMode.MONO


def stereo_is_in_sensor_geometry(order: OrderChoices) -> Refusal | None:
    if not order.is_stereo or order.processing_level == ProcessingLevel.PRIMARY:
        return None
    message = _(
        "A stereo pair is delivered in sensor geometry: an orthorectified one has no relief."
    )
    return Refusal("stereo_not_ortho", message)


def reflectance_keeps_its_bits(order: OrderChoices) -> Refusal | None:
    if order.radiometry != Radiometry.REFLECTANCE or order.bit_depth == BitDepth.TWELVE:
        return None
    message = _("Reflectance is delivered in 12 bits; %(bits)s were chosen.")
    return Refusal("reflectance_in_12_bits", message % {"bits": order.bit_depth})


def ratio_is_of_stereo(order: OrderChoices) -> Refusal | None:
    if order.is_stereo or (
        order.base_to_height_minimum is None and order.base_to_height_maximum is None
    ):
        return None
    message = _("Base over height is asked for of stereo images only.")
    return Refusal("ratio_without_stereo", message)


def ratio_is_ordered(order: OrderChoices) -> Refusal | None:
    least, most = order.base_to_height_minimum, order.base_to_height_maximum
    if least is None or most is None or least <= most:
        return None
    message = _(
        "Base over height is at least %(least)s and at most %(most)s: nothing lies between."
    )
    return Refusal("ratio_reversed", message % {"least": least, "most": most})


def dates_are_of_tasking(order: OrderChoices) -> Refusal | None:
    if order.acquisition_dates == 1 or order.request_kind == RequestKind.TASKING:
        return None
    message = _("%(dates)s dates were asked for: only a new acquisition is made several times.")
    return Refusal("series_of_archive", message % {"dates": order.acquisition_dates})


def dates_have_an_interval(order: OrderChoices) -> Refusal | None:
    if order.acquisition_dates == 1 or order.interval_days:
        return None
    message = _("%(dates)s dates were asked for: say how many days apart they are to be.")
    return Refusal("interval_missing", message % {"dates": order.acquisition_dates})


def dates_fit_the_window(order: OrderChoices) -> Refusal | None:
    starts_on, ends_on = order.window_starts_on, order.window_ends_on
    if order.acquisition_dates == 1 or not order.interval_days or not (starts_on and ends_on):
        return None
    needed = timedelta(days=(order.acquisition_dates - 1) * order.interval_days)
    if ends_on - starts_on >= needed:
        return None
    message = _(
        "%(dates)s dates at least %(interval)s days apart take %(needed)s days; the window has"
        " %(window)s."
    )
    figures = {
        "dates": order.acquisition_dates,
        "interval": order.interval_days,
        "needed": needed.days,
        "window": (ends_on - starts_on).days,
    }
    return Refusal("series_beyond_window", message % figures)


ORDER_RULES: tuple[Callable[[OrderChoices], Refusal | None], ...] = (
    stereo_is_in_sensor_geometry,
    reflectance_keeps_its_bits,
    ratio_is_of_stereo,
    ratio_is_ordered,
    dates_are_of_tasking,
    dates_have_an_interval,
    dates_fit_the_window,
)


def order_refusals(order: OrderChoices) -> list[Refusal]:
    return refusals_in(*(rule(order) for rule in ORDER_RULES))

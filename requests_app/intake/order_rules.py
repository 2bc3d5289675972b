"""What the operator can make of the choices of an order. Pure: values in, a refusal or None out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal

DATES_MAXIMUM = 24


@dataclass(frozen=True, kw_only=True)
class OrderChoices:
    """`ratio_minimum` and `ratio_maximum` bound base over height of a stereo pair; `dates` images
    are wanted, `interval_days` apart at least."""

    request_kind: str
    acquisition_mode: str
    processing_level: str
    radiometry: str
    bit_depth: int
    ratio_minimum: Decimal | None = None
    ratio_maximum: Decimal | None = None
    dates: int = 1
    interval_days: int | None = None
    window_starts_on: date | None = None
    window_ends_on: date | None = None

    @property
    def is_stereo(self) -> bool:
        return self.acquisition_mode != "mono"


def stereo_is_in_sensor_geometry(order: OrderChoices) -> Refusal | None:
    if not order.is_stereo or order.processing_level == "primary":
        return None
    message = _(
        "A stereo pair is delivered in sensor geometry: an orthorectified one has no relief."
    )
    return Refusal("stereo_not_ortho", message)


def reflectance_keeps_its_bits(order: OrderChoices) -> Refusal | None:
    if order.radiometry != "reflectance" or order.bit_depth == 12:
        return None
    message = _("Reflectance is delivered in 12 bits; %(bits)s were chosen.")
    return Refusal("reflectance_in_12_bits", message % {"bits": order.bit_depth})


def ratio_is_of_stereo(order: OrderChoices) -> Refusal | None:
    if order.is_stereo or (order.ratio_minimum is None and order.ratio_maximum is None):
        return None
    message = _("Base over height is asked for of stereo images only.")
    return Refusal("ratio_without_stereo", message)


def ratio_is_ordered(order: OrderChoices) -> Refusal | None:
    least, most = order.ratio_minimum, order.ratio_maximum
    if least is None or most is None or least <= most:
        return None
    message = _(
        "Base over height is at least %(least)s and at most %(most)s: nothing lies between."
    )
    return Refusal("ratio_reversed", message % {"least": least, "most": most})


def dates_are_of_tasking(order: OrderChoices) -> Refusal | None:
    if order.dates == 1 or order.request_kind == "tasking":
        return None
    message = _("%(dates)s dates were asked for: only a new acquisition is made several times.")
    return Refusal("series_of_archive", message % {"dates": order.dates})


def dates_have_an_interval(order: OrderChoices) -> Refusal | None:
    if order.dates == 1 or order.interval_days:
        return None
    message = _("%(dates)s dates were asked for: say how many days apart they are to be.")
    return Refusal("interval_missing", message % {"dates": order.dates})


def dates_fit_the_window(order: OrderChoices) -> Refusal | None:
    starts_on, ends_on = order.window_starts_on, order.window_ends_on
    if order.dates == 1 or not order.interval_days or not (starts_on and ends_on):
        return None
    needed = timedelta(days=(order.dates - 1) * order.interval_days)
    if ends_on - starts_on >= needed:
        return None
    message = _(
        "%(dates)s dates at least %(interval)s days apart take %(needed)s days; the window has"
        " %(window)s."
    )
    figures = {
        "dates": order.dates,
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


def area_is_counted_once(*, dates: int, scenes: int) -> Refusal | None:
    """Quotas and prices count an area once. Until they count a series, it is kept as a draft."""
    images = max(dates, scenes)
    if images <= 1:
        return None
    message = _(
        "%(images)s images of the area are asked for, and quotas and prices count one only: hand"
        " in one request for each."
    )
    return Refusal("several_images_not_counted", message % {"images": images})


def order_refusals(order: OrderChoices) -> list[Refusal]:
    return [refusal for rule in ORDER_RULES if (refusal := rule(order)) is not None]

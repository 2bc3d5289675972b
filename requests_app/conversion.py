"""What an offer changes of what was asked for, beside the area: the sensor, the kind, the mode, the
processing level or the window. A tasking becomes an archive image, a stereo pair one image."""

from copy import copy
from dataclasses import dataclass, fields, replace
from datetime import date

from django.contrib.gis.geos import MultiPolygon

from eligibility.models import Sensor
from requests_app.effects import set_order_area
from requests_app.models import ImageryRequest, Offer, default_of
from requests_app.revisions import Change, answers_of
from requests_app.rules.relevance import idle_answers


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What is empty stays as asked; but with another kind comes the window given here, or none."""

    sensor_id: int | None = None
    request_kind: str = ""
    acquisition_mode: str = ""
    processing_level: str = ""
    window_starts_on: date | None = None
    window_ends_on: date | None = None

    def differing_from(self, request: ImageryRequest) -> "Conversion":
        """Without what is as asked. The window of another kind is given whole."""
        names = ["sensor_id", "acquisition_mode", "processing_level"]
        if not self.changes_kind(request):
            names += ["request_kind", "window_starts_on", "window_ends_on"]
        same = {name for name in names if getattr(self, name) == getattr(request, name)}
        return replace(self, **{name: getattr(AS_ASKED, name) for name in same})

    def changes_kind(self, request: ImageryRequest) -> bool:
        return self.request_kind not in ("", request.request_kind)


AS_ASKED = Conversion()


@dataclass(frozen=True)
class Available:
    """What of the area asked for was available of the other images when the offer was made."""

    coverage: dict[str, object]
    missing_aoi: MultiPolygon | None


CONVERTED_FIELDS = (
    "sensor",
    "request_kind",
    "archive_scenes",
    "acquisition_mode",
    "base_to_height_minimum",
    "base_to_height_maximum",
    "processing_level",
    "window_starts_on",
    "window_ends_on",
    "acquisition_dates",
    "interval_days",
    "on_shortfall",
    "coverage",
    "missing_aoi",
)


def convert(request: ImageryRequest, conversion: Conversion, available: Available | None) -> None:
    """Change ``CONVERTED_FIELDS``; answers that the others make idle are put back to the usual."""
    changes_kind = conversion.changes_kind(request)
    if conversion.sensor_id not in (None, request.sensor_id):
        request.sensor = Sensor.objects.get(pk=conversion.sensor_id)
        request.archive_scenes = default_of("archive_scenes")
    for name in ("request_kind", "acquisition_mode", "processing_level"):
        setattr(request, name, getattr(conversion, name) or getattr(request, name))
    for name in ("window_starts_on", "window_ends_on"):
        day = getattr(conversion, name)
        setattr(request, name, day if changes_kind else day or getattr(request, name))
    _settle_idle(request, conversion)
    if available is not None:
        request.coverage, request.missing_aoi = available.coverage, available.missing_aoi


def _settle_idle(request: ImageryRequest, conversion: Conversion) -> None:
    decide = ("request_kind", "acquisition_mode", "radiometry", "acquisition_dates")
    idle = idle_answers({name: getattr(request, name) for name in decide})
    if conversion.processing_level:
        idle.pop("processing_level", None)  # chosen: to be judged, not ignored
    for name, value in idle.items():
        setattr(request, name, value)


def converted(
    request: ImageryRequest, conversion: Conversion, available: Available | None = None
) -> ImageryRequest:
    """The request as it would be, with its order area; ``request`` stays as it is. Not to be
    saved."""
    other = with_answers(request, conversion, available)
    if (other.sensor_id, other.request_kind) != (request.sensor_id, request.request_kind):
        set_order_area(other)
    return other


def with_answers(
    request: ImageryRequest, conversion: Conversion, available: Available | None = None
) -> ImageryRequest:
    """``converted``, with the order area as asked: that of other images takes time."""
    other = copy(request)
    convert(other, conversion, available)
    return other


def changes_of(request: ImageryRequest, conversion: Conversion) -> dict[str, Change]:
    """Old and new, of every answer that the conversion changes."""
    return answers_of(request).changes_to(answers_of(with_answers(request, conversion)))


def conversion_of(offer: Offer) -> Conversion:
    return Conversion(**{each.name: getattr(offer, each.name) for each in fields(Conversion)})


def available_of(offer: Offer) -> Available | None:
    if offer.coverage is None:
        return None
    return Available(offer.coverage, offer.missing_aoi)

"""Which answers the others make idle: they are not asked for, and ignored when they are sent."""

from collections.abc import Mapping
from typing import Any

from requests_app.models import (
    AcquisitionMode,
    BitDepth,
    ProcessingLevel,
    Radiometry,
    RequestKind,
    default_of,
)

OF_AN_ORDER = (
    "acquisition_mode",
    "spectral_mode",
    "processing_level",
    "radiometry",
    "bit_depth",
    "file_format",
    "maximum_incidence_deg",
    "archive_scenes",
    "uses_prefunded",
    "agrees_to_enlargement",
    "asks_to_join",
)
OF_STEREO = ("base_to_height_minimum", "base_to_height_maximum")
OF_A_SERIES = ("interval_days",)
OF_TASKING = ("acquisition_dates", *OF_A_SERIES, "on_shortfall")
OF_ARCHIVE = ("archive_scenes",)


def idle_answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in place of each idle answer, by its name. ``answers`` are named as
    ``DRAFT_FIELDS``; the kind is ``open`` where the sensor is open data.

    Open data is not ordered. Only a new acquisition has several dates and an end of its window,
    only the archive has scenes. A stereo pair is delivered in sensor geometry, and only stereo has
    a base over height; reflectance is delivered in 12 bits.
    """
    kind, mode = answers.get("request_kind"), answers.get("acquisition_mode")
    idle: dict[str, Any] = {}
    if kind == RequestKind.OPEN:
        idle |= _defaults(*OF_AN_ORDER)
    if kind != RequestKind.TASKING:
        idle |= _defaults(*OF_TASKING)
    if kind != RequestKind.ARCHIVE:
        idle |= _defaults(*OF_ARCHIVE)
    if kind == RequestKind.OPEN or mode == AcquisitionMode.MONO:
        idle |= _defaults(*OF_STEREO)
    elif mode:
        idle["processing_level"] = str(ProcessingLevel.PRIMARY)
    if answers.get("radiometry") == Radiometry.REFLECTANCE:
        idle["bit_depth"] = int(BitDepth.TWELVE)
    if answers.get("acquisition_dates") == 1:
        idle |= _defaults(*OF_A_SERIES)
    return idle


def _defaults(*names: str) -> dict[str, Any]:
    return {name: default_of(name) for name in names}

"""What the form of a request asks, by the name of its column; the sensor and the area apart."""

from typing import Any

from requests_app.models.request import ImageryRequest

DRAFT_FIELDS = (
    "title",
    "project",
    "purpose",
    "public_service_mission",
    "partners",
    "contractors",
    "request_kind",
    "archive_scenes",
    "acquisition_mode",
    "base_to_height_minimum",
    "base_to_height_maximum",
    "window_starts_on",
    "window_ends_on",
    "acquisition_dates",
    "interval_days",
    "maximum_cloud_percent",
    "maximum_incidence_deg",
    "spectral_mode",
    "processing_level",
    "radiometry",
    "bit_depth",
    "file_format",
    "on_shortfall",
    "uses_prefunded",
    "agrees_to_enlargement",
    "asks_to_join",
    "agrees_to_repair",
)


def label_of(name: str) -> Any:
    """What the form asks: the name of the column, still to be translated."""
    return ImageryRequest._meta.get_field(name).verbose_name  # noqa: SLF001 - documented


def default_of(name: str) -> Any:
    return ImageryRequest._meta.get_field(name).get_default()  # noqa: SLF001 - documented

"""The simple form: few answers, and the rest from a preset. Pure: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from requests_app.models import OnShortfall, OrderPreset, RequestKind

TITLE_LENGTH_MAXIMUM = 120


@dataclass(frozen=True, kw_only=True)
class SimpleAnswers:
    """What is asked for in the simple form, on ``asked_on``. ``place`` names the area."""

    preset: OrderPreset
    place: str
    purpose: str
    starts_on: date | None
    ends_on: date | None
    maximum_cloud_percent: int
    asked_on: date

    @property
    def request_kind(self) -> str:
        """Of days to come an image can only be acquired; those behind are in the archive, which is
        also searched where no day is named."""
        if self.ends_on is not None and self.ends_on > self.asked_on:
            return RequestKind.TASKING
        return RequestKind.ARCHIVE

    @property
    def title(self) -> str:
        return f"{self.place}, {self.preset.name}"[:TITLE_LENGTH_MAXIMUM]

    def as_draft(self) -> dict[str, Any]:
        """By the names of the request's fields."""
        return {
            "title": self.title,
            "purpose": self.purpose,
            "public_service_mission": "",
            "request_kind": self.request_kind,
            "acquisition_mode": self.preset.acquisition_mode,
            "window_starts_on": self._window_starts_on,
            "window_ends_on": self.ends_on,
            "maximum_cloud_percent": self.maximum_cloud_percent,
            "maximum_incidence_deg": self.preset.maximum_incidence_deg,
            "spectral_mode": self.preset.spectral_mode,
            "processing_level": self.preset.processing_level,
            "on_shortfall": OnShortfall.RELEASE,
            "uses_prefunded": False,
            "agrees_to_enlargement": False,
        }

    @property
    def _window_starts_on(self) -> date | None:
        """Nothing is acquired before today."""
        if self.request_kind != RequestKind.TASKING:
            return self.starts_on
        return max(self.starts_on or self.asked_on, self.asked_on)

    def in_one_sentence(self) -> str:
        """All that the form did not ask about."""
        sentence = _(
            "%(sensor)s, %(kind)s, %(mode)s; %(product)s, %(level)s; seen at %(incidence)s° at"
            " most; what does not come is given back to your quota."
        )
        preset = self.preset
        return sentence % {
            "sensor": preset.sensor.name,
            "kind": RequestKind(self.request_kind).label.lower(),
            "mode": preset.get_acquisition_mode_display().lower(),
            "product": preset.get_spectral_mode_display().lower(),
            "level": preset.get_processing_level_display().lower(),
            "incidence": preset.maximum_incidence_deg,
        }

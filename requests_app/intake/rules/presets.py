"""The simple form: few answers, the others from a preset. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from eligibility.models import Sensor
from requests_app.models import AcquisitionMode, OrderPreset, RequestKind
from requests_app.models.choices import ProcessingLevel, SpectralMode

TITLE_LENGTH_MAXIMUM = 120
OF_A_PRESET = (
    "acquisition_mode",
    "spectral_mode",
    "processing_level",
    "maximum_incidence_deg",
)
"""What a preset says beside its sensor, by the names of the request's fields."""


def kind_of_days(ends_on: date | None, *, asked_on: date) -> str:
    """Of days to come an image can only be acquired; those behind are in the archive, which is also
    searched where no day is named."""
    is_to_come = ends_on is not None and ends_on > asked_on
    return RequestKind.TASKING if is_to_come else RequestKind.ARCHIVE


def choices_of(preset: OrderPreset) -> dict[str, Any]:
    return {"sensor": preset.sensor_id} | {name: getattr(preset, name) for name in OF_A_PRESET}


def preset_of(choices: dict[str, Any], presets: Sequence[OrderPreset]) -> OrderPreset | None:
    """The one that says just that; what was typed is text."""
    typed = {name: str(choices.get(name, "")) for name in ("sensor", *OF_A_PRESET)}
    for preset in presets:
        if typed == {name: str(value) for name, value in choices_of(preset).items()}:
            return preset
    return None


def title_of(preset: OrderPreset, file_name: str) -> str:
    """After the place, as the file of the area names it."""
    named = [part for part in (PurePath(file_name).stem, preset.name) if part]
    return ", ".join(named)[:TITLE_LENGTH_MAXIMUM]


def tasking_starts_on(starts_on: date | None, *, asked_on: date) -> date:
    """Nothing is acquired before today."""
    return max(starts_on or asked_on, asked_on)


@dataclass(frozen=True, kw_only=True)
class ChosenForYou:
    """All that the simple form does not ask about."""

    sensor: Sensor
    request_kind: str
    acquisition_mode: str
    spectral_mode: str
    processing_level: str
    maximum_incidence_deg: int

    @property
    def is_open(self) -> bool:
        return self.sensor.is_open_data

    @property
    def in_one_sentence(self) -> str:
        if self.is_open:
            message = _(
                "%(sensor)s is open data: nothing is ordered, you are told where to get it."
            )
            return message % {"sensor": self.sensor.name}
        sentence = _(
            "%(sensor)s, %(kind)s, %(mode)s; %(product)s, %(level)s; seen at %(incidence)s° at"
            " most."
        )
        if self.request_kind == RequestKind.TASKING:
            sentence = _(
                "%(sensor)s, %(kind)s, %(mode)s; %(product)s, %(level)s; seen at %(incidence)s° at"
                " most; what does not come is given back to your quota."
            )
        return sentence % {
            "sensor": self.sensor.name,
            "kind": RequestKind(self.request_kind).label.lower(),
            "mode": AcquisitionMode(self.acquisition_mode).label.lower(),
            "product": SpectralMode(self.spectral_mode).label.lower(),
            "level": ProcessingLevel(self.processing_level).label.lower(),
            "incidence": self.maximum_incidence_deg,
        }

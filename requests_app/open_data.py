"""Images that are nobody's to give: where they are, and what to print beside them."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eligibility.models import Sensor
from eligibility.selectors import open_sensors


@dataclass(frozen=True)
class Link:
    label: str
    url: str


def links_of(sensor: Sensor) -> list[Link]:
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    return [Link(link[f"label_{language}"], link["url"]) for link in sensor.open_data_links]


def attribution_to_print(sensor: Sensor) -> str:
    """Beside an image of the sensor, the year being that of each image."""
    return sensor.attribution_pattern.format(year=_("[year of the image]"))


@dataclass(frozen=True)
class OpenData:
    sensor: Sensor
    links: list[Link]
    attribution: str


def open_data() -> list[OpenData]:
    return [
        OpenData(sensor, links_of(sensor), attribution_to_print(sensor))
        for sensor in open_sensors()
    ]

"""What a licence says of several images, of a stereo pair and of the scenes that were chosen."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import override

from licences.records import Parameter
from quotas.amounts import say
from quotas.pricing import FundingPlan
from requests_app.models import ImageryRequest

SCENES_SHOWN = 5


def image_parameters(request: ImageryRequest, plan: FundingPlan) -> Iterator[Parameter]:
    """Nothing where one image of the whole area was asked for."""
    yield from _ratio(request.base_to_height_minimum, request.base_to_height_maximum)
    if request.acquisition_dates > 1:
        dates, days = request.acquisition_dates, request.interval_days
        french = f"{dates}, à {days} jours d'intervalle au moins"
        yield parameter("Dates", "Dates", french, f"{dates}, at least {days} days apart")
    if request.archive_scenes:
        yield _scenes(request.archive_scenes)
    if plan.images_km2:
        yield _area(plan)


def _ratio(least: Decimal | None, most: Decimal | None) -> Iterator[Parameter]:
    bounds = [(sign, bound) for sign, bound in (("≥", least), ("≤", most)) if bound is not None]
    if not bounds:
        return
    said = {}
    for language in ("fr", "en"):
        with override(language):
            figures = (f"{sign} {number_format(bound, 2)}" for sign, bound in bounds)
            said[language] = ", ".join(figures)
    yield parameter("Rapport base sur hauteur", "Base over height", said["fr"], said["en"])


def _scenes(names: list[str]) -> Parameter:
    shown, more = ", ".join(names[:SCENES_SHOWN]), len(names) - SCENES_SHOWN
    french, english = shown, shown
    if more > 0:
        french, english = f"{shown} et {more} autres", f"{shown} and {more} more"
        if more == 1:
            french = f"{shown} et 1 autre"
    return parameter("Scènes d'archive", "Scenes of the archive", french, english)


def _area(plan: FundingPlan) -> Parameter:
    """What the funding lines add up to."""
    said = {}
    for language in ("fr", "en"):
        with override(language):
            total = say(plan.area_km2, "km2")
            each = "" if plan.km2_of_each is None else say(plan.km2_of_each, "km2")
            said[language] = f"{each} × {plan.image_count} = {total}" if each else total
    return parameter(
        "Surface de toutes les images", "Area of all images together", said["fr"], said["en"]
    )


def parameter(label_fr: str, label_en: str, value_fr: str, value_en: str) -> Parameter:
    return Parameter(label_fr=label_fr, label_en=label_en, value_fr=value_fr, value_en=value_en)

"""What the page of a form shows beside the questions: the rest in one sentence, scenes of the
archive to choose from, advice on clouds, and by how much an order would be enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.utils import timezone

from catalogue.models import ArchiveScene
from catalogue.selectors import CoverageCriteria, SceneOver, scenes_over
from eligibility.models import Sensor, User
from orbitrage.shared.errors import DomainError
from requests_app.intake.new_form import NewRequestForm
from requests_app.intake.request_form import RequestForm
from requests_app.intake.selectors import cloud_advice
from requests_app.intake.services import draft_of
from requests_app.intake.simple import Rest
from requests_app.models import CloudAdvice, RequestKind


@dataclass(frozen=True)
class SceneToChoose:
    """``covered_percent`` of the area; None of a scene that does not meet it, or not the criteria,
    and was chosen all the same."""

    name: str
    is_chosen: bool
    scene: ArchiveScene | None = None
    covered_percent: Decimal | None = None


@dataclass(frozen=True)
class Beside:
    """``enlarged_km2``: what the operator takes around the area, None where that is the area."""

    advice: CloudAdvice | None
    scenes: list[SceneToChoose]
    rest: Rest | None = None
    enlarged_km2: Decimal | None = None


def beside(form: RequestForm, *, user: User) -> Beside:
    today = timezone.localdate()
    advice = None if form.aoi is None else cloud_advice(form.aoi, today)
    if isinstance(form, NewRequestForm) and form.is_simple:
        rest = form.rest
        return Beside(advice, [], rest, _enlarged_km2(form, rest, user))
    return Beside(advice, _scenes(form))


def _enlarged_km2(form: NewRequestForm, rest: Rest | None, user: User) -> Decimal | None:
    on_behalf = next(iter(form.on_behalf_by_key.values()), None)
    if rest is None or form.area is None or on_behalf is None or rest.is_open:
        return None
    answers = {"request_kind": rest.request_kind, "acquisition_mode": rest.acquisition_mode}
    try:
        draft = draft_of(
            user=user,
            entity=on_behalf.entity,
            mandate=on_behalf.mandate,
            sensor=rest.sensor,
            area=form.area,
            answers=answers,
        )
    except DomainError:
        return None
    return draft.operator_area_km2 if draft.order_is_enlarged else None


def _scenes(form: RequestForm) -> list[SceneToChoose]:
    chosen = [str(name) for name in form["archive_scenes"].value() or []]
    sensor = _said(form, "sensor")
    is_archive = form["request_kind"].value() != RequestKind.TASKING
    if form.aoi is None or not isinstance(sensor, Sensor) or not is_archive:
        return [SceneToChoose(name, is_chosen=True) for name in chosen]
    found = _found(form, form.aoi, sensor)
    listed = [
        SceneToChoose(
            each.scene.identifier,
            each.scene.identifier in chosen,
            each.scene,
            each.covered_percent,
        )
        for each in found
    ]
    names = {each.name for each in listed}
    return [SceneToChoose(name, is_chosen=True) for name in chosen if name not in names] + listed


def _found(form: RequestForm, aoi: MultiPolygon, sensor: Sensor) -> list[SceneOver]:
    criteria = CoverageCriteria(
        sensor_id=sensor.pk,
        acquired_from=_day(form, "window_starts_on"),
        acquired_to=_day(form, "window_ends_on"),
        maximum_cloud_percent=_said(form, "maximum_cloud_percent"),
    )
    most_deg = _said(form, "maximum_incidence_deg")
    return [
        each
        for each in scenes_over(aoi, criteria)
        if most_deg is None or abs(each.scene.incidence_angle_deg or 0) <= most_deg
    ]


def _day(form: RequestForm, name: str) -> date | None:
    found = _said(form, name)
    return found if isinstance(found, date) else None


def _said(form: forms.Form, name: str) -> Any:
    """The value of one answer, whatever the others are; None while it cannot be read."""
    field = form.fields[name]
    try:
        return field.clean(form[name].value())
    except ValidationError:
        return None

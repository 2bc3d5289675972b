"""What the page of a form shows beside the questions: what is chosen for you in a sentence, scenes
of the archive to choose from, advice on clouds, and by how much an order would be enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalogue.models import ArchiveScene
from catalogue.selectors import CoverageCriteria, SceneOver, scenes_over
from eligibility.models import Sensor, User
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from requests_app.intake.forms.new_request import NewRequestForm
from requests_app.intake.forms.request import RequestForm
from requests_app.intake.rules.presets import ChosenForYou
from requests_app.intake.selectors.form import cloud_advice
from requests_app.intake.services import draft_of
from requests_app.models import CloudAdvice, RequestKind
from requests_app.views.area import kept_area
from requests_app.views.unfinished import request_of_form


@dataclass(frozen=True)
class SceneToChoose:
    """``covered_percent`` of the area; None of a scene that does not meet it, or not the criteria,
    and was chosen all the same."""

    name: str
    is_chosen: bool
    scene: ArchiveScene | None = None
    covered_percent: Decimal | None = None


@dataclass(frozen=True)
class ChoicesShown:
    """``enlarged_km2``: what the operator takes around the area, None where that is the area."""

    advice: CloudAdvice | None
    scenes: list[SceneToChoose]
    chosen_for_you: ChosenForYou | None = None
    enlarged_km2: Decimal | None = None


@login_required
@require_POST
def choices(request: AuthenticatedRequest) -> HttpResponse:
    """What the form shows beside its questions, as soon as an answer changes it. Without scripts,
    the page says it when it is sent."""
    imagery_request = request_of_form(request, request.user)
    area = kept_area(request)
    form: RequestForm = (
        NewRequestForm(request.POST, user=request.user, area=area)
        if imagery_request is None
        else RequestForm.of_change(imagery_request, request.POST, area=area)
    )
    context = {"form": form, "beside": choices_shown(form, user=request.user), "area": area}
    return render(request, "requests_app/choices.html", context)


def choices_shown(form: RequestForm, *, user: User) -> ChoicesShown:
    today = timezone.localdate()
    advice = None if form.aoi is None else cloud_advice(form.aoi, today)
    if isinstance(form, NewRequestForm) and form.is_simple:
        chosen = form.chosen_for_you
        return ChoicesShown(advice, [], chosen, _enlarged_km2(form, chosen, user))
    return ChoicesShown(advice, _scenes(form))


def _enlarged_km2(form: NewRequestForm, chosen: ChosenForYou | None, user: User) -> Decimal | None:
    on_behalf = form.on_behalf_by_key.get(str(form["on_behalf"].value()))
    if chosen is None or form.area is None or on_behalf is None or chosen.is_open:
        return None
    answers = {"request_kind": chosen.request_kind, "acquisition_mode": chosen.acquisition_mode}
    try:
        draft = draft_of(
            user=user,
            entity=on_behalf.entity,
            mandate=on_behalf.mandate,
            sensor=chosen.sensor,
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
        maximum_incidence_deg=_said(form, "maximum_incidence_deg"),
    )
    return scenes_over(aoi, criteria)


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

"""A request before it is submitted: its area, its answers, its number."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import shapely
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from eligibility.models import Entity, Mandate, Sensor, User
from eligibility.permissions import Actor
from eligibility.selectors import acting_for, actor_of
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from orbitrage.shared.transactions import retried_once
from requests_app.aoi.axes import swapped_axes, with_axes_swapped
from requests_app.aoi.reading import AreaRefused, read_area
from requests_app.aoi.repair import Repair, faults_of
from requests_app.effects import ORDER_AREA, days_from_today, set_order_area
from requests_app.intake.relevance import idle_answers
from requests_app.joining import join
from requests_app.models import (
    ImageryRequest,
    RequestKind,
    UploadedArea,
)
from requests_app.permissions import is_asking, is_entity_contact
from requests_app.revisions import keep_answers
from requests_app.transitions import (
    TransitionRefused,
    lock_request,
)
from requests_app.workflow import State

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
    "agrees_to_repair",
)
AREA_FIELDS = (
    "aoi",
    "area_km2",
    "aoi_file_name",
    "aoi_repaired",
    "agrees_to_repair",
    *ORDER_AREA,
)


def keep_area(*, user: User, data: bytes, file_name: str, layer: str = "") -> UploadedArea:
    """Read an area from a user's file and keep it for the form.

    Raises:
        AreaRefused: the account may ask in nobody's name, or the file holds no usable area; says
            what is wrong and where.
    """
    if not acting_for(user, timezone.localdate()):
        message = _("Join an organisation first: your account may ask in nobody's name yet.")
        raise AreaRefused(Refusal("asks_for_nobody", message))
    area = read_area(data, file_name, layer=layer or None)
    return UploadedArea.objects.create(
        uploaded_by=user,
        file_name=file_name[-255:],
        geometry=to_geos_multipolygon(shapely.from_wkb(area.wkb)),
        area_km2=area.area_km2,
        looks_swapped=swapped_axes(area.wkb, territories_of(user)) is not None,
        notes=list(area.notes),
        **_repair_fields(area.repair),
    )


def _repair_fields(repair: Repair | None) -> dict[str, Any]:
    if repair is None:
        return {}
    return {
        "repaired": True,
        "repair_change_km2": repair.change_km2,
        "drawn": to_geos_multipolygon(shapely.from_wkb(repair.drawn_wkb)),
        "faults": [str(fault) for fault in repair.faults],
    }


def swap_axes(*, user: User, area: UploadedArea) -> UploadedArea:
    """The same area with latitude and longitude the other way round, as another one kept.

    Raises:
        AreaRefused: it does not look as if they were swapped.
    """
    wkb = bytes(area.geometry.wkb)
    turned = swapped_axes(wkb, territories_of(user)) if area.looks_swapped else None
    if turned is None:
        message = _("The axes of %(file)s do not look swapped: the area is left as it is.")
        raise AreaRefused(Refusal("axes_not_swapped", message % {"file": area.file_name}))
    return UploadedArea.objects.create(
        uploaded_by=user,
        file_name=area.file_name,
        geometry=to_geos_multipolygon(shapely.from_wkb(turned.wkb)),
        area_km2=turned.area_km2,
        repaired=area.repaired,
        repair_change_km2=_stretched(area.repair_change_km2, turned.area_km2 / area.area_km2),
        drawn=area.drawn and to_geos_multipolygon(with_axes_swapped(to_shapely(area.drawn))),
        faults=[str(fault.turned) for fault in faults_of(area.faults or [])],
        notes=area.notes,
    )


def _stretched(change_km2: Decimal | None, by: Decimal) -> Decimal | None:
    """Elsewhere on the map what was drawn and what was mended are larger or smaller alike."""
    return None if change_km2 is None else (change_km2 * by).quantize(Decimal("0.000001"))


def territories_of(user: User) -> list[BaseGeometry]:
    """Of the entities on whose behalf the user may ask, where they are known."""
    found = (each.entity.territory for each in acting_for(user, timezone.localdate()))
    return [to_shapely(territory) for territory in found if territory is not None]


def draft_of(
    *,
    user: User,
    entity: Entity,
    mandate: Mandate | None,
    sensor: Sensor,
    area: UploadedArea,
    answers: Mapping[str, Any],
) -> ImageryRequest:
    """A request in memory only: what the check button previews and ``create_draft`` saves.

    ``answers`` are named as :data:`DRAFT_FIELDS`.
    """
    draft: ImageryRequest = ImageryRequest(
        requester=user, entity=entity, mandate=mandate, sensor=sensor, **answers
    )
    draft.request_kind = _kind_of(sensor, draft.request_kind)
    _drop_idle_answers(draft)
    _set_area(draft, area, agreed=bool(answers.get("agrees_to_repair")))
    return draft


def _set_area(draft: ImageryRequest, area: UploadedArea, *, agreed: bool) -> None:
    """``agreed`` to the repair of this very area: agreeing once is not agreeing for ever."""
    draft.aoi = area.geometry
    draft.area_km2 = area.area_km2
    draft.aoi_file_name = area.file_name
    draft.aoi_repaired = area.repaired
    draft.agrees_to_repair = agreed
    set_order_area(draft)


def _drop_idle_answers(request: ImageryRequest) -> None:
    answers = {name: getattr(request, name) for name in DRAFT_FIELDS}
    for name, value in idle_answers(answers).items():
        setattr(request, name, value)


class CoRequesterRefused(DomainError):
    """Somebody who was named to ask too cannot: nothing was written."""


def create_draft(
    *, draft: ImageryRequest, user: User, co_requesters: Sequence[str] = ()
) -> ImageryRequest:
    """Save ``draft`` under a new number; whoever has one of the addresses asks with ``user``.

    Raises:
        CoRequesterRefused: nobody has that address, or who has it asks already.
        PermissionDenied: ``user`` may not ask on behalf of that entity.
    """
    require_acting_for(user, draft)
    with transaction.atomic():
        draft.number = next_number()
        draft.due_on = days_from_today("draft-life-days")
        draft.save(force_insert=True)
        for email in co_requesters:
            try:
                join(request_id=draft.pk, user=user, email=email)
            except TransitionRefused as refused:
                raise CoRequesterRefused(*refused.refusals) from refused
    return draft


def require_acting_for(user: User, draft: ImageryRequest) -> None:
    on_behalf = {
        (found.entity.pk, found.mandate.pk if found.mandate else None)
        for found in acting_for(user, timezone.localdate())
    }
    if (draft.entity_id, draft.mandate_id) not in on_behalf:
        raise PermissionDenied


def next_number() -> str:
    """The number of a request: the year and a running number, with gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_app_request_number')")
        (running,) = cursor.fetchone()
    return f"R{timezone.localdate().year}-{running:06d}"


@retried_once
@transaction.atomic
def update_draft(
    *,
    request_id: int,
    user: User,
    sensor: Sensor,
    answers: Mapping[str, Any],
    area: UploadedArea | None = None,
) -> ImageryRequest:
    """Change a draft, or the file of a request whose cell has asked for information.

    Raises:
        TransitionRefused: the request is no longer in the requester's hands, or its cell would
            have to examine another sensor.
        PermissionDenied: somebody else's request.
    """
    request = lock_request(request_id)
    actor = actor_of(user)
    if not (is_asking(request, actor) or _answers_for_entity(request, actor)):
        raise PermissionDenied
    if request.state not in (State.DRAFT, State.INFORMATION_REQUESTED):
        raise TransitionRefused(
            Refusal("not_editable", _("The cell has this request: it can no longer be changed."))
        )
    if request.state != State.DRAFT and request.sensor_id != sensor.pk:
        raise TransitionRefused(_sensor_is_examined(request))
    if request.state != State.DRAFT:
        keep_answers(request)
    take_answers(request, sensor=sensor, answers=answers, area=area)
    request.save(update_fields=["sensor", *DRAFT_FIELDS, *AREA_FIELDS])
    return request


def take_answers(
    request: ImageryRequest,
    *,
    sensor: Sensor,
    answers: Mapping[str, Any],
    area: UploadedArea | None,
) -> None:
    """Change the request in memory: what ``update_draft`` saves, and a price is shown of."""
    for name, value in answers.items():
        setattr(request, name, value)
    request.sensor = sensor
    request.request_kind = _kind_of(sensor, answers["request_kind"])
    _drop_idle_answers(request)
    if area is not None:
        _set_area(request, area, agreed=bool(answers.get("agrees_to_repair")))
    else:
        set_order_area(request)


def _sensor_is_examined(request: ImageryRequest) -> Refusal:
    message = _("The cell examines a request for %(sensor)s: ask for another sensor apart.")
    return Refusal("sensor_changed", message % {"sensor": request.sensor.name})


def _answers_for_entity(request: ImageryRequest, actor: Actor) -> bool:
    return request.state != State.DRAFT and is_entity_contact(request, actor)


def _kind_of(sensor: Sensor, asked: str) -> str:
    return RequestKind.OPEN if sensor.is_open_data else asked


@retried_once
@transaction.atomic
def copy(*, request_id: int, user: User) -> ImageryRequest:
    """A new draft with the content of a request of one's own or of a colleague.

    Under its mandate, unless asked by somebody of the entity itself. The order is for all of the
    area again, whatever part of it was granted.

    Raises:
        OrderTooLarge: the operator would not take it.
        PermissionDenied: somebody else's request.
    """
    source = ImageryRequest.objects.select_related("sensor", "entity").get(pk=request_id)
    actor = actor_of(user)
    of_entity = source.entity_id in actor.entity_ids
    mine = user.pk == source.requester_id or user.pk in source.co_requester_ids
    if not mine and not of_entity:
        raise PermissionDenied
    copied = [name for name in (*DRAFT_FIELDS, *AREA_FIELDS) if name not in ORDER_AREA]
    content = {name: getattr(source, name) for name in copied}
    draft = ImageryRequest(
        requester=user,
        entity=source.entity,
        mandate=None if of_entity else source.mandate,
        sensor=source.sensor,
        **content,
    )
    set_order_area(draft)
    return create_draft(draft=draft, user=user)

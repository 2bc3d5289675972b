"""A request before it is submitted: its area, its answers, its number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Entity, Mandate, Sensor, User
from eligibility.permissions import Actor
from eligibility.selectors import acting_for, actor_of
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.transactions import retried_once
from requests_app.effects import ORDER_AREA, days_from_today, set_order_area
from requests_app.intake.permissions import may_copy
from requests_app.joining import join
from requests_app.models import (
    DRAFT_FIELDS,
    ImageryRequest,
    RequestKind,
    UploadedArea,
)
from requests_app.permissions import is_asking, is_entity_contact
from requests_app.revisions import keep_answers
from requests_app.rules.relevance import idle_answers
from requests_app.rules.window import window_ahead
from requests_app.states import State
from requests_app.transitions import (
    TransitionRefused,
    lock_request,
)

AREA_FIELDS = (
    "aoi",
    "area_km2",
    "aoi_file_name",
    "aoi_repaired",
    "agrees_to_repair",
    *ORDER_AREA,
)


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
    seen_version: int | None = None,
) -> ImageryRequest:
    """Change a draft, or the file of a request whose cell has asked for information. With
    ``seen_version``, only as long as nobody has changed it since it was that one.

    Raises:
        ChangedElsewhere: it is another version by now.
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
    if seen_version not in (None, request.answers_version):
        raise ChangedElsewhere(request, answers)
    if request.state != State.DRAFT:
        keep_answers(request)
    request.answers_version += 1
    take_answers(request, sensor=sensor, answers=answers, area=area)
    request.save(update_fields=["sensor", "answers_version", *DRAFT_FIELDS, *AREA_FIELDS])
    return request


class ChangedElsewhere(TransitionRefused):
    """``version`` is that of the request as it is now, ``names`` are those of the answers that it
    has otherwise than they were sent."""

    def __init__(self, request: ImageryRequest, answers: Mapping[str, Any]) -> None:
        message = _(
            "Somebody changed %(number)s since you opened it: nothing was overwritten, and what you"
            " typed is still here. Compare it with the request, then send it again to put yours in"
            " its place."
        )
        super().__init__(Refusal("changed_elsewhere", message % {"number": request.number}))
        self.version = request.answers_version
        self.names = [name for name, answer in answers.items() if getattr(request, name) != answer]


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
    area again, whatever part of it was granted. A window of a new acquisition that is over is the
    same days of a year to come.

    Raises:
        OrderTooLarge: the operator would not take it.
        PermissionDenied: somebody else's request.
    """
    related = ImageryRequest.objects.select_related("sensor", "entity", "mandate")
    source = related.get(pk=request_id)
    actor, today = actor_of(user), timezone.localdate()
    if not may_copy(source, actor, today):
        raise PermissionDenied
    copied = [name for name in (*DRAFT_FIELDS, *AREA_FIELDS) if name not in ORDER_AREA]
    content = {name: getattr(source, name) for name in copied}
    draft = ImageryRequest(
        requester=user,
        entity=source.entity,
        mandate=None if actor.belongs_to(source.entity_id) else source.mandate,
        sensor=source.sensor,
        **content,
    )
    if draft.request_kind == RequestKind.TASKING:
        draft.window_starts_on, draft.window_ends_on = window_ahead(
            source.window_starts_on, source.window_ends_on, today
        )
    set_order_area(draft)
    return create_draft(draft=draft, user=user)

"""Over JSON: who one is, for whom one may ask, and what is offered."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router, Schema

from eligibility.bearer import Bearer
from eligibility.models import ApiToken, Scope, Sensor, User
from eligibility.permissions import Actor
from eligibility.selectors import OnBehalf, acting_for, actor_of

router = Router(tags=["account"])
READ = Bearer(Scope.READ)


class EntityOut(Schema):
    id: int
    name: str


class OnBehalfOut(Schema):
    key: str
    entity: EntityOut
    mandate: str | None


class TokenOut(Schema):
    name: str
    prefix: str
    scopes: list[str]
    expires_at: str


class MeOut(Schema):
    full_name: str
    email: str
    language: str
    on_behalf: list[OnBehalfOut]
    offices: list[str]
    token: TokenOut


class LimitsOut(Schema):
    minimum_area_km2: str | None
    minimum_width_km: str | None


class SensorOut(Schema):
    code: str
    name: str
    operator: str
    is_open_data: bool
    attribution: str
    maximum_vertices: int | None
    kinds: dict[str, LimitsOut]


class SensorsOut(Schema):
    items: list[SensorOut]


@router.get(
    "/me",
    auth=READ,
    response=MeOut,
    operation_id="read_me",
    url_name="me",
    summary=_("Who the token acts for, and in whose name they may ask"),
)
def me(request: HttpRequest) -> dict[str, Any]:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    user = token.user
    return {
        "full_name": user.full_name,
        "email": user.email,
        "language": user.language,
        "on_behalf": [on_behalf_as_json(found) for found in acting_for(user, timezone.localdate())],
        "offices": offices_of(actor_of(user)),
        "token": token_as_json(token),
    }


def on_behalf_as_json(found: OnBehalf) -> dict[str, Any]:
    return {
        "key": found.key,
        "entity": {"id": found.entity.pk, "name": found.entity.name},
        "mandate": found.mandate.contract_reference if found.mandate else None,
    }


def offices_of(actor: Actor) -> list[str]:
    posts = {role for _cell_id, role in actor.cells}
    if actor.is_secretariat:
        posts.add("secretariat")
    if actor.is_observer:
        posts.add("observer")
    return sorted(posts)


def token_as_json(token: ApiToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "expires_at": timezone.localtime(token.expires_at).isoformat(timespec="seconds"),
    }


@router.get(
    "/sensors",
    auth=READ,
    response=SensorsOut,
    operation_id="list_sensors",
    url_name="sensors",
    summary=_("The sensors offered, what of them can be asked for, and from which area on"),
)
def sensors(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 — ninja knows it by this name
    offered = Sensor.objects.offered().order_by("pk")
    return {"items": [sensor_as_json(sensor) for sensor in offered]}


def sensor_as_json(sensor: Sensor) -> dict[str, Any]:
    kinds = ["open"] if sensor.is_open_data else ["archive", "tasking"]
    return {
        "code": sensor.code,
        "name": sensor.name,
        "operator": sensor.operator,
        "is_open_data": sensor.is_open_data,
        "attribution": sensor.attribution_pattern,
        "maximum_vertices": sensor.maximum_vertices,
        "kinds": {kind: _limits(sensor, kind) for kind in kinds},
    }


def _limits(sensor: Sensor, kind: str) -> dict[str, str | None]:
    if kind == "open":
        return {"minimum_area_km2": None, "minimum_width_km": None}
    area_km2 = getattr(sensor, f"{kind}_minimum_area_km2")
    width_km = getattr(sensor, f"{kind}_minimum_width_km")
    return {
        "minimum_area_km2": None if area_km2 is None else str(area_km2),
        "minimum_width_km": None if width_km is None else str(width_km),
    }


def person_of(request: HttpRequest) -> User:
    """Whom the token of this call acts for."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token.user

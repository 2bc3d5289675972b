"""Every move that has a page, over JSON: one operation each, made of the table of the pages."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_noop, override
from ninja import Body as BodyParameter
from ninja import Router, Schema

from eligibility.api import person_of
from eligibility.bearer import Bearer, demand_scope
from eligibility.models import Scope, User
from eligibility.selectors import actor_of
from orbitrage.shared.api.bodies import Body, body_of, form_input
from orbitrage.shared.api.idempotency import PARAMETER, Answer, once
from orbitrage.shared.api.problems import valid
from requests_app.actions import ACTIONS, Action
from requests_app.api.drafting import saved
from requests_app.api.reading import ONE, READ, request_of
from requests_app.api.shapes import RequestOut
from requests_app.declarations import WORDS, allowed_to
from requests_app.models import ImageryRequest
from requests_app.permissions import by
from requests_app.transitions import check_move
from requests_app.workflow import is_allowed

router = Router(tags=["moves"])
Operation = Callable[..., HttpResponse]


def scope_of(name: str) -> Scope:
    """What those who ask may do needs no token for their offices, whoever else may do it too."""
    return Scope.REQUESTS if allowed_to(name).asking else Scope.OFFICE


def _demand_office(request: HttpRequest, imagery_request: ImageryRequest, name: str) -> None:
    """Of whoever may make a move of those who ask by an office alone: a token that writes requests
    does not act in its person's offices."""
    actor = actor_of(person_of(request))
    if not is_allowed(imagery_request, name, actor):
        return
    if not by(*allowed_to(name).asking)(imagery_request, actor):
        demand_scope(request, Scope.OFFICE)


def label_of(name: str) -> str:
    return str(WORDS[name]["label"])


def moved(
    imagery_request: ImageryRequest,
    user: User,
    name: str,
    values: Mapping[str, Any],
) -> Answer:
    """As the page of the move: first whether it is open to this person now, then what it asks."""
    action = ACTIONS[name]
    check_move(imagery_request, name, actor_of(user))
    data, files = form_input(values)
    form = valid(action.form(data, files, **_needed(action, imagery_request)))
    action.service(request_id=imagery_request.pk, user=user, **form.cleaned_data)
    told = saved(user, imagery_request)
    # Whoever has moved it out of their sight is not told what it is now.
    return Answer(told, status=HTTPStatus.OK if told else HTTPStatus.NO_CONTENT)


def make(request: HttpRequest, number: str, name: str, body: Body | None) -> HttpResponse:
    user, imagery_request = person_of(request), request_of(request, number)
    _demand_office(request, imagery_request, name)
    values = body.model_dump(exclude_unset=True) if body else {}
    return once(
        request,
        lambda: moved(imagery_request, user, name, values),
        before=lambda: _open(imagery_request, user, name, values),
    )


def _open(
    imagery_request: ImageryRequest, user: User, name: str, values: Mapping[str, Any]
) -> None:
    """What the move will need of the quotas; refuses nothing, which the move does."""
    action = ACTIONS[name]
    if action.opening is None or not is_allowed(imagery_request, name, actor_of(user)):
        return
    form = action.form(*form_input(values), **_needed(action, imagery_request))
    if form.is_valid():
        action.opening(imagery_request, **form.cleaned_data)


def operation_of(name: str, action: Action) -> Operation:
    """A function with the signature that ninja reads the call's description from."""
    if not action.form.base_fields:

        def without_body(request: HttpRequest, number: str) -> HttpResponse:
            return make(request, number, name, None)

        return without_body
    model = body_of(f"{name.title().replace('_', '')}Body", action.form)
    if any(field.is_required() for field in model.model_fields.values()):

        def with_body(request: HttpRequest, number: str, body: model) -> HttpResponse:  # type: ignore[valid-type]  # made at run time
            return make(request, number, name, body)

        return with_body

    def with_optional_body(
        request: HttpRequest,
        number: str,
        body: model | None = BodyParameter(None),  # type: ignore[valid-type, type-arg]  # noqa: B008 — how ninja declares it
    ) -> HttpResponse:
        return make(request, number, name, body)

    return with_optional_body


class ChoiceOut(Schema):
    value: str
    label: str


class AskedOut(Schema):
    """A field of the move's body; ``choices`` are those of this request, at this moment."""

    name: str
    label: str
    description: str
    is_required: bool
    choices: list[ChoiceOut]


class MoveFormOut(Schema):
    name: str
    label: str
    explanation: str
    is_final: bool
    fields: list[AskedOut]


@router.get(
    f"{ONE}/moves/{{slug:name}}",
    auth=READ,
    response=MoveFormOut,
    operation_id="read_move",
    url_name="move_form",
    summary=gettext_noop("What a move asks for, with the choices there are now"),
)
def read_move(request: HttpRequest, number: str, name: str) -> dict[str, Any]:
    imagery_request = request_of(request, number)
    if name not in ACTIONS:
        raise Http404
    action = ACTIONS[name]
    check_move(imagery_request, name, actor_of(person_of(request)))
    form = action.form(**_needed(action, imagery_request))
    return {
        "name": name,
        "label": label_of(name),
        "explanation": str(action.explanation),
        "is_final": action.is_final,
        "fields": [asked_as_json(field) for field in form],
    }


def asked_as_json(field: forms.BoundField) -> dict[str, Any]:
    chosen = getattr(field.field, "choices", ())
    return {
        "name": field.name,
        "label": str(field.label),
        "description": str(field.help_text),
        "is_required": field.field.required,
        "choices": [
            {"value": str(value), "label": str(label)}
            for value, label in chosen
            if value not in ("", None)
        ],
    }


def _needed(action: Action, imagery_request: ImageryRequest) -> dict[str, Any]:
    return {"imagery_request": imagery_request} if action.needs_request else {}


with override("en"):
    for _name, _action in ACTIONS.items():
        router.post(
            f"{ONE}/do/{_name}",
            auth=Bearer(scope_of(_name)),
            response={200: RequestOut, 204: None},
            operation_id=_name,
            url_name=f"move_{_name}",
            summary=label_of(_name),
            description=str(_action.explanation) or None,
            openapi_extra={"parameters": [PARAMETER]},
        )(operation_of(_name, _action))

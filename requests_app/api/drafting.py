"""Writing a request before it is submitted, over JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_noop as _
from django.utils.translation import override
from pydantic import Field, StringConstraints

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope, Sensor, User
from orbitrage.shared.api.bodies import Body, body_of, form_input
from orbitrage.shared.api.idempotency import PARAMETER, Answer, once
from orbitrage.shared.api.problems import Fault, Problem, valid
from requests_app.api.reading import ONE, request_of, router
from requests_app.api.shapes import RequestOut, request_as_json
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import NewRequestForm, RequestForm, initial_of
from requests_app.intake.forms.area import AreaForm
from requests_app.intake.services import ChangedElsewhere
from requests_app.models import ImageryRequest, UploadedArea, default_of
from requests_app.selectors import request_page

__all__ = ["router", "saved"]

WRITE = Bearer(Scope.REQUESTS)
IF_MATCH = "If-Match"
ATTEMPTS = 5
SEEN = {
    "in": "header",
    "name": IF_MATCH,
    "required": False,
    "description": _(
        "The version of the request that the change is made to, as it was read: once somebody else"
        " has changed it, it stays as it is, and this call is refused. Without it, what is not said"
        " stays as it is at that moment."
    ),
    "schema": {"type": "string", "maxLength": 20},
}
IDEMPOTENT = {"parameters": [PARAMETER]}
# Where a program goes on from a request that it has made.
OF_THE_NUMBER = {"number": "$response.body#/number"}
MADE = IDEMPOTENT | {
    "responses": {
        201: {
            "links": {
                name: {"operationId": name, "parameters": OF_THE_NUMBER}
                for name in ("read_request", "change_request", "preview_request", "submit")
            }
        }
    }
}
# An area is given by operations of its own, and named here.
AREA_APART = (*AreaForm.base_fields, "swaps_axes")
# How a page asks: a program has all the choices, and names scenes in one list.
OF_THE_PAGE = ("depth", "preset", "pasted_scenes")
NAMES = {"area_file": "area_id"}


def _defaults() -> dict[str, Any]:
    """What a request is when its form is not asked: the model's own defaults."""
    chosen = (
        "acquisition_mode", "spectral_mode", "processing_level", "on_shortfall", "radiometry",
        "bit_depth", "file_format",
    )  # fmt: skip
    return {name: default_of(name).value for name in chosen}


AreaId = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
SensorCode = Annotated[str, StringConstraints(min_length=1, max_length=30)]

with override("en"):
    NewRequest = body_of(
        "NewRequest",
        NewRequestForm,
        leave_out=(*AREA_APART, *OF_THE_PAGE, "sensor", "is_emergency"),
        defaults=_defaults(),
        others={
            "sensor": (SensorCode, Field(description=_("Code of a sensor offered."))),
            "area_id": (AreaId, Field(description=_("An area that was checked and is kept."))),
            "is_emergency": (
                Annotated[bool, Field(strict=True)],
                Field(
                    title=str(NewRequestForm.base_fields["is_emergency"].label),
                    description=_("When so, the draft is kept and the answer says who helps now."),
                ),
            ),
        },
    )
    ChangedRequest = body_of(
        "ChangedRequest",
        RequestForm,
        leave_out=(*AREA_APART, "pasted_scenes", "sensor"),
        is_partial=True,
        others={"sensor": (SensorCode | None, None), "area_id": (AreaId | None, None)},
    )


class CreatedOut(RequestOut):
    emergency: str | None = Field(
        None, description=_("Where to go first when somebody is in danger.")
    )


# --- From a body to the form ----------------------------------------------------------------------


def _area_of(user: User, area_id: int | None) -> UploadedArea | None:
    return UploadedArea.objects.visible_to(user).filter(pk=area_id or 0).first()


def _sensor_key(code: str) -> str:
    """What the form takes; of a code that is not known, a key that it refuses."""
    found = (
        Sensor.objects.filter(code=code.replace("\x00", "")).values_list("pk", flat=True).first()
    )
    return str(found or 0)


def new_form(user: User, body: Body) -> NewRequestForm:
    said = body.model_dump()
    area = _area_of(user, said.pop("area_id"))
    said["sensor"] = _sensor_key(said["sensor"])
    said["is_emergency"] = "yes" if said["is_emergency"] else "no"
    data, _files = form_input(said)
    return valid(NewRequestForm(data, user=user, area=area), names=NAMES)


def _changed_form(
    imagery_request: ImageryRequest, user: User, said: Mapping[str, Any]
) -> RequestForm:
    """What is not said stays as it is; but for the agreement to a repair, which is of one area."""
    initial = initial_of(imagery_request)
    if said.get("area_id") is not None:
        initial["agrees_to_repair"] = False
    values = initial | {name: value for name, value in said.items() if name != "area_id"}
    if "sensor" in said:
        values["sensor"] = _sensor_key(said["sensor"] or "")
    area = _area_of(user, said.get("area_id"))
    data, _files = form_input(values)
    keeps_area = said.get("area_id") is None
    form = RequestForm.of_change(
        imagery_request, data, area=area, initial=initial, keeps_area=keeps_area
    )
    return valid(form, names=NAMES)


def draft_of(form: NewRequestForm) -> ImageryRequest:
    assert form.area is not None  # else the form has refused
    return form.draft(area=form.area, answers=form.answers)


def saved(user: User, imagery_request: ImageryRequest) -> dict[str, Any] | None:
    """A request as it is now, read again with all that its JSON shows; None when ``user`` may no
    longer see it."""
    found = request_page(user).filter(pk=imagery_request.pk).first()
    return None if found is None else request_as_json(found, user)


def _created(user: User, draft: ImageryRequest, *, emergency: str | None = None) -> Answer:
    address = reverse("api-1:request", args=[draft.number])
    body = (saved(user, draft) or {}) | {"emergency": emergency}
    return Answer(body, status=HTTPStatus.CREATED, headers={"Location": address})


# --- Operations -----------------------------------------------------------------------------------


@router.post(
    "/requests",
    auth=WRITE,
    response={201: CreatedOut},
    operation_id="create_request",
    url_name="requests",
    summary=_("Write a request: a draft, which its cell does not see before it is submitted"),
    openapi_extra=MADE,
)
def create_request(request: HttpRequest, body: NewRequest) -> HttpResponse:  # type: ignore[valid-type]  # made at run time
    user = person_of(request)

    def create() -> Answer:
        form = new_form(user, body)
        draft = intake.create_draft(
            draft=draft_of(form),
            user=user,
            co_requesters=form.cleaned_data["co_requesters"],
        )
        is_emergency = form.cleaned_data["is_emergency"] == "yes"
        return _created(user, draft, emergency=reverse("emergency") if is_emergency else None)

    return once(request, create)


@router.patch(
    ONE,
    auth=WRITE,
    response=RequestOut,
    operation_id="change_request",
    url_name="request",
    summary=_("Change a draft, or a request whose cell has asked for information"),
    openapi_extra={"parameters": [PARAMETER, SEEN]},
)
def change_request(request: HttpRequest, number: str, body: ChangedRequest) -> HttpResponse:  # type: ignore[valid-type]  # made at run time
    said = cast("Body", body).model_dump(exclude_unset=True)
    request_of(request, number)  # a stranger's key is not looked at
    return once(request, lambda: _changed(request, number, said))


def _changed(request: HttpRequest, number: str, said: Mapping[str, Any]) -> Answer:
    """What is not said stays as it is, whoever changes it meanwhile; with If-Match, nothing is
    changed of a request that is no longer the one that was read."""
    seen = request.headers.get(IF_MATCH)
    for attempt in range(ATTEMPTS):
        imagery_request = request_of(request, number)
        try:
            _change(imagery_request, person_of(request), said, seen)
        except ChangedElsewhere as changed:
            if seen is None and attempt + 1 < ATTEMPTS:
                continue
            (refusal,) = changed.refusals
            faults = [Fault(refusal.code, refusal.message, IF_MATCH)]
            raise Problem(412, refusal.code, refusal.message, faults=faults) from changed
        break
    return Answer(saved(person_of(request), imagery_request))


def _change(
    imagery_request: ImageryRequest, user: User, said: Mapping[str, Any], seen: str | None
) -> None:
    if seen is not None and seen.strip('"') != str(imagery_request.answers_version):
        raise ChangedElsewhere(imagery_request, {})
    form = _changed_form(imagery_request, user, said)
    intake.update_draft(
        request_id=imagery_request.pk,
        user=user,
        sensor=form.cleaned_data["sensor"],
        answers=form.answers,
        area=form.area,
        seen_version=imagery_request.answers_version,
    )


@router.post(
    f"{ONE}/copy",
    auth=WRITE,
    response={201: CreatedOut},
    operation_id="copy_request",
    url_name="copy",
    summary=_("A new draft with the content of a request of mine or of a colleague"),
    openapi_extra=MADE,
)
def copy_request(request: HttpRequest, number: str) -> HttpResponse:
    user = person_of(request)
    source = get_object_or_404(ImageryRequest.objects.visible_to(user), number=number)

    def copied() -> Answer:
        return _created(user, intake.copy(request_id=source.pk, user=user))

    return once(request, copied)

"""What a form asks for while it is filled in, and what is told of it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from eligibility.models import User
from eligibility.selectors import actor_of
from orbitrage.shared.errors import DomainError, Refusal
from requests_app.features import map_of_order
from requests_app.intake import services as intake
from requests_app.intake.forms.answers import NewRequestForm, RequestForm
from requests_app.intake.selectors.panel import panel_of
from requests_app.models import DRAFT_FIELDS, ImageryRequest, UploadedArea
from requests_app.selectors import available_transitions
from requests_app.situation import may_edit


@dataclass(frozen=True)
class Asked:
    """A request in memory; None as long as the form does not say what is asked for and where, or
    the area is ``refused`` as an order."""

    draft: ImageryRequest | None = None
    refused: tuple[Refusal, ...] = ()


def asked_so_far(form: NewRequestForm, area: UploadedArea | None) -> Asked:
    form.is_valid()
    if area is None or "on_behalf" not in form.cleaned_data or not _says_what(form):
        return Asked()
    try:
        draft = form.draft(area=area, answers=_answers_so_far(form))
    except DomainError as refused:
        return Asked(refused=refused.refusals)
    return Asked(draft)


def asked_so_far_of(
    imagery_request: ImageryRequest, form: RequestForm, area: UploadedArea | None
) -> Asked:
    """Of a request that is being changed, in memory: of its own area, unless another was read."""
    form.is_valid()
    if not _says_what(form):
        return Asked()
    try:
        intake.take_answers(
            imagery_request,
            sensor=form.cleaned_data["sensor"],
            answers=_answers_so_far(form),
            area=area,
        )
    except DomainError as refused:
        return Asked(refused=refused.refusals)
    return Asked(imagery_request)


def told_of(asked: Asked, user: User) -> dict[str, Any]:
    """For the template of the panel."""
    if asked.draft is None:
        return {"panel": None, "panel_refusals": asked.refused}
    panel = panel_of(asked.draft, user=user, on=timezone.localdate())
    return {
        "panel": panel,
        "draft": asked.draft,
        "order_map": map_of_order(asked.draft, panel.coverage),
    }


def demand_edit(imagery_request: ImageryRequest, user: User) -> None:
    if not may_edit(imagery_request, available_transitions(imagery_request, actor_of(user))):
        raise PermissionDenied


def _says_what(form: RequestForm) -> bool:
    return {"sensor", "request_kind", "acquisition_mode"} <= form.cleaned_data.keys()


def _answers_so_far(form: RequestForm) -> dict[str, Any]:
    return {name: form.cleaned_data.get(name) for name in DRAFT_FIELDS}

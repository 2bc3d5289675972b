"""A request in every state, for the rights table."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from eligibility.models import Sensor
from quotas import services as quotas
from requests_app.arbitration import services as arbitration
from requests_app.arbitration.services import rescission
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.supply.services import amendments, windows
from tests.eligibility.factories import CellMemberFactory
from tests.requests_app import world as path
from tests.rights.world import World


class _Squares:
    """Areas of about 32 km² that do not touch: none is a slice of another."""

    def __init__(self) -> None:
        self.count = 0

    def next(self, *, size_deg: float = 0.06) -> Any:
        self.count += 1
        return path.square(west=1.0 + 0.3 * (self.count % 10), south=43.0 + 0.3 * (self.count // 10),
                           size_deg=size_deg)  # fmt: skip


def add_requests(world: World, mandate: Any) -> None:
    found, squares = world.programme, _Squares()
    _grant_plenty(found)
    built = {name: way.made(found, squares) for name, way in REQUESTS.items()}
    built["mandated"] = _mandated(world, squares.next(), mandate)
    for request in built.values():
        request.co_requesters.add(world.people["co_requester"])
    world.requests = {
        name: request.__class__.objects.get(pk=request.pk) for name, request in built.items()
    }
    world.requests["unrelated"] = _of_other_entity(world, squares.next())


def _grant_plenty(found: path.Programme) -> None:
    """Enough on the entity's allowance for a request in every state."""
    opened = quotas.ensure_envelopes(
        entity_id=found.entity.pk,
        sensor_id=found.sensor.pk,
        request_kind="archive",
        on=timezone.localdate(),
    )
    for envelope in opened:
        cause = quotas.Cause(decision=uuid4(), reason="policy")
        quotas.grant(envelope_id=envelope.pk, amount=Decimal(20_000), cause=cause)


def _information_requested(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return review.request_information(
        request_id=request.pk, user=found.reviewer, question="Which season?"
    )


def _deferred(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return arbitration.defer(
        request_id=request.pk, user=found.arbitrator, until=path.in_days(1), reason="Next month."
    )


def _images_came(
    request: ImageryRequest, found: path.Programme, identifier: str, *, complete: bool = True
) -> ImageryRequest:
    return supply.register_delivery(
        request_id=request.pk,
        user=found.supply_officer,
        products=[path.product(request.aoi, identifier=f"DS_PHR1A_{identifier}")],
        complete=complete,
    )


def _delivered(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return _images_came(request, found, "delivered")


def _partially_delivered(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    """With its window over: the supply officer may close it."""
    _images_came(request, found, "part", complete=False)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=path.in_days(-1))
    return ImageryRequest.objects.get(pk=request.pk)


def _disputed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    _images_came(request, found, "disputed")
    return deliveries.dispute(
        request_id=request.pk, user=found.requester, reason="Too many clouds."
    )


def _closed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    _images_came(request, found, "closed")
    return deliveries.accept_delivery(request_id=request.pk, user=found.requester)


def _refused(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return arbitration.refuse(
        request_id=request.pk, user=found.arbitrator, reason="other", text="Ask again next year."
    )


def _cancelled(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return intake.cancel(request_id=request.pk, user=found.requester)


def _failed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return supply.fail(request_id=request.pk, user=found.supply_officer, reason="Too cloudy.")


def _expired(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    asked = _information_requested(request, found)
    ImageryRequest.objects.filter(pk=asked.pk).update(due_on=path.in_days(-1), reminders_sent=2)
    return intake.lapse(request_id=asked.pk)


def _offered(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    west, south, _east, _north = request.aoi.extent
    smaller = path.square(west=west, south=south, size_deg=0.05)
    return arbitration.offer(
        request_id=request.pk, user=found.arbitrator, polygon_wkb=bytes(smaller.wkb)
    )


def _offered_priced(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    """128 km²: more than is free for one request."""
    return arbitration.offer(request_id=request.pk, user=found.arbitrator)


def _open_data(draft: ImageryRequest, found: path.Programme) -> ImageryRequest:
    """A draft for a sensor whose data are open."""
    answers = {name: getattr(draft, name) for name in path.ANSWERS}
    sensor = Sensor.objects.get(code="sentinel2")
    return intake.update_draft(
        request_id=draft.pk, user=found.requester, sensor=sensor, answers=answers
    )


def _inadmissible(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return review.propose_inadmissible(
        request_id=request.pk, user=found.reviewer, opinion="The purpose is commercial."
    )


def _rescission_proposed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    """By another chair of the cell: everybody who decides may confirm it."""
    other = CellMemberFactory(cell=found.cell, role="chair").user
    return rescission.propose_rescission(request_id=request.pk, user=other, reason="An error.")


def _amendment_proposed(request: ImageryRequest, found: path.Programme) -> ImageryRequest:
    return amendments.propose_amendment(
        request_id=request.pk,
        user=found.supply_officer,
        change="15 % of clouds.",
        operator_confirmation="OP-17",
    )


def _window_asked(request: ImageryRequest, _found: path.Programme) -> ImageryRequest:
    """Its window is over, and the requester asked what to do."""
    path.let_window_pass(request)
    ImageryRequest.objects.filter(pk=request.pk).update(due_on=path.in_days(-1))
    return windows.end_window(request_id=request.pk)


def _mandated(world: World, aoi: Any, mandate: Any) -> ImageryRequest:
    found, asks = world.programme, world.people["contractor"]
    draft = intake.draft_of(
        user=asks,
        entity=found.entity,
        mandate=mandate,
        sensor=found.sensor,
        area=path.area_of(asks, aoi),
        answers=path.ANSWERS,
    )
    draft = intake.create_draft(draft=draft, user=asks)
    return intake.submit(request_id=draft.pk, user=asks)


def _of_other_entity(world: World, aoi: Any) -> ImageryRequest:
    asks = world.other_people["member"]
    draft = intake.draft_of(
        user=asks,
        entity=world.other_entity,
        mandate=None,
        sensor=world.programme.sensor,
        area=path.area_of(asks, aoi),
        answers=path.ANSWERS | {"title": "Unrelated survey"},
    )
    draft = intake.create_draft(draft=draft, user=asks)
    return intake.submit(request_id=draft.pk, user=asks)


@dataclass(frozen=True)
class Way:
    """``reach`` brings a request so far, and ``then`` it goes on."""

    reach: Callable[..., ImageryRequest]
    then: Callable[[ImageryRequest, path.Programme], ImageryRequest] | None = None
    wanted: Callable[[], dict[str, Any]] = dict
    size_deg: float = 0.06

    def made(self, found: path.Programme, squares: _Squares) -> ImageryRequest:
        request = self.reach(found, aoi=squares.next(size_deg=self.size_deg), **self.wanted())
        return self.then(request, found) if self.then else request


def _in_a_window(**wanted: Any) -> dict[str, Any]:
    return {"agrees_to_enlargement": True} | path.tasking_window() | wanted


REQUESTS = {
    "draft": Way(path.draft),
    "submitted": Way(path.submitted),
    "in_review": Way(path.in_review),
    "information_requested": Way(path.in_review, _information_requested),
    "in_arbitration": Way(path.in_arbitration),
    "deferred": Way(path.in_arbitration, _deferred),
    "approved": Way(path.approved),
    "ordered": Way(path.ordered),
    "closed": Way(path.ordered, _closed),
    "delivered": Way(path.ordered, _delivered),
    "disputed": Way(path.ordered, _disputed),
    "partially_delivered": Way(path.ordered, _partially_delivered, _in_a_window),
    "refused": Way(path.in_arbitration, _refused),
    "cancelled": Way(path.approved, _cancelled),
    "failed": Way(path.ordered, _failed),
    "expired": Way(path.in_review, _expired),
    "offered": Way(path.in_arbitration, _offered),
    "offered_priced": Way(path.in_arbitration, _offered_priced, size_deg=0.12),
    "open_data": Way(path.draft, _open_data),
    "inadmissible": Way(path.in_review, _inadmissible),
    "rescission_proposed": Way(path.approved, _rescission_proposed),
    "amendment_proposed": Way(path.ordered, _amendment_proposed),
    "window_asked": Way(path.ordered, _window_asked, lambda: _in_a_window(on_shortfall="ask")),
    "window_extendable": Way(
        path.ordered,
        wanted=lambda: _in_a_window(on_shortfall="extend", window_ends_on=path.in_days(60)),
    ),
}

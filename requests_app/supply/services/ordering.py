"""Ordering from the operator, registering what comes, and settling the account."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalogue import services as catalogue
from catalogue.metadata import ItemMetadata
from catalogue.models import Item
from eligibility.models import User
from orbitrage.shared import outbox
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.transactions import retried_once
from quotas import services as quotas
from quotas.pricing import FundingPlan, shrink
from requests_app.effects import annex_delivery, days_from_today, revoke_licence
from requests_app.models import (
    Acquisition,
    AcquisitionShare,
    AcquisitionState,
    Delivery,
    ImageryRequest,
    RequestKind,
    TransitionRecord,
)
from requests_app.neighbours import lock_with_neighbour
from requests_app.proposals import asked_on_shortfall, is_yet_to_be_asked, proposed_rescission
from requests_app.selectors import (
    decided_plan,
    nationality_refusals,
    standing_refusals,
    window_over_refusals,
)
from requests_app.states import State
from requests_app.supply import rules
from requests_app.supply.came import SHORTFALL_TOLERANCE_KM2
from requests_app.supply.selectors import (
    audience_of_delivery,
    delivered_km2,
    has_images,
    licence_refusal,
    neighbour_refusal,
    ordered_km2_under,
    registered_identifiers,
    served_km2,
    supply_contract_of,
)
from requests_app.transitions import (
    Move,
    begin,
    cause_of,
    keep_membership,
    record,
    refuse_if,
    require_text,
    save,
)

ORDER_TOPIC = "requests.place_order"


@dataclass(frozen=True)
class Product:
    """A delivered product: its metadata, and the name of the file they were read from."""

    metadata: ItemMetadata
    source_name: str


@retried_once
@transaction.atomic
def order(*, request_id: int, user: User) -> ImageryRequest:
    """Order from the operator: what was held is consumed, and the order leaves after the commit.

    Raises:
        TransitionRefused: the membership, the mandate or the window is over, whoever asked has
            left, somebody has proposed to rescind the decision, or the neighbour whose order it
            joins has none.
        QuotaRefused: no supply contract in force bears the order.
    """
    keep_membership(request_id)
    lock_with_neighbour(request_id)
    move = begin(request_id, "order", user)
    request = move.request
    refuse_if(_order_refusals(request))
    plan = decided_plan(request)
    request.order(window_ends_on=supply_ends_on(request))
    entry = record(move, changes={"operator_area_km2": str(request.operator_area_km2)})
    quotas.consume_request(request_number=request.number, cause=cause_of(entry, request.number))
    send_order(request, plan, user, drawn_on=plan.amounts())
    save(request)
    return request


def _order_refusals(request: ImageryRequest) -> list[Refusal]:
    rescission = proposed_rescission(request)
    waits = rules.no_rescission_waits(proposed_at=rescission.at if rescission else None)
    today = timezone.localdate()
    standing = standing_refusals(request, today) + nationality_refusals(request)
    others = refusals_in(waits, licence_refusal(request), neighbour_refusal(request))
    return standing + window_over_refusals(request) + others


def send_order(
    request: ImageryRequest, plan: FundingPlan, user: User, *, drawn_on: Iterable[int]
) -> None:
    """A new acquisition for this request, and its order, which leaves after the commit and cites
    the contract behind the envelopes it draws on (their ids)."""
    acquisition = Acquisition.objects.create(
        sensor=request.sensor,
        request_kind=request.request_kind,
        area=request.operator_aoi,
        area_km2=request.operator_area_km2,
        supply_contract=supply_contract_of(drawn_on),
        ordered_by=user,
    )
    AcquisitionShare.objects.create(
        acquisition=acquisition, request=request, granted_km2=plan.area_km2
    )
    outbox.write(
        topic=ORDER_TOPIC,
        key=f"order:{acquisition.pk}",
        payload={"acquisition_id": acquisition.pk},
        stream=request.number,
    )


@retried_once
@transaction.atomic
def register_delivery(
    *, request_id: int, user: User, products: Sequence[Product], complete: bool
) -> ImageryRequest:
    """Enter the products that came. ``complete``: nothing more will, and the account is settled.

    Raises:
        TransitionRefused: no product is given, one lies outside the area ordered or is registered
            already, or the request is not with the operator.
        IngestRefused: a product is of another sensor, or known with other content.
    """
    move = begin(request_id, "register_delivery", user)
    request = move.request
    share = _share_of(request)
    refuse_if(_delivery_refusals(move, share, products, complete=complete))
    items = [_receive(request, share, product, user) for product in products]
    share.delivered_km2 = delivered_km2(share, request)
    share.save(update_fields=["delivered_km2"])
    _set_acquisition_state(
        share,
        AcquisitionState.DELIVERED if complete else AcquisitionState.PARTIALLY_DELIVERED,
    )
    request.register_delivery(complete=complete, due_on=_acceptance_due_on())
    changes = {"products": len(products), "delivered_km2": str(share.delivered_km2)}
    entry = record(move, changes=changes)
    if complete:
        settle(request, share, entry)
    annex_delivery(request, entry, items)
    save(request)
    return request


def _delivery_refusals(
    move: Move, share: AcquisitionShare, products: Sequence[Product], *, complete: bool
) -> list[Refusal]:
    ends_a_partial_delivery = complete and move.source == State.PARTIALLY_DELIVERED
    known = registered_identifiers(share)
    answers = [
        rules.something_came(
            products=len(products), ends_a_partial_delivery=ends_a_partial_delivery
        )
    ]
    for product in products:
        identifier = product.metadata.identifier
        covered_km2 = ordered_km2_under(share, product.metadata.footprint)
        answers += [
            rules.product_is_new(identifier=identifier, is_known=identifier in known),
            rules.product_is_over_the_area(identifier=identifier, covered_km2=covered_km2),
        ]
    return refusals_in(*answers)


def _share_of(request: ImageryRequest) -> AcquisitionShare:
    return (
        AcquisitionShare.objects.select_related("acquisition")
        .select_for_update(no_key=True, of=("self",))
        .filter(request=request)
        .latest("pk")
    )


def _receive(
    request: ImageryRequest, share: AcquisitionShare, product: Product, user: User
) -> Item:
    item = catalogue.ingest(
        metadata=product.metadata,
        audience=audience_of_delivery(request),
        sensor_id=request.sensor_id,
        request_number=request.number,
        source_name=product.source_name,
    )
    Delivery.objects.create(acquisition=share.acquisition, item=item, registered_by=user)
    return item


def _set_acquisition_state(share: AcquisitionShare, state: AcquisitionState) -> None:
    share.acquisition.state = state
    share.acquisition.save(update_fields=["state"])


def supply_ends_on(request: ImageryRequest) -> date:
    """When the calendar closes the order: the end of the window, or the delay of an archive."""
    return request.acquisition_ends_on or days_from_today("archive-delivery-days")


def _acceptance_due_on() -> date:
    return days_from_today("delivery-acceptance-days")


def settle(request: ImageryRequest, share: AcquisitionShare, entry: TransitionRecord) -> None:
    """Refund what was to come and did not. An archive order that was once complete is charged as
    ordered, whatever one more order brings."""
    if request.request_kind == RequestKind.ARCHIVE and _was_complete(request):
        return
    served = served_km2(share, request)
    if share.granted_km2 - served >= SHORTFALL_TOLERANCE_KM2:
        refund_to(request, entry, served)


def _was_complete(request: ImageryRequest) -> bool:
    whole = {"transition": "register_delivery", "target": State.DELIVERED}
    return request.records.filter(**whole).exists()


def refund_to(request: ImageryRequest, entry: TransitionRecord, area_km2: Decimal) -> None:
    """Keep the charge for ``area_km2`` (km²) and refund the rest, what is paid for first."""
    cause = cause_of(entry, request.number)
    keep = shrink(decided_plan(request), area_km2)
    quotas.refund_request(request_number=request.number, cause=cause, keep=keep)
    quotas.close_quotation(request_number=request.number, cause=cause)


def _refund_all(request: ImageryRequest, entry: TransitionRecord) -> None:
    cause = cause_of(entry, request.number)
    quotas.refund_request(request_number=request.number, cause=cause)
    quotas.close_quotation(request_number=request.number, cause=cause)
    revoke_licence(request, entry)


@retried_once
@transaction.atomic
def close_window(*, request_id: int, user: User | None) -> ImageryRequest:
    """End of the window: what came stays, the rest goes back. ``user`` None: the calendar.

    Raises:
        TransitionRefused: the window is still open, or the requester is asked what to do; to end
            it earlier, stop the order.
    """
    move = begin(request_id, "close_window", user)
    request = move.request
    refuse_if(_window_refusals(request))
    request.close_window(has_images=has_images(request), due_on=_acceptance_due_on())
    _end_supply(move, record(move), if_nothing_came=AcquisitionState.FAILED)
    save(request)
    return request


def _window_refusals(request: ImageryRequest) -> list[Refusal]:
    """Until the day set for it has passed, the requester who was asked may still say something."""
    answers = (
        rules.window_has_ended(number=request.number, is_over=request.window_is_over),
        rules.nothing_is_asked(
            until=request.due_on,
            is_asked=asked_on_shortfall(request) is not None and not request.is_overdue,
        ),
        rules.requester_was_asked(is_yet_to_be=is_yet_to_be_asked(request)),
    )
    return refusals_in(*answers)


@retried_once
@transaction.atomic
def stop_order(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """The operator confirms that the order is stopped: what came stays, the rest goes back."""
    require_text(reason, "reason_missing", _("Say why the order is stopped."))
    move = begin(request_id, "stop_order", user)
    request = move.request
    request.stop_order(has_images=has_images(request), due_on=_acceptance_due_on())
    _end_supply(move, record(move, note=reason), if_nothing_came=AcquisitionState.CANCELLED)
    save(request)
    return request


def _end_supply(move: Move, entry: TransitionRecord, *, if_nothing_came: AcquisitionState) -> None:
    request, share = move.request, _share_of(move.request)
    something_came = move.source == State.PARTIALLY_DELIVERED
    _set_acquisition_state(share, AcquisitionState.DELIVERED if something_came else if_nothing_came)
    if request.state == State.DELIVERED:
        settle(request, share, entry)
    else:
        _refund_all(request, entry)


@retried_once
@transaction.atomic
def fail(*, request_id: int, user: User, reason: str) -> ImageryRequest:
    """The operator cannot acquire: what did not come is refunded; where nothing ever came, that is
    everything, and the licence is revoked."""
    require_text(reason, "reason_missing", _("Say why the acquisition failed."))
    move = begin(request_id, "fail", user)
    request = move.request
    request.fail(has_images=has_images(request), due_on=_acceptance_due_on())
    _end_supply(move, record(move, note=reason), if_nothing_came=AcquisitionState.FAILED)
    save(request)
    return request

"""A random walk: people of one institution and of its cell do what comes to their mind, days pass,
and after every step what each file has in the books is what its state and its plan say."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from orbitrage.shared.errors import DomainError
from quotas.models import Demand, Envelope, LedgerEntry
from quotas.pricing import FundingPlan, shrink
from quotas.selectors import charged_km2, discrepancies, outstanding
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import offers
from requests_app.models import AcquisitionShare, ImageryRequest
from requests_app.review import services as review
from requests_app.selectors import decided_plan
from requests_app.supply import services as supply
from requests_app.supply.selectors import served_km2
from requests_app.supply.services import disputes
from tests.requests_app import world
from tests.scenarios.land import EAST_OF_KM2, land
from tests.scenarios.play import Play, window

CAP_KM2 = Decimal(100)
MOST_FILES = 3
SERIES = {"acquisition_dates": 3, "interval_days": 3}
Amounts = dict[int, Decimal]


class Walk:
    def __init__(self, play: Play, seed: int) -> None:
        self.play = play
        self.random = random.Random(seed)
        self.places: dict[int, int] = {}
        self.refunded: dict[int, Decimal] = {}
        self.steps: Counter[str] = Counter()
        self.story: list[str] = []

    def make(self, steps: int) -> None:
        for _ in range(steps):
            self._step()
            self._check()

    def _step(self) -> None:
        """A refusal leaves everything as it was, as a page would."""
        under_way = list(ImageryRequest.objects.filter(state__in=BY_STATE).order_by("pk"))
        new = [None] * (MOST_FILES - len(under_way))
        request = self.random.choice([*new, *under_way])
        act = self._act(request)
        name = act.__name__.strip("_")
        self.story.append(f"{timezone.localdate()} {name} {request and request.pk}")
        try:
            with transaction.atomic():
                act(self, request)
        except DomainError as refusal:
            name = f"{name} refused: {', '.join(refusal.codes)}"
        self.steps[name] += 1

    def _act(self, request: ImageryRequest | None) -> Callable[..., None]:
        if self.random.random() < 0.1:
            return Walk._wait
        return Walk._new if request is None else self.random.choice(BY_STATE[request.state])

    # -- what may happen --------------------------------------------------------------------------

    def _wait(self, _request: Any) -> None:
        days = self.random.choice((1, 4, 8))
        self.play.go_to((timezone.localdate() + dt.timedelta(days=days)).isoformat())

    def _km2(self, at_most: int = 150) -> int:
        return self.random.choice([km2 for km2 in EAST_OF_KM2 if km2 <= at_most])

    def _new(self, _request: Any) -> None:
        place = len(self.places)
        today = timezone.localdate()
        days = self.random.choice((40, 110, 200))
        kind = window(*((today + dt.timedelta(days=d)).isoformat() for d in (1, days)))
        answers = self.random.choice(({}, kind, kind | SERIES))
        request_id = self.play.submit(f"{place}", land(self._km2(), place=place), **answers)
        self.places[request_id] = place

    def _recall_and_submit(self, request: ImageryRequest) -> None:
        intake.recall(request_id=request.pk, user=self.play.requester)
        intake.submit(request_id=request.pk, user=self.play.requester)

    def _cancel(self, request: ImageryRequest) -> None:
        intake.cancel(request_id=request.pk, user=self.play.requester)

    def _take(self, request: ImageryRequest) -> None:
        review.take(request_id=request.pk, user=self.play.reviewer)

    def _recommend(self, request: ImageryRequest) -> None:
        review.recommend(
            request_id=request.pk,
            user=self.play.reviewer,
            opinion="Useful.",
            nationality_reviewed=True,
        )

    def _ask(self, request: ImageryRequest) -> None:
        review.request_information(request_id=request.pk, user=self.play.reviewer, question="Why?")

    def _answer(self, request: ImageryRequest) -> None:
        # Beyond its period an envelope bears no more than the file holds of it.
        is_over = Demand.objects.filter(
            request_number=request.number, envelope__period_ends_on__lt=timezone.localdate()
        ).exists()
        km2 = self._km2(int(request.area_km2) if is_over else 150)
        answers = {name: getattr(request, name) for name in world.ANSWERS}
        intake.update_draft(
            request_id=request.pk,
            user=self.play.requester,
            sensor=request.sensor,
            answers=answers | {"agrees_to_enlargement": True},
            area=world.area_of(self.play.requester, land(km2, place=self.places[request.pk])),
        )
        intake.answer(request_id=request.pk, user=self.play.requester, text="Because.")

    def _return(self, request: ImageryRequest) -> None:
        arbitration.return_to_review(request_id=request.pk, user=self.play.arbitrator, note="Why?")

    def _approve(self, request: ImageryRequest) -> None:
        self.play.approve(request.pk)

    def _offer(self, request: ImageryRequest) -> None:
        km2 = self._km2(int(request.area_km2))
        whole = km2 == request.area_km2
        self.play.offer(request.pk, None if whole else land(km2, place=self.places[request.pk]))

    def _defer(self, request: ImageryRequest) -> None:
        until = timezone.localdate() + dt.timedelta(days=self.random.choice((5, 50, 100)))
        arbitration.defer(
            request_id=request.pk, user=self.play.arbitrator, until=until, reason="Later."
        )

    def _resume(self, request: ImageryRequest) -> None:
        arbitration.resume(request_id=request.pk, user=self.play.arbitrator)

    def _refuse(self, request: ImageryRequest) -> None:
        arbitration.refuse(
            request_id=request.pk, user=self.play.arbitrator, reason="competition", text="Others."
        )

    def _accept_offer(self, request: ImageryRequest) -> None:
        if request.priced_eur:
            self.play.accept_price(request.pk)
        else:
            offers.accept_offer(request_id=request.pk, user=self.play.requester)

    def _reply(self, request: ImageryRequest) -> None:
        offers.reply_to_offer(request_id=request.pk, user=self.play.requester, text="More.")

    def _decline(self, request: ImageryRequest) -> None:
        offers.decline_offer(request_id=request.pk, user=self.play.requester)

    def _withdraw(self, request: ImageryRequest) -> None:
        arbitration.withdraw_offer(request_id=request.pk, user=self.play.chair, reason="Error.")

    def _order(self, request: ImageryRequest) -> None:
        self.play.order(request.pk)

    def _rescind(self, request: ImageryRequest) -> None:
        world.rescind(self.play.programme, request.pk, second="secretariat")

    def _deliver(self, request: ImageryRequest) -> None:
        footprint = land(self._km2(), place=self.places[request.pk])
        name = f"DS_PHR1A_{sum(self.steps.values())}"
        supply.register_delivery(
            request_id=request.pk,
            user=self.play.supply_officer,
            products=[world.product(footprint, identifier=name)],
            complete=self.random.random() < 0.5,
        )

    def _stop(self, request: ImageryRequest) -> None:
        self.play.stop(request.pk)

    def _fail(self, request: ImageryRequest) -> None:
        supply.fail(request_id=request.pk, user=self.play.supply_officer, reason="No scene.")

    def _accept_delivery(self, request: ImageryRequest) -> None:
        self.play.accept_delivery(request.pk)

    def _dispute(self, request: ImageryRequest) -> None:
        self.play.dispute(request.pk)

    def _uphold(self, request: ImageryRequest) -> None:
        disputes.uphold_delivery(request_id=request.pk, user=self.play.arbitrator, reason="Fine.")

    def _refund(self, request: ImageryRequest) -> None:
        km2 = charged_km2(request.number) * self.random.choice((1, Decimal("0.3")))
        disputes.refund_part(
            request_id=request.pk,
            user=self.play.arbitrator,
            refunded_km2=km2.quantize(Decimal("0.000001")),
            reason="Clouds.",
        )
        self.refunded[request.pk] = charged_km2(request.number)

    def _retask(self, request: ImageryRequest) -> None:
        disputes.retask(
            request_id=request.pk,
            user=self.play.arbitrator,
            window_ends_on=timezone.localdate() + dt.timedelta(days=30),
            reason="Clouds.",
        )

    # -- what is true after every step ------------------------------------------------------------

    def _check(self) -> None:
        assert discrepancies() == []
        for request in ImageryRequest.objects.order_by("pk"):
            assert self._books(request) == self._expected(request), "\n".join(self.story[-20:])
        over = Envelope.objects.filter(
            scope="entity", unit="km2", period_ends_on__lt=timezone.localdate()
        )
        assert [envelope for envelope in over if envelope.left] == []
        moved = LedgerEntry.objects.filter(kind="transfer").values_list("d_granted", flat=True)
        assert sum(moved) == 0
        lost = LedgerEntry.objects.filter(kind="expire").exclude(request_number="")
        assert not lost.exclude(envelope__scope="budget").exists()

    def _books(self, request: ImageryRequest) -> dict[str, Any]:
        used = outstanding(request.number)
        asked = Demand.objects.filter(request_number=request.number)
        return {
            "held": {pk: has.held for pk, has in used.items() if has.held},
            "consumed": {pk: has.consumed for pk, has in used.items() if has.consumed},
            "asked": dict(asked.values_list("envelope_id", "amount")),
        }

    def _expected(self, request: ImageryRequest) -> dict[str, Any]:
        expected: dict[str, Any] = {"held": {}, "consumed": {}, "asked": {}}
        if request.state in ENDED or request.state == "draft":
            return expected
        if request.state == "deferred":
            return expected | {"asked": self._books(request)["asked"]}
        plan = decided_plan(request)
        if request.state in BEFORE_DECISION:
            assert plan.free_km2 == min(request.area_km2 * request.image_count, CAP_KM2)
            asked = {
                charge.envelope_id: line.amount_on(charge)
                for line in plan.lines
                for charge in line.charges
                if charge.scope == "programme"
            }
            return expected | {"held": plan.amounts("first_come"), "asked": asked}
        area_km2 = request.granted_area_km2 * request.image_count
        assert plan.area_km2 == area_km2
        assert plan.free_km2 == min(area_km2, CAP_KM2)
        if request.state == "offered":
            return expected | {"held": plan.amounts() | self._kept_first_come(request)}
        if request.state == "approved":
            return expected | {"held": plan.amounts()}
        if request.state in ("ordered", "partially_delivered"):
            return expected | {"consumed": plan.amounts()}
        return expected | {"consumed": self._settled(request, plan)}

    def _kept_first_come(self, request: ImageryRequest) -> Amounts:
        """An offer leaves what was held of the allowance since the submission."""
        allowances = Envelope.objects.filter(scope="entity", entries__request_number=request.number)
        held = outstanding(request.number)
        kept = {pk: held[pk].held for pk in allowances.values_list("pk", flat=True) if pk in held}
        assert list(kept.values()) == [min(request.area_km2 * request.image_count, CAP_KM2)]
        return kept

    def _settled(self, request: ImageryRequest, plan: FundingPlan) -> Amounts:
        if request.pk in self.refunded:
            assert charged_km2(request.number) == self.refunded[request.pk]
            return shrink(plan, self.refunded[request.pk]).amounts()
        whole = request.records.filter(target="delivered", transition="register_delivery")
        if request.request_kind == "archive" and whole.exists():
            return plan.amounts()
        share = AcquisitionShare.objects.filter(request=request).latest("pk")
        return shrink(plan, served_km2(share, request)).amounts()


ENDED = ("refused", "cancelled", "expired", "failed")
BEFORE_DECISION = ("submitted", "in_review", "information_requested", "in_arbitration")
W = Walk
BY_STATE: dict[str, tuple[Callable[..., None], ...]] = {
    "submitted": (*3 * (W._take,), W._recall_and_submit),
    "in_review": (*4 * (W._recommend,), W._ask),
    "information_requested": (W._answer,),
    "in_arbitration": (*3 * (W._approve, W._offer), W._defer, W._return, W._refuse),
    "deferred": (W._resume,),
    "offered": (*4 * (W._accept_offer,), W._reply, W._withdraw, W._decline),
    "approved": (*6 * (W._order,), W._rescind, W._rescind, W._cancel),
    "ordered": (*4 * (W._deliver,), W._stop, W._fail),
    "partially_delivered": (W._deliver, W._deliver, W._stop),
    "delivered": (W._dispute, W._dispute, W._accept_delivery),
    "disputed": (W._retask, W._retask, W._refund, W._uphold),
}
ACTS = frozenset(act.__name__.strip("_") for acts in BY_STATE.values() for act in acts)

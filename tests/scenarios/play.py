"""How a scenario is played: by the services that the pages call, one person at a time."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import MultiPolygon

from eligibility.models import Mandate, User
from requests_app.arbitration import services as arbitration
from requests_app.intake import services as intake
from requests_app.intake.services import deliveries, offers
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.requests_app import world
from tests.scenarios import books
from tests.scenarios.land import land


@dataclass
class Play:
    """One scenario: its people, its clock, and its files by the letters of its page."""

    programme: world.Programme
    go_to: Callable[[str], None]
    files: dict[str, str] = field(default_factory=dict)

    def __getattr__(self, role: str) -> User:
        return self.programme.people[role]

    # -- the way to the cell's decision -----------------------------------------------------------

    def draft(self, aoi: MultiPolygon, **answers: Any) -> ImageryRequest:
        return world.draft(self.programme, aoi=aoi, **answers)

    def submit(self, letter: str, aoi: MultiPolygon, **answers: Any) -> int:
        return self._submitted(letter, self.draft(aoi, **answers), self.requester)

    def submit_under(
        self, mandate: Mandate, letter: str, aoi: MultiPolygon, *, user: User, **answers: Any
    ) -> int:
        draft = intake.draft_of(
            user=user,
            entity=self.programme.entity,
            mandate=mandate,
            sensor=self.programme.sensor,
            area=world.area_of(user, aoi),
            answers=world.ANSWERS | answers,
        )
        return self._submitted(letter, intake.create_draft(draft=draft, user=user), user)

    def _submitted(self, letter: str, draft: ImageryRequest, user: User) -> int:
        self.files[draft.number] = letter
        return intake.submit(request_id=draft.pk, user=user).pk

    def review(self, request_id: int) -> None:
        """Taken and sent to arbitration."""
        review.take(request_id=request_id, user=self.reviewer)
        review.recommend(
            request_id=request_id,
            user=self.reviewer,
            opinion="Complete and useful.",
            nationality_reviewed=True,
        )

    def approve(self, request_id: int) -> None:
        arbitration.approve(request_id=request_id, user=self.arbitrator)

    def offer(self, request_id: int, smaller: MultiPolygon | None = None) -> None:
        polygon_wkb = None if smaller is None else bytes(smaller.wkb)
        arbitration.offer(request_id=request_id, user=self.arbitrator, polygon_wkb=polygon_wkb)

    def accept_price(self, request_id: int) -> None:
        offers.accept_offer(
            request_id=request_id, user=self.entity_contact, purchase_reference="PO-2026-17"
        )

    # -- supply -----------------------------------------------------------------------------------

    def order(self, request_id: int) -> None:
        supply.order(request_id=request_id, user=self.supply_officer)

    def deliver(self, request_id: int, km2: int, *, complete: bool, name: str = "first") -> None:
        """One product comes, whose outline is so many km² of the first place."""
        product = world.product(land(km2), identifier=f"DS_PHR1A_{name}")
        self.deliver_product(request_id, product, complete=complete)

    def deliver_product(self, request_id: int, product: supply.Product, *, complete: bool) -> None:
        supply.register_delivery(
            request_id=request_id,
            user=self.supply_officer,
            products=[product],
            complete=complete,
        )

    def stop(self, request_id: int) -> None:
        supply.stop_order(request_id=request_id, user=self.supply_officer, reason="Agreed.")

    def accept_delivery(self, request_id: int) -> None:
        deliveries.accept_delivery(request_id=request_id, user=self.requester)

    def dispute(self, request_id: int) -> None:
        deliveries.dispute(request_id=request_id, user=self.requester, reason="Clouds.")

    def retask(self, request_id: int, *, until: str) -> None:
        disputes.retask(
            request_id=request_id,
            user=self.arbitrator,
            window_ends_on=dt.date.fromisoformat(until),
            reason="Clouds.",
        )

    # -- the end ----------------------------------------------------------------------------------

    def books(self) -> books.Tables:
        return books.kept(self.programme, self.files)


def window(starts_on: str, ends_on: str) -> dict[str, Any]:
    """The answers of somebody who asks for a new acquisition between these days."""
    return {
        "request_kind": "tasking",
        "window_starts_on": dt.date.fromisoformat(starts_on),
        "window_ends_on": dt.date.fromisoformat(ends_on),
        "agrees_to_enlargement": True,
    }

"""Which requests: the words of lists, pages, counts and exports."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.contrib.gis.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.fields.json import KT
from django.utils import timezone

from eligibility.models import User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from orbitrage.shared.expressions import is_one_of
from requests_app.models.choices import OnShortfall, RequestKind
from requests_app.states import (
    BEFORE_ORDER,
    DUTIES_OF_CELL,
    ROLE_ON_DUTY,
    WHO_MUST_ACT,
    WITH_OPERATOR,
    State,
    WhoActs,
)

if TYPE_CHECKING:
    from requests_app.models.request import ImageryRequest  # noqa: F401 — the name in a string below

CAME_TO_CELL = reduce(
    or_,
    (Q(target__in=duty) & ~Q(source__in=duty) for duty in DUTIES_OF_CELL),
    Q(transition="sign_licence"),
)
"""Of the records of a request, those by which the cell got something to do."""

UNSIGNED = Q(state=State.APPROVED, due_on__isnull=False)
"""Those that wait for the signature of their licence, by that day."""

NOT_LISTED = (
    "aoi", "missing_aoi", "operator_aoi", "granted_aoi", "simulation", "funding_plan", "coverage",
    "scene_footprints",
)  # fmt: skip


class ImageryRequestQuerySet(models.QuerySet["ImageryRequest"]):
    def visible_to(self, user: User) -> Self:
        """Every request ``user`` may see: the one rule of lists, pages, counts and exports."""
        return self.visible_to_actor(actor_of(user))

    def visible_to_actor(self, actor: Actor) -> Self:
        mine = self._mine(actor)
        my_entity = Q(entity_id__in=actor.entity_ids)
        my_cells = Q(cell_id__in={cell_id for cell_id, _role in actor.cells})
        # A draft belongs to those who write it, and so does one given up before it was submitted.
        given_up = (State.DRAFT, State.CANCELLED, State.EXPIRED)
        is_private = Q(state__in=given_up, submitted_at__isnull=True)
        seen = my_entity | my_cells
        if actor.is_secretariat or actor.is_observer:
            seen = Q(pk__isnull=False)
        return self.filter(mine | (seen & ~is_private))

    def of_entities(self, actor: Actor) -> Self:
        """Those of ``actor`` and of the entities they belong to."""
        return self.filter(self._mine(actor) | Q(entity_id__in=actor.entity_ids))

    def of_person(self, actor: Actor) -> Self:
        """Those that ``actor`` asks for, alone or with others."""
        return self.filter(self._mine(actor))

    def _mine(self, actor: Actor) -> Q:
        # A subquery, not a join: rows with large geometries need no DISTINCT.
        shared = self.model.co_requesters.through.objects.filter(user_id=actor.user_id or 0)
        in_common = is_one_of("pk", shared.values("imageryrequest_id"))
        return Q(requester_id=actor.user_id) | in_common

    def with_notes_open_to(self, actor: Actor) -> Self:
        """Those whose officers' internal notes ``actor`` reads: who serves the file, and neither
        asks nor belongs to the entity that asks nor works for it."""
        serves = Q(cell_id__in=actor.cell_ids)
        if actor.is_secretariat:
            serves = Q(pk__isnull=False)
        return self.filter(serves).exclude(self._with_conflict(actor))

    def _with_conflict(self, actor: Actor) -> Q:
        return self._mine(actor) | Q(entity_id__in=actor.entity_ids | actor.mandated_for)

    def of_cells(self, actor: Actor) -> Self:
        """Those of the actor's cells; of every cell for the staff of the programme."""
        if actor.is_secretariat or actor.is_observer:
            return self.filter(cell_id__isnull=False)
        return self.filter(cell_id__in={cell_id for cell_id, _role in actor.cells})

    def awaiting(self, who: str) -> Self:
        """Those whose ``who_must_act`` is ``who``."""
        if who == WhoActs.SIGNATORY:
            return self.filter(UNSIGNED)
        states = [state for state, each in WHO_MUST_ACT.items() if each == who]
        return self.filter(state__in=states).exclude(UNSIGNED)

    def awaiting_cell(self) -> Self:
        return self.awaiting(WhoActs.CELL)

    def awaiting_officer(self, actor: Actor) -> Self:
        """Those where it is for ``actor`` to act by a post in the cell. A file in review is its
        reviewer's, who arbitrates it no more."""
        of_posts = [
            Q(state=state, cell_id__in={cell for cell, held in actor.cells if held == role})
            for state, role in ROLE_ON_DUTY.items()
            if WHO_MUST_ACT.get(state) == WhoActs.CELL
        ]
        reviews = Q(reviewer_id=actor.user_id)
        arbitrated = [state for state, role in ROLE_ON_DUTY.items() if role == "arbitrator"]
        of_others = (Q(state=State.IN_REVIEW) & ~reviews) | (Q(state__in=arbitrated) & reviews)
        not_theirs = of_others | UNSIGNED | self._with_conflict(actor)
        return self.filter(reduce(or_, of_posts)).exclude(not_theirs)

    def late(self) -> Self:
        """Those whose ``is_late`` is true."""
        delay = (F("cell__decision_delay_days") + 1) * Value(timedelta(days=1))
        late_since = ExpressionWrapper(Value(timezone.now()) - delay, output_field=DateTimeField())
        cell_has = self.awaiting_cell().alias(came_at=_came_to_cell_at())
        return cell_has.filter(came_at__lte=late_since)

    def awaiting_answer_of(self, actor: Actor) -> Self:
        """Those where it is for ``actor`` to act: their own, but for prices, which the contacts of
        the entity are alone to accept."""
        waiting = [state for state, who in WHO_MUST_ACT.items() if who == WhoActs.REQUESTER]
        is_priced = Q(state=State.OFFERED, priced_eur__gt=0)
        theirs = self._mine(actor) & ((Q(state__in=waiting) & ~is_priced) | self._asked())
        return self.filter(theirs | (is_priced & Q(entity_id__in=actor.contact_of)))

    def _asked(self) -> Q:
        """The window of a tasking is over, and its order open while its requester is asked."""
        today = timezone.localdate()
        is_open = Q(state__in=WITH_OPERATOR, window_ends_on__lt=today, due_on__gte=today)
        return is_open & Q(request_kind=RequestKind.TASKING, on_shortfall=OnShortfall.ASK)

    def holding_quota(self) -> Self:
        """Submitted and not yet ordered: these hold quota, or are part of the demand."""
        return self.filter(state__in=[state for state in BEFORE_ORDER if state != State.DRAFT])

    def with_names(self) -> Self:
        """With the names that lists and files show, without geometries and frozen plans."""
        names = self.select_related("requester", "entity", "sensor", "cell", "reviewer")
        return names.defer(*NOT_LISTED)

    def for_a_list(self) -> Self:
        """``with_names``, and ``came_to_cell_at``."""
        return self.with_names().annotate(came_to_cell_at=_came_to_cell_at())

    def for_a_file(self) -> Self:
        """``with_names``, and ``counted_km2`` as the plan says it, without the plan itself."""
        return self.with_names().annotate(counted_km2=KT("funding_plan__counted_km2"))

    def due(self) -> Self:
        return self.filter(due_on__lte=timezone.localdate())

    def overdue(self) -> Self:
        return self.filter(due_on__lt=timezone.localdate())


def _came_to_cell_at() -> Subquery:
    from requests_app.models.record import TransitionRecord  # which names this model

    arrivals = TransitionRecord.objects.filter(CAME_TO_CELL, request=OuterRef("pk"))
    return Subquery(arrivals.order_by("-pk").values("at")[:1])

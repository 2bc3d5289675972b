"""Files of a cell."""

from django.db.models import Case, Exists, F, OuterRef, When
from django.utils import timezone

from eligibility.models import User
from eligibility.permissions import Actor
from requests_app.models import (
    ImageryRequest,
    ImageryRequestQuerySet,
    TransitionRecord,
)
from requests_app.states import FINAL_STATES


def cell_queue(*, user: User, actor: Actor) -> ImageryRequestQuerySet:
    """Files of the user's cells that are not over, each with ``awaits_cell``: first what the cell
    must do, what is expedited before the rest and each by how long it has had it, then what waits
    for others, by its date."""
    seen: ImageryRequestQuerySet = ImageryRequest.objects.visible_to(user)
    rows = seen.of_cells(actor).exclude(state__in=FINAL_STATES)
    waiting = ImageryRequest.objects.awaiting_cell().filter(pk=OuterRef("pk"))
    ours = rows.for_a_list().annotate(awaits_cell=Exists(waiting))
    came_at = Case(When(awaits_cell=True, then=F("came_to_cell_at")))
    return ours.order_by(
        "-awaits_cell",
        "-is_expedited",
        came_at.asc(nulls_last=True),
        F("due_on").asc(nulls_last=True),
        "pk",
    )


def expedited_this_year(actor: Actor) -> int:
    """How many files of the actor's cells were decided, or are to be, outside a meeting: those
    expedited since the first of January, each once, in the cell that has them."""
    year = timezone.localdate().year
    acts = TransitionRecord.objects.filter(transition="expedite", at__year=year)
    files: ImageryRequestQuerySet = ImageryRequest.objects.of_cells(actor)
    return files.filter(pk__in=acts.values("request_id")).count()

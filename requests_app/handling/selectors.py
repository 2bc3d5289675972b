"""Who may have a file, and which files are to be blocked."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from eligibility.models import Affiliation, Cell, CellMember, Mandate, RoutingRule, User
from eligibility.selectors import actor_of
from requests_app.models import ImageryRequest
from requests_app.permissions import is_reviewer
from requests_app.selectors import standing_refusals
from requests_app.states import BLOCKABLE_STATES


def reviewers_for(request: ImageryRequest) -> list[User]:
    """Reviewers of the request's cell without an interest in it, but for who has it."""
    posts = CellMember.objects.running(timezone.localdate()).filter(
        cell=request.cell_id, role=CellMember.Role.REVIEWER
    )
    found = User.objects.filter(cell_posts__in=posts).order_by("full_name", "pk").distinct()
    return [
        person
        for person in found
        if person.pk != request.reviewer_id and is_reviewer(request, actor_of(person))
    ]


def cells_for(request: ImageryRequest) -> QuerySet[Cell]:
    """The other cells that take requests for its sensor."""
    today = timezone.localdate()
    rules = RoutingRule.objects.in_force(today).filter(sensor_id=request.sensor_id)
    return Cell.objects.filter(pk__in=rules.values("cell_id")).exclude(pk=request.cell_id or 0)


def takers_of(request: ImageryRequest) -> QuerySet[User]:
    """Who may take the request over: members of its entity and, while its mandate runs, of the
    contractor that asks under it."""
    today = timezone.localdate()
    running = Mandate.objects.in_force(today).filter(pk=request.mandate_id or 0)
    entity_ids = [request.entity_id, *running.values_list("contractor_id", flat=True)]
    posts = Affiliation.objects.running(today).filter(entity_id__in=entity_ids)
    people: QuerySet[User] = User.objects.filter(affiliations__in=posts, is_active=True)
    return people.exclude(pk=request.requester_id).order_by("full_name", "pk").distinct()


def blocking_codes(request: ImageryRequest, on: date) -> list[str]:
    return [refusal.code for refusal in standing_refusals(request, on)]


def whose_standing_changed(on: date) -> list[int]:
    """Keys of the files whose block is no longer what the day asks. Asked once for each entity,
    sensor, mandate and person, however many files they have. Geometries are left in the database.
    """
    files = (
        ImageryRequest.objects.filter(state__in=BLOCKABLE_STATES)
        .select_related("entity", "requester", "mandate")
        .only(
            "pk", "state", "blocked_reason", "request_kind", "sensor_id", "entity", "requester",
            "mandate",
        )
        .order_by("pk")
    )  # fmt: skip
    reasons: dict[tuple[int | None, ...], str] = {}
    changed = []
    for file in files:
        key = (file.entity_id, file.sensor_id, file.mandate_id, file.requester_id)
        if key not in reasons:
            reasons[key] = next(iter(blocking_codes(file, on)), "")
        if reasons[key] != file.blocked_reason:
            changed.append(file.pk)
    return changed

"""Who asks with the requester. Refusals name the address that was typed, nobody behind it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Affiliation, Cell, RoutingRule, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from orbitrage.shared.errors import Refusal
from requests_app.models import ImageryRequest
from requests_app.permissions import is_asking
from requests_app.transitions import TransitionRefused, begin, record, refuse_any, save


def join(*, request_id: int, user: User, email: str) -> None:
    """In the transaction of its caller: whoever has that address asks with ``user`` from now on;
    recorded, no change of state.

    Raises:
        TransitionRefused: nobody has that address, or who has it asks already or serves the cell.
    """
    move = begin(request_id, "add_co_requester", user)
    request = move.request
    person = _person_to_join(request, email)
    request.add_co_requester()
    request.co_requesters.add(person)
    record(move, changes={"person": person.pk})
    save(request)


def _person_to_join(request: ImageryRequest, email: str) -> User:
    person = _person_at(email)
    if person is None:
        raise TransitionRefused(_nobody_known(email=email))
    actor = actor_of(person)
    refuse_any(
        asks_not_yet(asks=is_asking(request, actor), person=email),
        _does_not_serve_cell(serves=_may_decide(request, actor), person=email),
    )
    return person


def _may_decide(request: ImageryRequest, actor: Actor) -> bool:
    """Now or where the file may be moved to. A draft goes to a cell that nobody knows yet."""
    if request.cell_id is None:
        return bool(actor.cell_ids) or actor.is_secretariat
    rules = RoutingRule.objects.in_force(timezone.localdate())
    takes = rules.filter(sensor_id=request.sensor_id).values_list("cell_id", flat=True)
    return bool(actor.cell_ids & {request.cell_id, *takes}) or actor.is_secretariat


def joined_officers(request: ImageryRequest, cell: Cell) -> list[Refusal]:
    """The co-requesters who would decide for ``cell``, or for the programme: their posts may be
    younger than their part in the request."""
    actors = {person: actor_of(person) for person in request.co_requesters.order_by("pk")}
    serving = [
        person
        for person, actor in actors.items()
        if cell.pk in actor.cell_ids or actor.is_secretariat
    ]
    message = _(
        "%(person)s is a co-requester and serves %(cell)s or the programme: they stop asking, or"
        " the requester removes them, before the file goes there."
    )
    return [
        Refusal("serves_the_cell", message % {"person": person.full_name, "cell": cell.name})
        for person in serving
    ]


def _person_at(email: str) -> User | None:
    """Whoever of a known organisation has this address."""
    posts = Affiliation.objects.running(timezone.localdate())
    known: models.QuerySet[User] = User.objects.filter(is_active=True, affiliations__in=posts)
    return known.filter(email__iexact=email.strip()).first()


def asks_not_yet(*, asks: bool, person: str) -> Refusal | None:
    if not asks:
        return None
    return Refusal("asks_already", _("%(person)s asks already.") % {"person": person})


def _nobody_known(*, email: str) -> Refusal:
    """The same words whatever is missing: nobody learns who has an account."""
    message = _("Nobody of an organisation that the service knows has the address %(email)s.")
    return Refusal("nobody_known", message % {"email": email})


def _does_not_serve_cell(*, serves: bool, person: str) -> Refusal | None:
    """Nobody takes an officer off a file by making them ask for it."""
    if not serves:
        return None
    message = _("%(person)s serves the programme, or the cell that examines this request.")
    return Refusal("serves_the_cell", message % {"person": person})

"""Reads: who may see which images, and the licences of a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from eligibility.models import Mandate, Membership, Sensor, Terms, TermsAcceptance, User
from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from licences.kinds import kinds_in_force
from licences.models import Annex, Licence, LicenceFile, Signature


class Standing(models.TextChoices):
    """The states of licences, as they are looked for: what has ended is not in force."""

    IN_FORCE = "in_force", _("In force")
    AWAITING = "awaiting", _("Awaiting signature")
    EXPIRED = "expired", _("Expired")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")


class Whose(models.TextChoices):
    MINE = "mine", _("Mine")
    ENTITY = "entity", _("My entity’s")
    CELLS = "cells", _("My cells’")


OPEN = "open"
MEMBER = "member"


@dataclass(frozen=True)
class Audience:
    """What somebody may see and download, as keys: an item that has one of them is theirs.

    Keys: ``open``, and for one sensor each ``member@<sensor>``, ``licence:<kind>@<sensor>``,
    ``entity:<id>@<sensor>``. ``withdrawn`` are the requests whose licence, of one's entities, was
    taken back or has expired: whatever key one has, their images are closed, unless they are open
    or came for another request of one's entities too, whose licence stands.
    """

    user_id: int | None
    keys: frozenset[str]
    entity_ids: frozenset[int] = frozenset()
    withdrawn: frozenset[str] = frozenset()


ANYBODY = Audience(user_id=None, keys=frozenset({OPEN}))


def entity_key(entity_id: int) -> str:
    return f"entity:{entity_id}"


def licence_key(kind: str) -> str:
    return f"licence:{kind}"


def key_for(key: str, sensor_code: str) -> str:
    """A right is to one sensor's images: whoever has it for another cannot open them."""
    return key if key == OPEN else f"{key}@{sensor_code}"


def audience_of(user: User | AnonymousUser) -> Audience:
    """Four queries at most; none for a stranger. To be asked once per page.

    An entity counts, for the sensors of its membership, while that runs, is not suspended, and
    its terms are accepted; a principal, for the sensors of the mandate among these.
    """
    actor = actor_of(user)
    if actor.user_id is None:
        return ANYBODY
    keys = {OPEN}
    today = timezone.localdate()
    mandates = _mandated_sensors(actor.entity_ids, today) if actor.mandated_for else set()
    for entity_id, is_scientific, sensor_code in _standing_sensors(
        actor.entity_ids | actor.mandated_for, today
    ):
        if entity_id in actor.entity_ids or (entity_id, sensor_code) in mandates:
            licences = _licence_keys(sensor_code, is_scientific=is_scientific)
            held = [MEMBER, entity_key(entity_id), *licences]
            keys |= {key_for(key, sensor_code) for key in held}
    entity_ids = actor.entity_ids | actor.mandated_for
    withdrawn = _withdrawn(entity_ids, today) if keys != {OPEN} else frozenset()
    return Audience(actor.user_id, frozenset(keys), entity_ids, withdrawn)


def _withdrawn(entity_ids: Iterable[int], on: date) -> frozenset[str]:
    """The requests of these entities that had a licence and have none in force."""
    of_requests = Licence.objects.filter(subject=Licence.Subject.REQUEST)
    ended = of_requests.filter(
        Q(state=Licence.State.REVOKED) | Q(state=Licence.State.ISSUED, valid_until__lt=on),
        entity_id__in=entity_ids,
    )
    in_force = Licence.objects.of_requests_in_force(on).filter(
        request_number=OuterRef("request_number")
    )
    numbers = ended.exclude(Exists(in_force)).order_by().values_list("request_number", flat=True)
    return frozenset(numbers)


def _licence_keys(sensor_code: str, *, is_scientific: bool) -> list[str]:
    return [
        licence_key(kind.code)
        for kind in kinds_in_force()
        if kind.covers(sensor_code, is_scientific=is_scientific)
    ]


def _standing_sensors(entity_ids: Iterable[int], on: date) -> list[tuple[int, bool, str]]:
    accepted = TermsAcceptance.objects.filter(
        terms=OuterRef("pk"), entity=OuterRef(OuterRef("entity"))
    )
    unaccepted = (
        Terms.objects.in_force(on)
        .filter(kind__in=Terms.ACCEPTED_BY_ENTITY)
        .exclude(Exists(accepted))
    )
    running = Membership.objects.in_force(on).filter(
        Q(suspended_on__isnull=True) | Q(suspended_on__gt=on), entity_id__in=entity_ids
    )
    managed = running.filter(sensors__policy=Sensor.Policy.MANAGED).exclude(Exists(unaccepted))
    return list(
        managed.order_by("pk").values_list(
            "entity_id", "entity__category__is_scientific", "sensors__code"
        )
    )


def _mandated_sensors(entity_ids: Iterable[int], on: date) -> set[tuple[int, str]]:
    mandates = Mandate.objects.in_force(on).filter(contractor_id__in=entity_ids)
    return set(mandates.order_by("pk").values_list("principal_id", "sensors__code"))


def found_licences(
    user: User | AnonymousUser, *, q: str = "", whose: str = "", state: str = "", kind: str = ""
) -> QuerySet[Licence]:
    """Those one may see that have the words in their number or licensee, latest first. One's own
    are those that one asked for."""
    rows = Licence.objects.visible_to(user).for_lists()
    if whose:
        rows = rows.filter(_of_whom(whose, actor_of(user)))
    if kind:
        rows = rows.filter(kind=kind)
    if state:
        rows = rows.filter(_of_standing(state))
    for word in q.split():
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(request_number__icontains=word)
            | Q(entity__name__icontains=word)
            | Q(entity__acronym__icontains=word)
        )
    return rows


def _of_whom(whose: str, actor: Actor) -> Q:
    match whose:
        case Whose.MINE:
            return Q(requester_id=actor.user_id)
        case Whose.ENTITY:
            return Q(entity_id__in=actor.entity_ids)
        case _:
            return Q(cell_id__in=actor.cell_ids)


def _of_standing(state: str) -> Q:
    over = Q(state=Licence.State.ISSUED, valid_until__lt=timezone.localdate())
    match state:
        case Standing.IN_FORCE:
            return Q(state=Licence.State.ISSUED) & ~over
        case Standing.EXPIRED:
            return over
        case _:
            return Q(state=state)


def licences_of_request(request_number: str, user: User | AnonymousUser) -> QuerySet[Licence]:
    """Latest first, each with its ``files``."""
    return with_files(
        Licence.objects.visible_to(user).filter(request_number=request_number).for_lists()
    )


def regions_open(on: date) -> QuerySet[Licence]:
    """The extensions in force whose day has come."""
    return Licence.objects.filter(
        subject=Licence.Subject.REGION, state=Licence.State.ISSUED, valid_from__lte=on
    ).order_by("pk")


def entity_stands(licence: Licence) -> bool:
    """Whether its entity is a member for its sensor today, not suspended, its terms accepted; an
    open sensor, and a licence that no request gave, ask for none of that."""
    managed = Sensor.objects.filter(code=licence.sensor_code, policy=Sensor.Policy.MANAGED)
    if licence.subject != Licence.Subject.REQUEST or not managed.exists():
        return True
    standing = _standing_sensors([licence.entity_id], timezone.localdate())
    return any(code == licence.sensor_code for _id, _is_scientific, code in standing)


def latest_licence_of(request_number: str) -> Licence | None:
    """The one its request has now, whatever became of it. Kept as it is until the caller's
    transaction ends (FOR NO KEY UPDATE)."""
    given = Licence.objects.filter(subject=Licence.Subject.REQUEST, request_number=request_number)
    kept = given.select_for_update(of=("self",), no_key=True)
    return kept.defer("record").order_by("-pk").first()


def is_signed(request_number: str) -> bool:
    """Whether the licence of a request was signed here. Keeps it, as :func:`latest_licence_of`."""
    licence = latest_licence_of(request_number)
    return licence is not None and Signature.objects.filter(licence=licence).exists()


def with_files(licences: QuerySet[Licence]) -> QuerySet[Licence]:
    """Each with the ``files`` of the licence itself."""
    return licences.prefetch_related(_files(LicenceFile.objects.filter(annex=None)))


def with_annexes(licences: QuerySet[Licence]) -> QuerySet[Licence]:
    """Each with its ``annexes``, in their order, and the ``files`` of these."""
    annexes = Annex.objects.defer("record").order_by("sequence")
    return licences.prefetch_related(Prefetch("annexes", annexes.prefetch_related(_files())))


def _files(chosen: QuerySet[LicenceFile] | None = None) -> Prefetch[str]:
    """French first."""
    rows = LicenceFile.objects.all() if chosen is None else chosen
    return Prefetch("files", rows.order_by("-language"))


def licence_of_document(number: str, user: User | AnonymousUser) -> QuerySet[Licence]:
    """The licence of that number, or whose annex has it, if one may see it."""
    annexed = Annex.objects.filter(licence=OuterRef("pk"), number=number)
    return Licence.objects.visible_to(user).filter(Q(number=number) | Q(Exists(annexed)))


def is_given_out(licence: Licence, number: str) -> bool:
    """Whether the document of that number, its own or its annex's, is: an annex also once its
    licence was renewed."""
    stands = licence if number == licence.number else licence.in_its_place
    return stands.is_given_out


def annexes_of(licence: Licence) -> QuerySet[Annex]:
    """Its own and those of the licences that it renews, each with its ``files``, oldest first."""
    chain: list[int] = []
    found: int | None = licence.pk
    while found is not None:
        chain.append(found)
        before = Licence.objects.filter(superseded_by_id=found)
        found = before.values_list("pk", flat=True).first()
    annexes = Annex.objects.filter(licence__in=chain).select_related("licence__superseded_by")
    return annexes.defer("record").order_by("pk").prefetch_related(_files())


def files_of_document(licence: Licence, number: str) -> QuerySet[LicenceFile]:
    """Those of the licence itself, or of its annex of that number."""
    if number == licence.number:
        return LicenceFile.objects.filter(licence=licence, annex=None, version=licence.version)
    return LicenceFile.objects.filter(licence=licence, annex__number=number)

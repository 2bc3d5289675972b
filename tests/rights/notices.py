"""What addresses of notices name; and notices about every request, for everybody."""

from typing import Any

from django.utils import timezone

from eligibility import services as eligibility
from notices.links import path_to_confirm, path_to_stop
from notices.models import CopyAddress, Notice
from tests.rights.world import World


def objects_of_notices(world: World) -> dict[str, dict[str, Any]]:
    """Links and the calendar are of what names no request: whoever has one reads its page."""
    found = world.programme
    _tell_everybody_of_everything(world)
    mine = _copy(request=world.requests["submitted"], added_by=found.requester)
    of_entity = _copy(entity=found.entity, added_by=found.entity_contact)
    pending = _copy(
        entity=found.entity,
        added_by=found.entity_contact,
        address="pending@example.org",
        confirmed_at=None,
    )
    return {
        "notice of the requester": {"pk": _notice(world.people["requester"], "submitted").pk},
        "notice of another entity": {"pk": _notice(world.other_people["member"], "unrelated").pk},
        "calendar of the stranger": {"token": _calendar(found.stranger)},
        "calendar of the suspended member": {"token": _calendar(world.people["suspended_member"])},
        "copy of a request": {"pk": mine.pk},
        "copy of the entity": {"pk": of_entity.pk},
        "link to confirm": {"token": _token(path_to_confirm(pending))},
        "link to end": {"token": _token(path_to_stop(of_entity))},
    }


def _tell_everybody_of_everything(world: World) -> None:
    """Whether they may see it or not: only the list itself hides what they may not."""
    people = {**world.people, "other member": world.other_people["member"]}
    Notice.objects.bulk_create(
        Notice(
            key=f"{name}:{role}",
            reader=person,
            kind="progress",
            subjects={"fr": "Vos images sont commandées", "en": "Your images are ordered"},
            path=request.get_absolute_url(),
            request=request,
            delivery="here",
        )
        for name, request in world.requests.items()
        for role, person in people.items()
    )


def _notice(person: Any, name: str) -> Notice:
    return Notice.objects.get(reader=person, key__startswith=f"{name}:")


def _calendar(person: Any) -> str:
    return eligibility.make_calendar_address(user_id=person.pk)


def _copy(**fields: Any) -> CopyAddress:
    usual = {"address": "files@example.org", "language": "fr", "confirmed_at": timezone.now()}
    return CopyAddress.objects.create(**usual | fields)


def _token(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]

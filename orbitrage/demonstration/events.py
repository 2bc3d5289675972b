"""What happens to requests beside their moves: people join, write, are copied; a membership is
suspended, a region is opened to all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from eligibility import services as eligibility
from eligibility.models import Entity, Membership, TermsAcceptance, User
from eligibility.notifications import ACCEPTANCE_TOPIC, MEMBERSHIP_TOPIC
from eligibility.services.notices import tell
from licences import regions, signing
from licences.kinds import get_kind
from licences.signatories import signatories_of
from notices import services as notices
from places.models import Place, PlaceKind
from requests_app.attachments.checking import Upload
from requests_app.handling.services.people import add_co_requester
from requests_app.handling.services.standing import review_standing
from requests_app.messages.services import write_message
from requests_app.models import ImageryRequest, MessageKind

FOLDER = settings.BASE_DIR / "fixtures" / "demo"


def join(request: ImageryRequest, row: Mapping[str, Any]) -> None:
    add_co_requester(request_id=request.pk, user=request.requester, email=row["email"])


def write(request: ImageryRequest, author: User, row: Mapping[str, Any]) -> None:
    attached = [Upload(name, (FOLDER / name).read_bytes()) for name in row.get("files", ())]
    write_message(
        request_id=request.pk,
        user=author,
        text=row["text"],
        kind=row.get("kind", MessageKind.SHARED),
        attachments=attached,
    )


def copy(request: ImageryRequest, row: Mapping[str, Any]) -> None:
    """To an address whose reader has agreed, unless ``waits``."""
    asked = notices.copy_request_to(
        request_id=request.pk, user=request.requester, address=row["address"], language="fr"
    )
    if not row.get("waits", False):
        notices.confirm_copy(copy_id=asked.pk)


def suspend(entity: Entity, secretary: User, row: Mapping[str, Any]) -> None:
    """Its files are blocked, as they are each morning."""
    eligibility.suspend_membership(
        membership_id=entity.memberships.get().pk,
        reason=row["reason"],
        by_user_id=secretary.pk,
    )
    for request in ImageryRequest.objects.filter(entity=entity):
        review_standing(request_id=request.pk)


def open_region(entity: Entity, secretary: User, row: Mapping[str, Any]) -> None:
    """Signed, unless it ``waits``. ``opens_in_days`` counts from today."""
    licence = regions.open_region(
        decision=uuid4(),
        user=secretary,
        kind=get_kind(row["kind"]),
        entity=entity,
        place=Place.objects.get(kind=PlaceKind.REGION, code=row["region"]),
        vintage=row["vintage"],
        opens_on=timezone.localdate() + timedelta(days=row["opens_in_days"]),
    )
    if not row.get("waits", False):
        signing.sign(
            licence_id=licence.pk,
            user=signatories_of(licence)[0],
            text_sha256=licence.record_sha256,
        )


def give_documents(membership: Membership, secretary: User) -> None:
    """Those of a membership and of its charter, as where it is opened on the site."""
    tell(MEMBERSHIP_TOPIC, membership.pk, "opened", by_user_id=secretary.pk)
    for accepted in TermsAcceptance.objects.filter(entity=membership.entity):
        tell(ACCEPTANCE_TOPIC, accepted.pk, "accepted")

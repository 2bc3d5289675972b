"""What becomes of its licence, followed by the request."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from eligibility.selectors import actor_of
from licences.models import Licence, Signature
from orbitrage.shared.transactions import retried_once
from requests_app.models import ImageryRequest, ImageryRequestQuerySet
from requests_app.transitions import Move, lock_request, record, save


@retried_once
@transaction.atomic
def follow_signature(payload: Mapping[str, Any]) -> None:
    """Record the signature and no longer wait for it. Again, or where the request went another way
    meanwhile, it does nothing."""
    signatures = Signature.objects.select_related("licence", "user")
    signature = signatures.get(licence_id=payload["licence_id"])
    licence = signature.licence
    granted = _request_under(licence).values_list("pk", flat=True).first()
    if granted is None:
        return
    request = lock_request(granted)
    if not request.awaits_signature or request.licence_number != licence.number:
        return
    request.wait_for_signature(due_on=None)
    move = Move(request, "sign_licence", actor_of(signature.user), request.state)
    record(move, changes={"licence_number": licence.number})
    save(request)


def follow_renewal(payload: Mapping[str, Any]) -> None:
    """Name the licence that the request has now; what its records say stays. Again, or late, it
    does nothing."""
    licence = Licence.objects.get(superseded_by=payload["licence_id"])
    assert licence.superseded_by is not None
    _request_under(licence).update(licence_number=licence.superseded_by.number)


def _request_under(licence: Licence) -> ImageryRequestQuerySet:
    """The request that has this licence now, if it is still so."""
    requests: ImageryRequestQuerySet = ImageryRequest.objects.filter(
        number=licence.request_number, licence_number=licence.number
    )
    return requests

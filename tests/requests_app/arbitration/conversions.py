"""Offers of other images than those asked for."""

from requests_app.arbitration import services as arbitration
from requests_app.conversion import Conversion
from requests_app.intake.services import offers

ARCHIVE = Conversion(request_kind="archive")


def convert(found, request, conversion, **options):
    return arbitration.offer(
        request_id=request.pk, user=found.arbitrator, conversion=conversion, **options
    )


def accept(found, request):
    return offers.accept_offer(request_id=request.pk, user=found.requester)

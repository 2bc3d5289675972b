"""An area given otherwise than by a file: it becomes one, and ``keep_area`` reads it.

Each raises AreaRefused as ``keep_area`` does, and for its own reasons.
"""

from pathlib import PurePath

from django.utils.translation import gettext as _

from eligibility.models import User
from licences.selectors import audience_of
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import to_shapely
from places.models import Place
from requests_app.aoi.files import AreaFile, file_of_geometry
from requests_app.aoi.reading import AreaRefused
from requests_app.aoi.typed import file_of, tile_file
from requests_app.intake.rules import repair_refusal, something_remains
from requests_app.intake.services.drafts import keep_area
from requests_app.models import ImageryRequest, UploadedArea
from requests_app.selectors import coverage_of


def keep_drawn_area(*, user: User, text: str) -> UploadedArea:
    """A drawing, as the form writes it: the corners of its polygons, one a line."""
    return _keep(user, file_of(text, name=_("drawing")))


def keep_typed_area(*, user: User, text: str) -> UploadedArea:
    """A box, a centre and a radius, corners or well-known text."""
    return _keep(user, file_of(text))


def keep_tile(*, user: User, name: str) -> UploadedArea:
    """A tile of Sentinel-2. Raises AreaRefused `tile_unknown`."""
    return _keep(user, tile_file(name))


def keep_place(*, user: User, place_id: int) -> UploadedArea:
    """Raises AreaRefused `place_unknown`: it has left the register meanwhile."""
    place = Place.objects.filter(pk=place_id).first()
    if place is None:
        message = _("This place is no longer known: look for it again.")
        raise AreaRefused(Refusal("place_unknown", message))
    return _keep(user, file_of_geometry(to_shapely(place.geometry), name=str(place)))


def keep_area_of_request(*, user: User, number: str) -> UploadedArea:
    """The area that an earlier request asked for.

    Raises AreaRefused `request_not_found`, in the same words for one that ``user`` may not see.
    """
    named = number.strip().upper()
    earlier = ImageryRequest.objects.visible_to(user).filter(number=named).first()
    if earlier is None:
        message = _("There is no request %(number)s that you may see.")
        raise AreaRefused(Refusal("request_not_found", message % {"number": named}))
    return _keep(user, file_of_geometry(to_shapely(earlier.aoi), name=earlier.number))


def keep_rest(*, user: User, draft: ImageryRequest) -> UploadedArea:
    """What of the area of ``draft``, saved or not, is not available to ``user`` yet.

    Raises AreaRefused `nothing_remains`, `nothing_available`, and `repair_not_agreed`: nobody takes
    a part of an outline that was mended before the whole of it is agreed to.
    """
    covered = coverage_of(draft, audience_of(user))
    found = [
        repair_refusal(is_repaired=draft.aoi_repaired, agreed=draft.agrees_to_repair),
        something_remains(remaining_km2=covered.remaining_km2, area_km2=covered.area_km2),
    ]
    refusals = [refusal for refusal in found if refusal is not None]
    if refusals or covered.remaining is None:
        raise AreaRefused(*refusals)
    name = _("rest of %(area)s") % {"area": PurePath(draft.aoi_file_name).stem or _("the area")}
    return _keep(user, file_of_geometry(to_shapely(covered.remaining), name=name))


def _keep(user: User, file: AreaFile) -> UploadedArea:
    return keep_area(user=user, data=file.data, file_name=file.filename)

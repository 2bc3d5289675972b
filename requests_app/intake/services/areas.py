"""The areas that an account keeps for its forms. One that is given otherwise than by a file becomes
a file, which ``keep_area`` reads: each raises AreaRefused as that does, and for its own reasons."""

from collections.abc import Collection
from decimal import Decimal
from pathlib import PurePath
from typing import Any

import shapely
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from eligibility.models import User
from eligibility.selectors import acting_for, parameter
from eligibility.services import lock_account
from licences.selectors import audience_of
from orbitrage.shared.errors import Refusal, refusals_in
from orbitrage.shared.geo import to_geos_multipolygon, to_shapely
from orbitrage.shared.transactions import retried_once
from places.models import Place
from places.outlines import names_of, union_of
from requests_app.aoi.axes import swapped_axes, with_axes_swapped
from requests_app.aoi.files import AreaFile, file_of_geometry
from requests_app.aoi.reading import AreaRefused, read_area
from requests_app.aoi.repair import Repair, faults_of
from requests_app.aoi.typed import file_of, tile_file
from requests_app.intake.rules.submission import repair_refusal, room_for_an_area, something_remains
from requests_app.models import (
    ImageryRequest,
    UploadedArea,
)
from requests_app.selectors import coverage_of
from requests_app.territories import territories_of


def keep_area(*, user: User, data: bytes, file_name: str, layer: str = "") -> UploadedArea:
    """Read an area from a user's file and keep it for the form.

    Raises:
        AreaRefused: the account may ask in nobody's name or keeps as many areas as it may, or the
            file holds no usable area; says what is wrong and where.
    """
    if not acting_for(user, timezone.localdate()):
        message = _(
            "Join an organisation first: your account may ask in nobody's name yet. Open data"
            " (Sentinel) need none: see the page of open data."
        )
        raise AreaRefused(Refusal("asks_for_nobody", message))
    area = read_area(data, file_name, layer=layer or None)
    return _kept(
        user,
        file_name=file_name[-255:],
        geometry=to_geos_multipolygon(shapely.from_wkb(area.wkb)),
        area_km2=area.area_km2,
        looks_swapped=swapped_axes(area.wkb, _territories_of(user)) is not None,
        notes=list(area.notes),
        **_repair_fields(area.repair),
    )


@retried_once
@transaction.atomic
def _kept(user: User, **fields: Any) -> UploadedArea:
    """Counted under the account's lock. Those of no form go after some days."""
    lock_account(user.pk)
    refusal = room_for_an_area(
        kept=UploadedArea.objects.filter(uploaded_by=user).count(),
        maximum=int(parameter("kept-areas-maximum", timezone.localdate())),
    )
    if refusal is not None:
        raise AreaRefused(refusal)
    return UploadedArea.objects.create(uploaded_by=user, **fields)


def _repair_fields(repair: Repair | None) -> dict[str, Any]:
    if repair is None:
        return {}
    return {
        "repaired": True,
        "repair_change_km2": repair.change_km2,
        "drawn": to_geos_multipolygon(shapely.from_wkb(repair.drawn_wkb)),
        "faults": [str(fault) for fault in repair.faults],
    }


def swap_axes(*, user: User, area: UploadedArea) -> UploadedArea:
    """The same area with latitude and longitude the other way round, as another one kept.

    Raises:
        AreaRefused: it does not look as if they were swapped.
    """
    wkb = bytes(area.geometry.wkb)
    turned = swapped_axes(wkb, _territories_of(user)) if area.looks_swapped else None
    if turned is None:
        message = _("The axes of %(file)s do not look swapped: the area is left as it is.")
        raise AreaRefused(Refusal("axes_not_swapped", message % {"file": area.file_name}))
    return _kept(
        user,
        file_name=area.file_name,
        geometry=to_geos_multipolygon(shapely.from_wkb(turned.wkb)),
        area_km2=turned.area_km2,
        repaired=area.repaired,
        repair_change_km2=_stretched(area.repair_change_km2, turned.area_km2 / area.area_km2),
        drawn=area.drawn and to_geos_multipolygon(with_axes_swapped(to_shapely(area.drawn))),
        faults=[str(fault.turned) for fault in faults_of(area.faults or [])],
        notes=area.notes,
    )


def _stretched(change_km2: Decimal | None, by: Decimal) -> Decimal | None:
    """Elsewhere on the map what was drawn and what was mended are larger or smaller alike."""
    return None if change_km2 is None else (change_km2 * by).quantize(Decimal("0.000001"))


def _territories_of(user: User) -> list[BaseGeometry]:
    """Of the entities on whose behalf the user may ask."""
    return territories_of(each.entity for each in acting_for(user, timezone.localdate()))


def keep_drawn_area(*, user: User, text: str) -> UploadedArea:
    """A drawing, as the form writes it: the corners of its polygons, one a line."""
    return _keep(user, file_of(text, name=_("drawing")))


def keep_typed_area(*, user: User, text: str) -> UploadedArea:
    """A box, a centre and a radius, corners or well-known text."""
    return _keep(user, file_of(text))


def keep_tile(*, user: User, name: str) -> UploadedArea:
    """A tile of Sentinel-2. Raises AreaRefused `tile_unknown`."""
    return _keep(user, tile_file(name))


def keep_places(*, user: User, place_ids: Collection[int]) -> UploadedArea:
    """All of them as one area. Raises AreaRefused `place_unknown`: one has left the register."""
    wanted = set(place_ids)
    places = list(Place.objects.filter(pk__in=wanted).order_by("name", "code"))
    if not places or len(places) < len(wanted):
        message = _("This place is no longer known: look for it again.")
        raise AreaRefused(Refusal("place_unknown", message))
    return _keep(user, file_of_geometry(union_of(places), name=names_of(places)))


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


def keep_remaining(*, user: User, draft: ImageryRequest) -> UploadedArea:
    """What of the area of ``draft``, saved or not, is not available to ``user`` yet.

    Raises AreaRefused `nothing_remains`, `nothing_available`, and `repair_not_agreed`: nobody takes
    a part of an outline that was mended before the whole of it is agreed to.
    """
    covered = coverage_of(draft, audience_of(user))
    found = [
        repair_refusal(is_repaired=draft.aoi_repaired, agreed=draft.agrees_to_repair),
        something_remains(remaining_km2=covered.remaining_km2, area_km2=covered.area_km2),
    ]
    refusals = refusals_in(*found)
    if refusals or covered.remaining is None:
        raise AreaRefused(*refusals)
    name = _("rest of %(area)s") % {"area": PurePath(draft.aoi_file_name).stem or _("the area")}
    return _keep(user, file_of_geometry(to_shapely(covered.remaining), name=name))


def _keep(user: User, file: AreaFile) -> UploadedArea:
    return keep_area(user=user, data=file.data, file_name=file.filename)

"""The extension of a licence that opens a region's images of one year to all, from a day on."""

import json
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import Affiliation, Entity, Sensor, User
from eligibility.selectors import actor_of
from licences.kinds import Kind, kinds_in_force
from licences.models import Licence
from licences.parties import party, representative_of
from licences.records import RegionRecord
from licences.services import issue
from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.transactions import retried_once
from places.models import Place


class ExtensionRefused(DomainError):
    """The region was not opened."""


def region_kinds() -> list[Kind]:
    """Those that open a region, in force today, of sensors that there are."""
    known = set(Sensor.objects.values_list("code", flat=True))
    return [
        kind for kind in kinds_in_force() if kind.subject == "region" and kind.sensors[0] in known
    ]


@retried_once
@transaction.atomic
def open_region(
    *,
    decision: UUID,
    user: User,
    kind: Kind,
    entity: Entity,
    place: Place,
    vintage: int,
    opens_on: date,
    contract_reference: str = "",
) -> Licence:
    """Issue the extension, once for each ``decision``: a form sent twice gives one.

    ``vintage`` is the year of acquisition, in UTC; ``opens_on`` the first day.

    Raises:
        ExtensionRefused: that vintage of that region is open, or about to be, already.
    """
    if not actor_of(user).is_secretariat:
        raise ExtensionRefused(Refusal("not_secretariat", _("The secretariat opens a region.")))
    # Of two who open the same region at once, one waits, and finds what the other did.
    Place.objects.select_for_update(no_key=True).values_list("pk", flat=True).get(pk=place.pk)
    if (given := Licence.objects.filter(decision=decision).first()) is not None:
        return given
    _require_signatory(entity, kind)
    sensor = Sensor.objects.get(code=kind.sensors[0])
    _require_new(sensor, place, vintage)
    record = RegionRecord(
        kind=kind.code,
        licensee=party(entity),
        representative=representative_of(entity),
        region_name=place.name,
        vintage=vintage,
        opens_on=opens_on,
        sensor_code=sensor.code,
        sensor_name=sensor.name,
        area_geojson=json.loads(place.geometry.geojson),
        area_km2=place.area_km2,
        attribution=sensor.attribution_pattern,
        contract_reference=contract_reference,
        valid_from=opens_on,
    )
    return issue(record=record, decision=decision, entity_id=entity.pk, requester_id=user.pk)


def _require_signatory(entity: Entity, kind: Kind) -> None:
    running = Affiliation.objects.running(timezone.localdate())
    if (
        kind.is_signed_here
        and not running.filter(entity=entity, role__in=kind.signatories).exists()
    ):
        message = _("%(entity)s has nobody who may sign: its legal representative signs.")
        said = {"entity": entity.name}
        raise ExtensionRefused(Refusal("signatory_missing", message % said))


def _require_new(sensor: Sensor, place: Place, vintage: int) -> None:
    standing = Licence.objects.filter(
        subject=Licence.Subject.REGION,
        state__in=(Licence.State.AWAITING, Licence.State.ISSUED),
        sensor_code=sensor.code,
        record__region_name=place.name,
        record__vintage=vintage,
    )
    if (same := standing.first()) is not None:
        message = _("%(sensor)s over %(region)s of %(vintage)d: %(number)s opens it already.")
        said = {
            "sensor": sensor.name,
            "region": place.name,
            "vintage": vintage,
            "number": same.number,
        }
        raise ExtensionRefused(Refusal("region_opened_already", message % said))

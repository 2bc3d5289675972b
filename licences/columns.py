"""The list of licences as a table of figures and texts."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from licences.models import Licence
from orbitrage.shared.tables import Cell, Table


def table_of(licences: Iterable[Licence]) -> Table:
    """A row each; the state is its code, or ``expired``, dates are days."""
    columns = (
        _("Number"),
        _("Licence"),
        _("Version"),
        _("Licensee"),
        _("Request"),
        _("Sensor"),
        _("Area (km²)"),
        _("Issued on"),
        _("Valid from"),
        _("Valid until"),
        _("State"),
        _("Revoked on"),
        _("Reason"),
        _("Superseded by"),
    )
    return Table(_("Licences"), columns, (_row(licence) for licence in licences))


def _row(licence: Licence) -> tuple[Cell, ...]:
    return (
        licence.number,
        licence.title,
        licence.kind_version,
        licence.entity.name,
        licence.request_number,
        licence.sensor_code,
        licence.area_km2,
        timezone.localdate(licence.issued_at),
        licence.valid_from,
        licence.valid_until,
        licence.standing,
        licence.revoked_at and timezone.localdate(licence.revoked_at),
        licence.revocation_in_words,
        licence.superseded_by.number if licence.superseded_by else "",
    )

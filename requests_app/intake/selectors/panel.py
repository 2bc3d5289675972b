"""All that a requester is told of what is asked for, before it is submitted: beside the form while
it is filled in, and on the page of the draft. Nothing of it writes."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalogue.selectors import Coverage, ItemOver, items_over
from eligibility.models import User
from orbitrage.shared.errors import Refusal
from orbitrage.shared.geo import to_shapely, vertices_of
from places.selectors import regions_within
from quotas.selectors import Pressure, asked_by_others
from requests_app.aoi.axes import swapped_axes
from requests_app.delays import UsualDelay, UsualSupply, usual_delay, usual_supply
from requests_app.intake.rules import advice
from requests_app.intake.selectors.form import cloud_advice
from requests_app.intake.selectors.preview import Preview, preview
from requests_app.models import ImageryRequest, RequestKind
from requests_app.regions import Region, Season, region_of, season_of
from requests_app.selectors import criteria_of
from requests_app.territories import territories_of


@dataclass(frozen=True)
class OrdersBefore:
    """What came of orders like this one. ``region`` and ``season``: where and when they were
    counted; None: anywhere, at any time. ``places``: what the region is known by."""

    supply: UsualSupply
    region: Region | None
    season: Season | None
    places: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Empty where they were counted everywhere."""
        if self.region is None:
            return ""
        named = ", ".join(self.places)
        return f"{named} ({self.region.label})" if named else self.region.label


@dataclass(frozen=True)
class Panel:
    """``items``: the newest of those counted in the coverage. ``pressure`` is that on the envelope
    of the cell, the request itself left aside; ``delay`` that of the cell. ``advice`` forbids
    nothing."""

    preview: Preview
    items: tuple[ItemOver, ...]
    pressure: Pressure | None
    delay: UsualDelay | None
    before: OrdersBefore | None
    advice: tuple[Refusal, ...]

    @property
    def coverage(self) -> Coverage:
        return self.preview.coverage

    @property
    def offers_remaining(self) -> bool:
        return bool(self.coverage.covered_km2) and self.coverage.remaining is not None

    @property
    def more_items(self) -> int:
        return self.coverage.items - len(self.items)


def panel_of(draft: ImageryRequest, *, user: User, on: date) -> Panel:
    """What ``user`` is told of ``draft`` that day, saved or not. Writes nothing."""
    seen = preview(draft, user=user, on=on)
    delay = _delay(draft, seen, on)
    return Panel(
        preview=seen,
        items=_items(draft, seen),
        pressure=_pressure(draft, seen),
        delay=delay,
        before=_orders_before(draft, on),
        advice=tuple(_advice(draft, seen, delay, on)),
    )


def _items(draft: ImageryRequest, seen: Preview) -> tuple[ItemOver, ...]:
    if not seen.coverage.items:
        return ()
    return items_over(aoi=draft.aoi, criteria=criteria_of(draft), audience=seen.audience)


def _pressure(draft: ImageryRequest, seen: Preview) -> Pressure | None:
    """None where the cell's envelope is not drawn on."""
    drawn = seen.explanation.envelopes
    found = next((one for one in drawn if (one.scope, one.unit) == ("programme", "km2")), None)
    if found is None:
        return None
    asked = Decimal(0)
    if found.envelope_id is not None:
        asked = asked_by_others(envelope_id=found.envelope_id, request_number=draft.number)
    return Pressure(asked=asked, left=found.left_before, unit=found.unit)


def _delay(draft: ImageryRequest, seen: Preview, on: date) -> UsualDelay | None:
    if seen.cell is None:
        return None
    kind = draft.request_kind
    return usual_delay(cell_id=seen.cell.pk, sensor_id=draft.sensor_id, request_kind=kind, on=on)


def _orders_before(draft: ImageryRequest, on: date) -> OrdersBefore | None:
    """Of a new acquisition clouds decide, so where and when; what is in an archive comes."""
    if draft.request_kind == RequestKind.OPEN:
        return None
    is_tasking = draft.request_kind == RequestKind.TASKING
    region = region_of(draft.aoi) if is_tasking else None
    season = season_of(draft.window_starts_on, draft.window_ends_on) if is_tasking else None
    supply = usual_supply(
        sensor_id=draft.sensor_id,
        request_kind=draft.request_kind,
        region=region,
        season=season,
        on=on,
    )
    return OrdersBefore(
        supply, region, season, regions_within(region.as_polygon()) if region else ()
    )


def _advice(
    draft: ImageryRequest, seen: Preview, delay: UsualDelay | None, on: date
) -> list[Refusal]:
    territories = territories_of([draft.entity])
    found = [
        advice.images_closed_to(
            entity=draft.entity.name,
            sensor=draft.sensor.name,
            shown=seen.coverage.items,
            is_allowed=not seen.not_allowed,
        ),
        advice.axes_look_swapped(
            is_swapped=swapped_axes(bytes(draft.aoi.wkb), territories) is not None
        ),
        _simplified(draft),
        _several_parts(draft),
        *_advice_on_tasking(draft, delay, on),
    ]
    return [each for each in found if each is not None]


def _simplified(draft: ImageryRequest) -> Refusal | None:
    """Where the order is enlarged too, that is what is told."""
    if draft.order_is_enlarged or draft.request_kind == RequestKind.OPEN:
        return None
    return advice.outline_simplified(
        vertices=vertices_of(to_shapely(draft.aoi)),
        maximum=draft.sensor.maximum_vertices,
        area_km2=draft.area_km2,
        operator_area_km2=draft.operator_area_km2,
    )


def _several_parts(draft: ImageryRequest) -> Refusal | None:
    if draft.request_kind == RequestKind.OPEN:
        return None
    least_km2 = getattr(draft.sensor, f"{draft.request_kind}_minimum_area_km2")
    return advice.several_parts(parts=draft.operator_aoi.num_geom, minimum_km2=least_km2)


def _advice_on_tasking(
    draft: ImageryRequest, delay: UsualDelay | None, on: date
) -> list[Refusal | None]:
    if draft.request_kind != RequestKind.TASKING:
        return []
    found = [_cloud_advice(draft, on)]
    if draft.window_starts_on is not None and delay is not None:
        days_ahead = max((draft.window_starts_on - on).days, 0)
        found.append(
            advice.window_before_decision(days_ahead=days_ahead, most_days=delay.most_days)
        )
    return found


def _cloud_advice(draft: ImageryRequest, on: date) -> Refusal | None:
    row = cloud_advice(draft.aoi, on)
    if row is None or draft.maximum_cloud_percent is None:
        return None
    return advice.clouds_below_advice(
        climate=row.name,
        asked_percent=draft.maximum_cloud_percent,
        advised_percent=row.cloud_percent,
    )

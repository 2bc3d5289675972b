"""What is never false of a request, whoever writes it."""

from django.contrib.gis.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from requests_app.models.choices import AcquisitionMode, BitDepth, Radiometry, RequestKind
from requests_app.states import BLOCKABLE_STATES, State

# What was decided holds: neither only proposed, nor taken back by the end of the request.
GRANTED_STATES = (
    State.APPROVED,
    State.ORDERED,
    State.PARTIALLY_DELIVERED,
    State.DELIVERED,
    State.DISPUTED,
    State.CLOSED,
)

# Not sent yet, sent back, or given up: nobody has agreed to a repair of the area so far.
WITHOUT_AGREEMENT = (State.DRAFT, State.INFORMATION_REQUESTED, State.CANCELLED, State.EXPIRED)

CONSTRAINTS = (
    models.CheckConstraint(
        condition=Q(ordered_with="") | Q(asks_to_join=True),
        name="request_joins_as_asked",
    ),
    models.CheckConstraint(
        condition=Q(ordered_with="") | ~Q(ordered_with=F("number")),
        name="request_joins_another",
    ),
    models.CheckConstraint(
        condition=Q(state__in=(State.DRAFT, State.CANCELLED, State.EXPIRED))
        | Q(request_kind=RequestKind.OPEN)
        | Q(cell__isnull=False),
        name="request_in_progress_has_a_cell",
    ),
    models.CheckConstraint(
        condition=~Q(
            state__in=(
                State.OFFERED,
                State.APPROVED,
                State.ORDERED,
                State.PARTIALLY_DELIVERED,
                State.DELIVERED,
                State.DISPUTED,
            )
        )
        | Q(granted_area_km2__isnull=False, granted_aoi__isnull=False),
        name="request_decided_has_granted_area",
    ),
    models.CheckConstraint(
        condition=~Q(state=State.IN_REVIEW) | Q(reviewer__isnull=False),
        name="request_in_review_has_reviewer",
    ),
    models.CheckConstraint(
        condition=Q(priced_eur=0)
        | ~Q(
            state__in=(
                State.APPROVED,
                State.ORDERED,
                State.PARTIALLY_DELIVERED,
                State.DELIVERED,
                State.DISPUTED,
            )
        )
        | ~Q(purchase_reference=""),
        name="request_priced_has_purchase_reference",
    ),
    models.CheckConstraint(
        condition=Q(aoi_repaired=False) | Q(agrees_to_repair=True) | Q(state__in=WITHOUT_AGREEMENT),
        name="request_repair_agreed_to",
    ),
    models.CheckConstraint(
        condition=Q(blocked_reason="") | Q(state__in=BLOCKABLE_STATES),
        name="request_blocked_before_its_order",
    ),
    models.CheckConstraint(
        condition=Q(area_km2__gt=0) & Q(operator_area_km2__gt=0),
        name="request_area_positive",
    ),
    models.CheckConstraint(
        condition=Q(window_starts_on__isnull=True)
        | Q(window_ends_on__isnull=True)
        | Q(window_ends_on__gte=F("window_starts_on")),
        name="request_window_ordered",
    ),
    models.CheckConstraint(
        condition=Q(archive_scenes=[]) | Q(request_kind=RequestKind.ARCHIVE),
        name="request_scenes_are_of_archive",
    ),
    models.CheckConstraint(
        condition=Q(archive_scenes=[])
        | ~Q(state__in=(State.OFFERED, *GRANTED_STATES))
        | Q(scene_footprints__isnull=False),
        name="request_scenes_frozen_by_the_decision",
    ),
    models.CheckConstraint(
        condition=Q(acquisition_dates=1)
        | Q(
            acquisition_dates__gt=1,
            request_kind=RequestKind.TASKING,
            interval_days__isnull=False,
            interval_days__gte=1,
        ),
        name="request_series_is_tasking_with_interval",
    ),
    models.CheckConstraint(
        condition=Q(acquisition_dates=1)
        | ~Q(state__in=GRANTED_STATES)
        | Q(
            acquisition_dates=Coalesce(
                Func(
                    F("funding_plan__images_km2"),
                    function="jsonb_array_length",
                    output_field=models.IntegerField(),
                ),
                0,
            )
        ),
        name="request_series_counted_for_each_date",
    ),
    models.CheckConstraint(
        condition=Q(base_to_height_minimum__isnull=True, base_to_height_maximum__isnull=True)
        | ~Q(acquisition_mode=AcquisitionMode.MONO),
        name="request_base_to_height_of_stereo",
    ),
    models.CheckConstraint(
        condition=Q(base_to_height_minimum__isnull=True)
        | Q(base_to_height_maximum__isnull=True)
        | Q(base_to_height_maximum__gte=F("base_to_height_minimum")),
        name="request_base_to_height_ordered",
    ),
    models.CheckConstraint(
        condition=Q(bit_depth=BitDepth.TWELVE)
        | Q(bit_depth=BitDepth.EIGHT, radiometry=Radiometry.DISPLAY),
        name="request_reflectance_in_12_bits",
    ),
)

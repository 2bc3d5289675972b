from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalogue.scene_names import NAME_LENGTH_MAXIMUM
from eligibility.models import Cell, Entity, Mandate, Sensor, User
from requests_app.models.choices import (
    AcquisitionMode,
    BitDepth,
    FileFormat,
    OnShortfall,
    ProcessingLevel,
    Radiometry,
    RequestKind,
    SpectralMode,
)
from requests_app.models.request_queries import CAME_TO_CELL, ImageryRequestQuerySet
from requests_app.workflow import (
    BLOCKABLE_STATES,
    FINAL_STATES,
    WHO_MUST_ACT,
    BlockReason,
    RequestWorkflow,
    State,
)

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from requests_app.models.record import TransitionRecord


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


class ImageryRequest(RequestWorkflow):
    """One file: who asks which images of where, and what became of it.

    Geometries are in EPSG:4326, areas geodesic on WGS 84 in km². ``aoi`` is what was asked,
    ``missing_aoi`` the part that was not available yet when it was submitted (null: all was),
    ``operator_aoi`` the polygon sent to the operator (grown to its minimum, thinned to its number
    of vertices), ``granted_aoi`` what was decided. ``policy_on`` is the day whose policy rows
    apply, ``charged_on`` the day whose envelopes bear it. ``partners`` and ``contractors`` have one
    a line, as ``beneficiaries`` reads them.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    requester = models.ForeignKey(User, models.PROTECT, related_name="requests")
    co_requesters = models.ManyToManyField(User, related_name="shared_requests", blank=True)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="requests")
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, blank=True)
    sensor = models.ForeignKey(Sensor, models.PROTECT)
    request_kind = models.CharField(_("kind"), max_length=10, choices=RequestKind)
    acquisition_mode = models.CharField(
        max_length=10, choices=AcquisitionMode, default=AcquisitionMode.MONO
    )

    title = models.CharField(_("title"), max_length=120)
    project = models.CharField(_("project"), max_length=120, blank=True, db_default="")
    purpose = models.TextField(_("purpose"), max_length=2000)
    public_service_mission = models.CharField(max_length=300, blank=True)
    partners = models.TextField(max_length=2000, blank=True, db_default="")
    contractors = models.TextField(max_length=2000, blank=True, db_default="")

    aoi = models.MultiPolygonField(geography=False, srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    aoi_file_name = models.CharField(max_length=255, blank=True)
    aoi_repaired = models.BooleanField(default=False)
    agrees_to_repair = models.BooleanField(default=False, db_default=False)
    operator_aoi = models.MultiPolygonField(srid=4326)
    operator_area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    order_is_enlarged = models.BooleanField(default=False)
    agrees_to_enlargement = models.BooleanField(default=False)

    window_starts_on = models.DateField(null=True, blank=True)
    window_ends_on = models.DateField(null=True, blank=True)
    maximum_cloud_percent = models.PositiveSmallIntegerField(default=10)
    maximum_incidence_deg = models.PositiveSmallIntegerField(default=30)
    spectral_mode = models.CharField(
        max_length=20, choices=SpectralMode, default=SpectralMode.PANSHARPENED
    )
    processing_level = models.CharField(
        max_length=10, choices=ProcessingLevel, default=ProcessingLevel.ORTHO
    )
    radiometry = models.CharField(
        max_length=12,
        choices=Radiometry,
        default=Radiometry.REFLECTANCE,
        db_default=Radiometry.REFLECTANCE,
    )
    bit_depth = models.PositiveSmallIntegerField(
        choices=BitDepth, default=BitDepth.TWELVE, db_default=BitDepth.TWELVE
    )
    file_format = models.CharField(
        max_length=10, choices=FileFormat, default=FileFormat.GEOTIFF, db_default=FileFormat.GEOTIFF
    )
    base_to_height_minimum = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    base_to_height_maximum = models.DecimalField(max_digits=3, decimal_places=2, null=True)
    acquisition_dates = models.PositiveSmallIntegerField(default=1, db_default=1)
    interval_days = models.PositiveSmallIntegerField(null=True)
    archive_scenes = ArrayField(
        models.CharField(max_length=NAME_LENGTH_MAXIMUM), default=list, db_default=[], blank=True
    )
    on_shortfall = models.CharField(max_length=10, choices=OnShortfall, default=OnShortfall.RELEASE)

    uses_prefunded = models.BooleanField(
        _("with prefunded volumes and packages"), default=False, db_default=False
    )

    cell = models.ForeignKey(Cell, models.PROTECT, null=True, related_name="requests")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="reviewed_requests")
    submitted_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    reminders_sent = models.PositiveSmallIntegerField(default=0)
    inadmissible_proposed = models.BooleanField(default=False)

    is_expedited = models.BooleanField(default=False, db_default=False)
    nationality_reviewed = models.BooleanField(default=False)

    policy_on = models.DateField(null=True)
    charged_on = models.DateField(null=True)
    eligibility_rule = models.CharField(max_length=60, blank=True)
    coverage = models.JSONField(null=True)
    missing_aoi = models.MultiPolygonField(srid=4326, null=True)
    simulation = models.JSONField(null=True)
    funding_plan = models.JSONField(null=True)

    granted_aoi = models.MultiPolygonField(srid=4326, null=True)
    granted_area_km2 = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    priced_eur = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    quotation_number = models.CharField(max_length=30, blank=True)
    purchase_reference = models.CharField(max_length=60, blank=True)
    has_replied = models.BooleanField(default=False)
    licence_number = models.CharField(max_length=40, blank=True)

    delivered_at = models.DateTimeField(null=True)
    blocked_reason = models.CharField(max_length=60, blank=True, choices=BlockReason)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ImageryRequestQuerySet.as_manager()

    if TYPE_CHECKING:
        cell_id: int | None
        reviewer_id: int | None
        entity_id: int
        requester_id: int
        records: RelatedManager["TransitionRecord"]

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("cell", "state"), name="request_cell_state"),
            models.Index(fields=("entity", "state"), name="request_entity_state"),
            models.Index(fields=("title", "id"), name="request_by_title"),
            models.Index(fields=("area_km2", "id"), name="request_by_area"),
            models.Index(fields=("submitted_at", "id"), name="request_by_submission"),
            models.Index(fields=("due_on", "id"), name="request_by_due_day"),
            models.Index(
                fields=("due_on",), condition=Q(due_on__isnull=False), name="request_due_on"
            ),
        )
        constraints = (
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
                condition=Q(aoi_repaired=False)
                | Q(agrees_to_repair=True)
                | Q(state__in=WITHOUT_AGREEMENT),
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
                | Q(window_ends_on__gte=models.F("window_starts_on")),
                name="request_window_ordered",
            ),
            models.CheckConstraint(
                condition=Q(archive_scenes=[]) | Q(request_kind=RequestKind.ARCHIVE),
                name="request_scenes_are_of_archive",
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
                condition=Q(
                    base_to_height_minimum__isnull=True, base_to_height_maximum__isnull=True
                )
                | ~Q(acquisition_mode=AcquisitionMode.MONO),
                name="request_base_to_height_of_stereo",
            ),
            models.CheckConstraint(
                condition=Q(base_to_height_minimum__isnull=True)
                | Q(base_to_height_maximum__isnull=True)
                | Q(base_to_height_maximum__gte=models.F("base_to_height_minimum")),
                name="request_base_to_height_ordered",
            ),
            models.CheckConstraint(
                condition=Q(bit_depth=BitDepth.TWELVE)
                | Q(bit_depth=BitDepth.EIGHT, radiometry=Radiometry.DISPLAY),
                name="request_reflectance_in_12_bits",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("requests:detail", args=[self.number])

    @cached_property
    def co_requester_ids(self) -> frozenset[int]:
        return frozenset(person.pk for person in self.co_requesters.all())

    @cached_property
    def registrar_ids(self) -> frozenset[int]:
        """Whoever registered one of the deliveries."""
        return self._authors_of("register_delivery")

    @cached_property
    def opinion_giver_ids(self) -> frozenset[int]:
        """Whoever gave an opinion on the file as its reviewer, now or before it was put back."""
        return self._authors_of("request_information", "recommend", "propose_inadmissible")

    def _authors_of(self, *transitions: str) -> frozenset[int]:
        records = (record for record in self.records.all() if record.transition in transitions)
        return frozenset(record.author_id for record in records if record.author_id is not None)

    @cached_property
    def came_to_cell_at(self) -> datetime | None:
        """When the file last came to the cell for something to do. The rows of a list bring it."""
        entry = self.records.filter(CAME_TO_CELL).order_by("-pk").first()
        return entry.at if entry is not None else None

    @property
    def acquisition_ends_on(self) -> date | None:
        """Last day of the window of a new acquisition; the dates of an archive search are past."""
        return self.window_ends_on if self.request_kind == RequestKind.TASKING else None

    @property
    def is_granted(self) -> bool:
        return self.granted_area_km2 is not None and self.state in GRANTED_STATES

    @property
    def is_offered(self) -> bool:
        return bool(self.state == State.OFFERED)

    @property
    def decided_area_km2(self) -> Decimal:
        """What is granted or offered, in km²; what is asked for before, and after a file ended
        without an order."""
        if self.granted_area_km2 is None or not (self.is_granted or self.is_offered):
            return self.area_km2
        return self.granted_area_km2

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def who_must_act(self) -> str:
        return WHO_MUST_ACT.get(self.state, "")

    @property
    def act_by(self) -> date | None:
        """The day by which whoever has the file should have acted; for the cell, that of its usual
        delay."""
        if self.who_must_act != "cell":
            return self.due_on
        if self.cell is None or self.came_to_cell_at is None:
            return None
        delay = timedelta(days=self.cell.decision_delay_days)
        return timezone.localdate(self.came_to_cell_at) + delay

    @property
    def is_overdue(self) -> bool:
        """The day set for its next step has passed."""
        return self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def window_is_over(self) -> bool:
        """Nothing more can come: the day set for it has passed, whatever is still to be said."""
        ends_on = self.acquisition_ends_on
        return self.is_overdue or (ends_on is not None and ends_on < timezone.localdate())

    @property
    def is_late(self) -> bool:
        """True when the cell has had the file for longer than its usual delay, since it last came
        to it: days with the requester or the operator do not count."""
        if self.who_must_act != "cell" or self.cell is None or self.came_to_cell_at is None:
            return False
        return (timezone.now() - self.came_to_cell_at).days > self.cell.decision_delay_days

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
from requests_app.models.request_constraints import CONSTRAINTS, GRANTED_STATES
from requests_app.models.request_queries import CAME_TO_CELL, ImageryRequestQuerySet
from requests_app.reasons import BlockReason
from requests_app.states import FINAL_STATES, WHO_MUST_ACT, State, WhoActs
from requests_app.workflow import RequestWorkflow

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from requests_app.models.record import TransitionRecord


class ImageryRequest(RequestWorkflow):
    """One file: who asks which images of where, and what became of it.

    Geometries are in EPSG:4326, areas geodesic on WGS 84 in km². ``aoi`` is what was asked,
    ``missing_aoi`` the part that was not available yet when it was submitted (null: all was),
    ``operator_aoi`` the polygon sent to the operator (grown to its minimum, thinned to its number
    of vertices), ``granted_aoi`` what was decided. ``ordered_with`` is the number of the request
    nearby whose order it joins, as the cell decided; ``asks_to_join`` that it may.
    ``scene_footprints`` are those of its scenes when it was decided: WKB in hexadecimal by name,
    of those that were recorded then; null before a decision. ``policy_on`` is the day whose policy
    rows apply, ``charged_on`` the day whose envelopes bear it. ``partners`` and ``contractors``
    have one a line, as ``beneficiaries`` reads them.
    ``answers_version`` grows with every change of what is asked, so that of two who change it at
    once the second overwrites nothing unseen.
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    requester = models.ForeignKey(User, models.PROTECT, related_name="requests")
    co_requesters = models.ManyToManyField(User, related_name="shared_requests", blank=True)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="requests")
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, blank=True)
    sensor = models.ForeignKey(Sensor, models.PROTECT, verbose_name=_("Sensor"))
    request_kind = models.CharField(_("What do you need?"), max_length=10, choices=RequestKind)
    acquisition_mode = models.CharField(
        _("Mode"), max_length=10, choices=AcquisitionMode, default=AcquisitionMode.MONO
    )

    title = models.CharField(_("Title"), max_length=120)
    project = models.CharField(_("Project"), max_length=120, blank=True, db_default="")
    purpose = models.TextField(_("What are the images for?"), max_length=2000)
    public_service_mission = models.CharField(
        _("Public-service mission or research programme"), max_length=300, blank=True
    )
    partners = models.TextField(
        _("Partners who will use the images"), max_length=2000, blank=True, db_default=""
    )
    contractors = models.TextField(
        _("Contractors who will use the images"), max_length=2000, blank=True, db_default=""
    )

    aoi = models.MultiPolygonField(geography=False, srid=4326)
    area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    aoi_file_name = models.CharField(max_length=255, blank=True)
    aoi_repaired = models.BooleanField(default=False)
    agrees_to_repair = models.BooleanField(
        _("I agree to the mended outline"), default=False, db_default=False
    )
    operator_aoi = models.MultiPolygonField(srid=4326)
    operator_area_km2 = models.DecimalField(max_digits=14, decimal_places=6)
    order_is_enlarged = models.BooleanField(default=False)
    agrees_to_enlargement = models.BooleanField(
        _("I agree that the order be enlarged to the operator's minimum"), default=False
    )
    asks_to_join = models.BooleanField(
        _("Or ask the cell to join a pending request nearby"), default=False, db_default=False
    )
    ordered_with = models.CharField(max_length=20, blank=True, db_default="")

    window_starts_on = models.DateField(_("Taken from"), null=True, blank=True)
    window_ends_on = models.DateField(_("Taken until"), null=True, blank=True)
    maximum_cloud_percent = models.PositiveSmallIntegerField(_("Clouds, at most (%)"), default=10)
    maximum_incidence_deg = models.PositiveSmallIntegerField(
        _("Incidence angle, at most (°)"), default=30
    )
    spectral_mode = models.CharField(
        _("Product"), max_length=20, choices=SpectralMode, default=SpectralMode.PANSHARPENED
    )
    processing_level = models.CharField(
        _("Processing level"), max_length=10, choices=ProcessingLevel, default=ProcessingLevel.ORTHO
    )
    radiometry = models.CharField(
        _("Radiometry"),
        max_length=12,
        choices=Radiometry,
        default=Radiometry.REFLECTANCE,
        db_default=Radiometry.REFLECTANCE,
    )
    bit_depth = models.PositiveSmallIntegerField(
        _("Bit depth"), choices=BitDepth, default=BitDepth.TWELVE, db_default=BitDepth.TWELVE
    )
    file_format = models.CharField(
        _("File format"),
        max_length=10,
        choices=FileFormat,
        default=FileFormat.GEOTIFF,
        db_default=FileFormat.GEOTIFF,
    )
    base_to_height_minimum = models.DecimalField(
        _("Base over height, at least"), max_digits=3, decimal_places=2, null=True
    )
    base_to_height_maximum = models.DecimalField(
        _("Base over height, at most"), max_digits=3, decimal_places=2, null=True
    )
    acquisition_dates = models.PositiveSmallIntegerField(
        _("How many dates?"), default=1, db_default=1
    )
    interval_days = models.PositiveSmallIntegerField(
        _("Days between two dates, at least"), null=True
    )
    archive_scenes = ArrayField(
        models.CharField(max_length=NAME_LENGTH_MAXIMUM),
        verbose_name=_("Scenes of the archive"),
        default=list,
        db_default=[],
        blank=True,
    )
    on_shortfall = models.CharField(
        _("If the window ends before everything has come"),
        max_length=10,
        choices=OnShortfall,
        default=OnShortfall.RELEASE,
    )

    uses_prefunded = models.BooleanField(
        _("Use our prefunded volumes and packages"), default=False, db_default=False
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
    scene_footprints = models.JSONField(null=True)

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
    answers_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)

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
        constraints = CONSTRAINTS

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
    def waits_for_a_neighbour(self) -> bool:
        """Nobody has agreed that its order be enlarged: the cell finds it another one to join."""
        asks = self.asks_to_join and not self.agrees_to_enlargement
        return asks and self.order_is_enlarged

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
    def image_count(self) -> int:
        """Dates of a series, or scenes that were named; 1 otherwise."""
        return max(self.acquisition_dates, len(self.archive_scenes), 1)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def who_must_act(self) -> str:
        if self.awaits_signature:
            return str(WhoActs.SIGNATORY)
        return str(WHO_MUST_ACT.get(self.state, ""))

    @property
    def awaits_signature(self) -> bool:
        """Approved, and its licence is to be signed by ``due_on``."""
        return self.state == State.APPROVED and self.due_on is not None

    @property
    def act_by(self) -> date | None:
        """The day by which whoever has the file should have acted; for the cell, that of its usual
        delay."""
        if self.who_must_act != WhoActs.CELL:
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
        if self.who_must_act != WhoActs.CELL or self.cell is None or self.came_to_cell_at is None:
            return False
        return (timezone.now() - self.came_to_cell_at).days > self.cell.decision_delay_days

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from eligibility.models import Cell, Entity, Mandate, ProgrammeRole, User
from licences.kinds import get_kind
from licences.records import Json

# What ended the request, as the workflow names it, in words for the licensee.
REASONS_OF_REVOCATION: dict[str, Promise] = {
    "cancel": _("The request was cancelled."),
    "lapse": _("The request expired."),
    "rescind": _("The decision was rescinded."),
    "fail": _("The operator could not acquire the images."),
    "close_window": _("The acquisition window ended before any image had come."),
    "stop_order": _("The order was stopped before any image had come."),
    "suspend_membership": _("The membership was suspended."),
}


class LicenceQuerySet(models.QuerySet["Licence"]):
    def visible_to(self, user: User | AnonymousUser) -> LicenceQuerySet:
        """Those of one's entities and of the principals one acts for; of one's cells; or all."""
        if not user.is_authenticated:
            return self.none()
        mine = Entity.objects.affiliated_with(user)
        for_principal = Mandate.objects.in_force(timezone.localdate()).filter(
            contractor__in=mine,
            principal=OuterRef("entity"),
            sensors__code=OuterRef("sensor_code"),
        )
        return self.filter(
            Q(entity__in=mine)
            | Q(Exists(for_principal))
            | Q(cell__in=Cell.objects.served_by(user))
            | Q(ProgrammeRole.held_by(user, "secretariat", "observer"))
        )

    def of_requests_in_force(self, on: date) -> LicenceQuerySet:
        """What requests were given, signed and not withdrawn, that day being within its days."""
        lasts = Q(valid_until__isnull=True) | Q(valid_until__gte=on)
        return self.filter(lasts, subject=Licence.Subject.REQUEST, state=Licence.State.ISSUED)

    def for_lists(self) -> LicenceQuerySet:
        """Without the record, which may be long."""
        return (
            self.select_related("entity", "superseded_by")
            .defer("record", "superseded_by__record")
            .order_by("-issued_at", "-pk")
        )


class Licence(models.Model):
    """A right given, or a document of a membership, frozen: only its state moves, from awaiting its
    signature, where its kind asks for one, to issued, and once to revoked or superseded.

    ``record`` is the whole of it as plain data; ``record_sha256`` that of its canonical JSON.
    """

    class State(models.TextChoices):
        AWAITING = "awaiting", _("Awaiting signature")
        ISSUED = "issued", _("Issued")
        REVOKED = "revoked", _("Revoked")
        SUPERSEDED = "superseded", _("Superseded")

    class Subject(models.TextChoices):
        REQUEST = "request", _("Request")
        REGION = "region", _("Region")
        MEMBERSHIP = "membership", _("Membership")

    id = models.BigAutoField(primary_key=True)
    number = models.CharField(_("number"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    kind_version = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    subject = models.CharField(_("subject"), max_length=10, choices=Subject)
    request_number = models.CharField(_("request"), max_length=40, blank=True, db_index=True)
    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="licences", verbose_name=_("licensee")
    )
    cell = models.ForeignKey(
        Cell, on_delete=models.PROTECT, null=True, blank=True, related_name="licences"
    )
    requester = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="licences_asked_for"
    )
    decision = models.UUIDField(unique=True)
    sensor_code = models.CharField(max_length=30, blank=True)
    area_km2 = models.DecimalField(_("area"), max_digits=14, decimal_places=6, null=True)
    record = models.JSONField()
    record_sha256 = models.CharField(max_length=64)
    check_code = models.CharField(max_length=32)
    issued_at = models.DateTimeField(_("issued"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ISSUED)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revocation_reason = models.TextField(_("reason of the revocation"), blank=True)
    revocation_decision = models.UUIDField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="licences_revoked"
    )
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    objects = LicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("licence")
        verbose_name_plural = _("licences")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "year", "sequence"], name="licence_sequence_unique"
            ),
            models.UniqueConstraint(
                fields=["request_number"],
                condition=Q(state__in=("awaiting", "issued"), subject="request"),
                name="one_licence_in_force_per_request",
            ),
            models.UniqueConstraint(
                fields=["entity", "kind"],
                condition=Q(state="issued", subject="membership"),
                name="one_membership_document_in_force",
            ),
            models.CheckConstraint(
                name="licence_says_what_its_subject_has",
                condition=Q(subject="request", area_km2__isnull=False)
                & ~Q(request_number="")
                & ~Q(sensor_code="")
                | Q(subject="region", request_number="", area_km2__isnull=False)
                & ~Q(sensor_code="")
                | Q(subject="membership", request_number="", sensor_code="", area_km2=None),
            ),
            models.CheckConstraint(
                name="licence_sequence_begins_at_1", condition=Q(sequence__gte=1)
            ),
            models.CheckConstraint(
                name="licence_dates_ordered",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="licence_revoked_says_when_and_why",
                condition=Q(state="revoked", revoked_at__isnull=False)
                & ~Q(revocation_reason="")
                & Q(revocation_decision__isnull=False)
                | ~Q(state="revoked")
                & Q(
                    revoked_at__isnull=True,
                    revocation_reason="",
                    revocation_decision__isnull=True,
                    revoked_by__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="licence_superseded_names_its_successor",
                condition=Q(state="superseded", superseded_by__isnull=False)
                | ~Q(state="superseded") & Q(superseded_by__isnull=True),
            ),
            models.CheckConstraint(
                name="licence_hash_and_code_are_whole",
                condition=Q(record_sha256__regex=r"^[0-9a-f]{64}$")
                & Q(check_code__regex=r"^[0-9a-f]{32}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("licences:detail", args=[self.number])

    @property
    def verify_path(self) -> str:
        return f"{verify_path(self.number)}?code={self.check_code}"

    @property
    def revocation_in_words(self) -> str:
        return str(REASONS_OF_REVOCATION.get(self.revocation_reason, self.revocation_reason))

    @property
    def title(self) -> str:
        return get_kind(self.kind, self.kind_version).title(page_language())

    @property
    def signature_as_json(self) -> Json | None:
        """Who signed it, when and what, as plain data; None where nobody has."""
        signature = Signature.objects.filter(licence=self).first()
        return signature.as_json() if signature else None

    @property
    def in_its_place(self) -> Licence:
        """The one that stands for it now: itself, unless it was superseded."""
        licence = self
        while licence.superseded_by is not None:
            licence = licence.superseded_by
        return licence

    @property
    def is_given_out(self) -> bool:
        """Whether its own document may be downloaded."""
        return self.state == Licence.State.ISSUED

    @property
    def standing(self) -> str:
        """Its state, or ``expired``."""
        return "expired" if self.state == "issued" and self.is_expired else self.state

    @property
    def standing_in_words(self) -> str:
        return str(_("Expired") if self.standing == "expired" else self.get_state_display())

    @property
    def attribution_in_words(self) -> str:
        """What is printed beside an image; empty where it gives none."""
        pattern = str(self.record.get("attribution", ""))
        return pattern.replace("{year}", str(_("<year>")))

    @property
    def is_expired(self) -> bool:
        return self.valid_until is not None and self.valid_until < timezone.localdate()


class Signature(models.Model):
    """A licence signed on the site. The database lets nobody change or remove the row.

    ``text_sha256`` is that of the record that was shown; ``name`` the signatory's, as it was.
    """

    id = models.BigAutoField(primary_key=True)
    licence = models.OneToOneField(Licence, on_delete=models.PROTECT, related_name="signature")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=30)
    signed_at = models.DateTimeField(default=timezone.now)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="signature_is_of_a_text", condition=Q(text_sha256__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.licence_id}: {self.user_id}"

    def as_json(self) -> Json:
        return {
            "name": self.name,
            "role": self.role,
            "signed_at": self.signed_at.isoformat(timespec="seconds"),
            "text_sha256": self.text_sha256,
        }


class Renewals(models.Model):
    """Licences renewed together: all of a kind whose last day is ``ends_by`` or before, as they
    stood when somebody decided it."""

    id = models.BigAutoField(primary_key=True)
    decision = models.UUIDField(unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    ends_by = models.DateField(_("last day"))
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="renewals")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("renewal of several licences")
        verbose_name_plural = _("renewals of several licences")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind}, {self.ends_by}"

    def get_absolute_url(self) -> str:
        return reverse("licences:renewals", args=[self.pk])

    @property
    def title(self) -> str:
        return get_kind(self.kind).long_title(page_language())


class Renewal(models.Model):
    """One of them: waiting, done with its successor, or refused with the reason, as a code and in
    words."""

    id = models.BigAutoField(primary_key=True)
    renewals = models.ForeignKey(Renewals, on_delete=models.PROTECT, related_name="of_licences")
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="+")
    renewed = models.ForeignKey(
        Licence, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("renewal of a licence")
        verbose_name_plural = _("renewals of a licence")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["renewals", "licence"], name="renewal_once_together"),
            models.CheckConstraint(
                name="renewal_is_done_or_refused",
                condition=Q(renewed__isnull=True) | Q(refusal=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.renewals_id}: {self.licence_id}"


class Annex(models.Model):
    """The images of one delivery, a document beside the licence they came under. The database lets
    nobody change or remove the row; it stands as long as its licence does."""

    id = models.BigAutoField(primary_key=True)
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="annexes")
    sequence = models.PositiveSmallIntegerField()
    number = models.CharField(_("number"), max_length=46, unique=True)
    decision = models.UUIDField(unique=True)
    record = models.JSONField()
    record_sha256 = models.CharField(max_length=64)
    check_code = models.CharField(max_length=32)
    issued_at = models.DateTimeField(_("issued"))

    signature_as_json = None
    """Its licence is signed, not its annexes."""

    class Meta:
        verbose_name = _("annex")
        verbose_name_plural = _("annexes")
        ordering = ["licence", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["licence", "sequence"], name="annex_sequence_unique"),
            models.CheckConstraint(name="annex_sequence_begins_at_1", condition=Q(sequence__gte=1)),
            models.CheckConstraint(
                name="annex_hash_and_code_are_whole",
                condition=Q(record_sha256__regex=r"^[0-9a-f]{64}$")
                & Q(check_code__regex=r"^[0-9a-f]{32}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_given_out(self) -> bool:
        """Also once its licence was renewed."""
        return self.licence.in_its_place.is_given_out


class LicenceFile(models.Model):
    """A file given out for a licence, or for an annex of it. The database lets nobody change or
    remove the row.

    ``printed_sha256`` is that of the file before it was sealed, which can be printed again;
    ``seal_level`` is empty where it was not sealed.
    """

    id = models.BigAutoField(primary_key=True)
    licence = models.ForeignKey(Licence, on_delete=models.PROTECT, related_name="files")
    annex = models.ForeignKey(
        Annex, on_delete=models.PROTECT, null=True, blank=True, related_name="files"
    )
    version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    sha256 = models.CharField(max_length=64, unique=True)
    printed_sha256 = models.CharField(max_length=64)
    seal_level = models.CharField(max_length=5, blank=True)
    size_bytes = models.PositiveIntegerField()
    storage_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("licence file")
        verbose_name_plural = _("licence files")
        ordering = ["licence", "version", "-language"]
        constraints = [
            models.UniqueConstraint(
                fields=["licence", "version", "language"],
                condition=Q(annex=None),
                name="licence_file_unique",
            ),
            models.UniqueConstraint(
                fields=["annex", "language"],
                condition=Q(annex__isnull=False),
                name="annex_file_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.storage_name

    @property
    def document(self) -> Licence | Annex:
        """What was printed in it."""
        return self.annex or self.licence


class LicenceCounter(models.Model):
    """The last number given, per kind and year. A number not committed is given again."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "year"], name="licence_counter_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


def verify_path(number: str) -> str:
    return reverse("licences:verify", args=[number])


def page_language() -> str:
    """fr or en: the language of the page being made."""
    return "fr" if (get_language() or "fr").startswith("fr") else "en"

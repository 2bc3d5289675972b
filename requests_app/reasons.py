"""The codes that a record gives for a refusal, or for a file that is blocked."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusalReason(models.TextChoices):
    NOT_ELIGIBLE = "not_eligible", _("Not eligible")
    INADMISSIBLE = "inadmissible", _("Inadmissible")
    ALREADY_AVAILABLE = "already_available", _("Already available")
    QUOTA_EXHAUSTED = "quota_exhausted", _("Quota exhausted")
    COMPETITION = "competition", _("Competition between requests")
    NOT_FEASIBLE = "not_feasible", _("Not feasible")
    EMERGENCY_OUT_OF_SCOPE = "emergency_out_of_scope", _("Emergency, out of scope")
    LICENCE_INCOMPATIBLE = "licence_incompatible", _("Use not allowed by the licence")
    INVALID_GEOMETRY = "invalid_geometry", _("Area cannot be acquired")
    CLOUD_COVER = "cloud_cover", _("Cloud cover")
    OTHER = "other", _("Other")


class BlockReason(models.TextChoices):
    """Why nobody can go on with a file in the name of its entity: codes of refusals."""

    NOT_A_MEMBER = "not_a_member", _("The entity is not a member")
    MEMBERSHIP_EXPIRED = "membership_expired", _("The membership has ended")
    MEMBERSHIP_SUSPENDED = "membership_suspended", _("The membership is suspended")
    SENSOR_OUTSIDE_MEMBERSHIP = (
        "sensor_outside_membership",
        _("The membership does not cover the sensor"),
    )
    TERMS_NOT_ACCEPTED = "terms_not_accepted", _("The terms in force are not accepted")
    MANDATE_NOT_STARTED = "mandate_not_started", _("The mandate has not begun")
    MANDATE_EXPIRED = "mandate_expired", _("The mandate has ended")
    SENSOR_OUTSIDE_MANDATE = (
        "sensor_outside_mandate",
        _("The mandate does not cover the sensor"),
    )
    REQUESTER_LEFT = "requester_left", _("Who asked no longer asks in the name of the entity")

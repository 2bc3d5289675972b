"""What the calendar does with the books: every night, and every hour where people wait for it."""

import logging

from celery import shared_task
from django.utils import timezone

from quotas.selectors import discrepancies
from quotas.services import close_lapsed_packages, end_periods, tell_of_thresholds

logger = logging.getLogger(__name__)


@shared_task(name="quotas.end_periods")
def end_periods_of_yesterday() -> int:
    return end_periods(timezone.localdate())


@shared_task(name="quotas.close_lapsed_packages")
def close_packages_nobody_accepted() -> int:
    return close_lapsed_packages(timezone.localdate())


@shared_task(name="quotas.watch")
def watch() -> int:
    return tell_of_thresholds(timezone.localdate())


@shared_task(name="quotas.reconcile")
def reconcile() -> int:
    """How many places disagree; each is an error in the log."""
    found = discrepancies()
    for discrepancy in found:
        logger.error("Envelope %s: %s", discrepancy.envelope_id, discrepancy.message)
    return len(found)

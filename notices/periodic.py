"""What the calendar does with notices."""

from celery import shared_task
from django.utils import timezone

from notices import services


@shared_task(name="notices.gather_digests")
def gather_digests() -> int:
    return services.gather_digests(on=timezone.localdate())


@shared_task(name="notices.forget")
def forget_old_notices() -> int:
    return services.forget_old_notices(on=timezone.localdate())

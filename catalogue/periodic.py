"""What the calendar does with images."""

from celery import shared_task
from django.utils import timezone

from catalogue.services import open_region
from licences.selectors import regions_open


@shared_task(name="catalogue.open_regions")
def open_regions() -> int:
    """Open what the extensions in force cover by now, once a day; images come after their day too.
    Return how many were opened."""
    today = timezone.localdate()
    return sum(open_region(licence, today) for licence in regions_open(today))

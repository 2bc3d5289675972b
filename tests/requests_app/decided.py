"""Files that were decided some days after they were handed in."""

from datetime import timedelta

from django.utils import timezone

from requests_app.models import ImageryRequest
from tests.requests_app import world


def submitted_days_ago(request, days):
    ImageryRequest.objects.filter(pk=request.pk).update(
        submitted_at=timezone.now() - timedelta(days=days)
    )


def decided(programme, days):
    """One file approved today, after each number of days; none touches another."""
    for place, took_days in enumerate(days):
        aoi = world.square(west=-5 + 0.3 * place, size_deg=0.06)
        submitted_days_ago(world.approved(programme, aoi=aoi), took_days)

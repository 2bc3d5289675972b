from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from eligibility.selectors import acting_for
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.geo import bounds_of
from places.outlines import boxes_around, names_of
from places.selectors import places_named
from requests_app.intake.forms.places import PlacesForm
from requests_app.open_data import open_data as open_images


@login_required
@require_safe
def open_data(request: AuthenticatedRequest) -> HttpResponse:
    """Where open images are, for anybody signed in: without a file, and in nobody's name."""
    form = PlacesForm(request.GET)
    chosen = form.is_valid() and places_named(form.cleaned_data["area_place"])
    context = {
        "form": form,
        "images": open_images(),
        "place": names_of(chosen) if chosen else "",
        "box": [f"{each:.4f}" for each in bounds_of(boxes_around(chosen))] if chosen else [],
        "may_ask": bool(acting_for(request.user, timezone.localdate())),
    }
    return render(request, "requests_app/open_data.html", context)

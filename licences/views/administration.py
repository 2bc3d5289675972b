"""What the secretariat does with licences."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences import regions
from licences.forms import RegionForm
from orbitrage.shared.errors import DomainError


def _demand_secretariat(request: AuthenticatedRequest) -> None:
    if not actor_of(request.user).is_secretariat:
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def open_region(request: AuthenticatedRequest) -> HttpResponse:
    _demand_secretariat(request)
    form = RegionForm(request.POST or None, user=request.user)
    if form.is_valid():
        try:
            licence = regions.open_region(user=request.user, **form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            told = _("%(number)s is written; it opens the images once it is signed.")
            messages.success(request, told % {"number": licence.number})
            return redirect(licence)
    return render(request, "licences/region_new.html", {"form": form})

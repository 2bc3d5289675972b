from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from quotas import selectors, services
from quotas.forms import PackageForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def packages(request: AuthenticatedRequest) -> HttpResponse:
    """Whoever is signed in reads the prices; those who may ask for one have the form."""
    actor = actor_of(request.user)
    offered = selectors.packages_in_force(timezone.localdate())
    entities = selectors.entities_to_quote(actor)
    may_ask = actor.is_secretariat or bool(actor.contact_of)
    if request.method == "POST" and not may_ask:
        raise PermissionDenied
    form = PackageForm(request.POST or None, packages=offered, entities=entities)
    if form.is_valid():
        try:
            quotation = services.quote_package(
                user=request.user,
                entity_id=form.cleaned_data["entity"].pk,
                package_code=form.cleaned_data["package"].code,
            )
        except DomainError as error:
            put_refusals(form, error)
        else:
            messages.success(request, _("The package is quoted. The entity contact accepts it."))
            return redirect(quotation)
    context = {"packages": offered, "form": form if may_ask else None}
    return render(request, "quotas/packages.html", context)

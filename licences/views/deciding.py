"""Revoking and renewing a licence, by who may."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility.permissions import Actor
from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences import life
from licences.forms import RenewalForm, RevocationForm
from licences.models import Licence
from orbitrage.shared.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: AuthenticatedRequest, number: str) -> HttpResponse:
    licence = _visible(request, number)
    form = RevocationForm(request.POST or None)
    if form.is_valid():
        try:
            life.revoke(licence_id=licence.pk, user=request.user, **form.cleaned_data)
        except DomainError as refused:
            _say(form, refused)
        else:
            told = _("%(number)s is revoked.") % {"number": licence.number}
            messages.success(request, told)
            return redirect(licence)
    return _page(request, licence, form, "revoke", life.may_revoke)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def renew(request: AuthenticatedRequest, number: str) -> HttpResponse:
    licence = _visible(request, number)
    form = RenewalForm(request.POST or None)
    if form.is_valid():
        try:
            renewed = life.renew(licence_id=licence.pk, user=request.user, **form.cleaned_data)
        except DomainError as refused:
            _say(form, refused)
        else:
            told = _("%(number)s replaces %(former)s.")
            said = {"number": renewed.number, "former": licence.number}
            messages.success(request, told % said)
            return redirect(renewed)
    return _page(request, licence, form, "renew", life.may_renew)


def _visible(request: AuthenticatedRequest, number: str) -> Licence:
    """One that may be seen, by somebody whose part it is to decide of its kind. Raises Http404."""
    licences = Licence.objects.visible_to(request.user).select_related("entity")
    licence = get_object_or_404(licences, number=number)
    actor = actor_of(request.user)
    if not (actor.is_secretariat or actor.has_cell_role(licence.cell_id, "chair")):
        raise Http404
    return licence


def _page(
    request: AuthenticatedRequest,
    licence: Licence,
    form: forms.Form,
    name: str,
    may: Callable[[Actor, Licence], bool],
) -> HttpResponse:
    """The form; the licence itself where there is nothing to decide of it any more."""
    if not form.is_bound and not may(actor_of(request.user), licence):
        return redirect(licence)
    return render(request, f"licences/{name}.html", {"licence": licence, "form": form})


def _say(form: forms.Form, refused: DomainError) -> None:
    form.add_error(None, [refusal.message for refusal in refused.refusals])

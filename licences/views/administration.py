"""What the secretariat does with licences."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences import regions
from licences.forms import RegionForm
from licences.kinds import LANGUAGES
from licences.specimens import specimen_pdf
from licences.texts import Version, changes, versions
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.errors import DomainError


def _demand_secretariat(request: AuthenticatedRequest) -> None:
    if not actor_of(request.user).is_secretariat:
        raise Http404


@require_GET
@login_required
def texts(request: AuthenticatedRequest) -> HttpResponse:
    """Every kind, in every version."""
    _demand_secretariat(request)
    return render(request, "licences/texts.html", {"versions": versions(), "languages": LANGUAGES})


@require_GET
@login_required
def specimen(
    request: AuthenticatedRequest, kind: str, version: str, language: str
) -> HttpResponse:
    """A document of that version with nothing in it but examples."""
    _demand_secretariat(request)
    found = _version(kind, version)
    if language not in LANGUAGES:
        raise Http404
    return as_attachment(
        specimen_pdf(found.kind, language), f"{kind}-{version}-{language}-specimen.pdf"
    )


@require_GET
@login_required
def text_changes(request: AuthenticatedRequest, kind: str, version: str) -> HttpResponse:
    """What a version changed of the one before it, in both languages."""
    _demand_secretariat(request)
    found = _version(kind, version)
    said = [
        (language, changes(found.before, found.kind, language) if found.before else [])
        for language in LANGUAGES
    ]
    return render(request, "licences/text_changes.html", {"version": found, "changes": said})


def _version(kind: str, version: str) -> Version:
    """Raises Http404."""
    for each in versions():
        if (each.kind.code, each.kind.version) == (kind, version):
            return each
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

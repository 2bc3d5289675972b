"""What the secretariat does with licences."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences import regions
from licences import renewals as renewing
from licences.forms import RegionForm, RenewalsForm
from licences.kinds import LANGUAGES
from licences.models import Licence
from licences.rendering import make_again
from licences.selectors import annexes_of
from licences.specimens import specimen_pdf
from licences.texts import Version, changes, versions
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.errors import DomainError

EARLIER_SHOWN = 20
REFUSED_SHOWN = 100


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
def specimen(request: AuthenticatedRequest, kind: str, version: str, language: str) -> HttpResponse:
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
def renew_all(request: AuthenticatedRequest) -> HttpResponse:
    """How many they are first, where that is asked; then all of them."""
    _demand_secretariat(request)
    form = RenewalsForm(request.POST or None)
    found = None
    if form.is_valid() and "count" in request.POST:
        said = form.cleaned_data
        found = renewing.to_renew(said["kind"], said["ends_by"]).count()
    elif form.is_valid():
        try:
            decided = renewing.renew_all(user=request.user, **form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            return redirect(decided)
    earlier = renewing.visible_renewals(request.user)[:EARLIER_SHOWN]
    context = {"form": form, "found": found, "earlier": earlier}
    return render(request, "licences/renewals_new.html", context)


@require_GET
@login_required
@never_cache
def renewals(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """How far it is: the page, or to htmx the part of it that moves."""
    decided = get_object_or_404(renewing.visible_renewals(request.user), pk=pk)
    refused = decided.of_licences.exclude(refusal="").select_related("licence")
    context = {
        "renewals": decided,
        "progress": renewing.progress_of(decided),
        "refused": refused.defer("licence__record")[:REFUSED_SHOWN],
    }
    moves = request.headers.get("HX-Request") == "true"
    return render(request, f"licences/{'_progress' if moves else 'renewals'}.html", context)


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


@require_POST
@login_required
def print_again(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """Have the documents made again that were given up or are gone, of a licence and of its
    annexes."""
    _demand_secretariat(request)
    licence = get_object_or_404(Licence.objects.visible_to(request.user), number=number)
    if make_again([licence, *annexes_of(licence)]):
        messages.success(request, _("The document is made again."))
    return redirect(licence)

"""Signing a licence on the site, and having the link to do so sent again."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from eligibility.signed_in import AuthenticatedRequest
from licences import signing
from licences.documents.sheet import sheet
from licences.forms import SignatureForm
from licences.models import Licence, page_language
from licences.signatories import licence_to_sign
from orbitrage.shared.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def sign(request: AuthenticatedRequest, token: str) -> HttpResponse:
    """What the bearer of the link is asked to sign. A link of somebody else's is not found."""
    visible = Licence.objects.visible_to(request.user).select_related("entity")
    licence = get_object_or_404(visible, pk=licence_to_sign(token, request.user))
    form = SignatureForm(request.POST or None, initial={"text_sha256": licence.record_sha256})
    if form.is_valid():
        try:
            text_sha256 = form.cleaned_data["text_sha256"]
            signing.sign(licence_id=licence.pk, user=request.user, text_sha256=text_sha256)
        except DomainError as refused:
            form.add_error(None, [refusal.message for refusal in refused.refusals])
        else:
            messages.success(request, _("Signed. The licence is in force."))
            return redirect(licence)
    elif licence.state != Licence.State.AWAITING:
        return redirect(licence)
    record = licence.record
    sha256, language = licence.record_sha256, page_language()
    context = {
        "licence": licence,
        "record": record,
        "said": sheet(record, sha256=sha256, check_code="", language=language),
        "words": record["words"][page_language()],
        "attribution": licence.attribution_in_words,
        "opens_on": date.fromisoformat(record["opens_on"]) if "opens_on" in record else None,
        "form": form,
    }
    return render(request, "licences/sign.html", context)


@require_POST
@login_required
def send_link(request: AuthenticatedRequest, number: str) -> HttpResponse:
    """To whoever may sign, who asks for it."""
    licence = get_object_or_404(Licence.objects.visible_to(request.user), number=number)
    try:
        signing.ask_again(licence_id=licence.pk, user=request.user)
    except DomainError as refused:
        for refusal in refused.refusals:
            messages.error(request, refusal.message)
    else:
        messages.success(request, _("The link is on its way to your mailbox."))
    return redirect(licence)

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from orbitrage.shared.documents import files
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.errors import DomainError
from orbitrage.shared.forms import put_refusals
from quotas import selectors, services
from quotas.documents.sheet import sheet
from quotas.forms import AcceptPackageForm, ReferencesForm
from quotas.models import Quotation, QuotationFile
from quotas.permissions import commits_money_of, keeps_accounts_of

logger = logging.getLogger(__name__)

PAGE_SIZE = 50


@login_required
@require_safe
def quotation_list(request: HttpRequest) -> HttpResponse:
    quotations = selectors.quotation_list(request.user)
    page = Paginator(quotations, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "quotas/quotations.html", {"page": page})


@login_required
@require_safe
def quotation(request: AuthenticatedRequest, number: str) -> HttpResponse:
    return _page(request, _visible(request, number))


@login_required
@require_POST
def record_references(request: AuthenticatedRequest, number: str) -> HttpResponse:
    found = _visible(request, number)
    if not keeps_accounts_of(actor_of(request.user), found.entity_id):
        raise PermissionDenied
    shown = selectors.quotation_page(found)
    form = ReferencesForm(request.POST, last=shown.last, fields_open=shown.fields_open)
    if form.is_valid():
        try:
            recorded = services.record_references(
                user=request.user,
                quotation_number=number,
                references=form.references,
                seen_id=form.cleaned_data["seen_id"] or 0,
            )
        except DomainError as error:
            put_refusals(form, error)
        else:
            if recorded is not None:
                messages.success(request, _("The references are recorded."))
            return redirect(found)
    return _page(request, found, references_form=form)


@login_required
@require_POST
def accept_package(request: AuthenticatedRequest, number: str) -> HttpResponse:
    found = _visible(request, number)
    if found.package_id is None or not commits_money_of(actor_of(request.user), found.entity_id):
        raise PermissionDenied
    form = AcceptPackageForm(request.POST)
    if form.is_valid():
        try:
            envelope = services.accept_package(
                user=request.user,
                quotation_number=number,
                purchase_reference=form.cleaned_data["purchase_reference"],
            )
        except DomainError as error:
            put_refusals(form, error)
        else:
            messages.success(request, _("The package is bought: it can be used from today."))
            return redirect("quotas:statement", envelope.pk)
    return _page(request, found, acceptance_form=form)


@login_required
@require_safe
@never_cache
def quotation_pdf(request: HttpRequest, number: str, language: str) -> HttpResponse:
    found = _visible(request, number)
    version = selectors.quotation_page(found).document_version
    file = get_object_or_404(QuotationFile, quotation=found, version=version, language=language)
    try:
        data = files.read(file.storage_name, file.sha256)
    except files.FileAltered:
        logger.error("The file %s is not the one that was issued.", file.storage_name)
        context = {"quotation": found}
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "quotas/quotation_unavailable.html", context, status=unavailable)
    return as_attachment(data, f"{found.number}-{language}.pdf")


def _visible(request: HttpRequest, number: str) -> Quotation:
    visible = Quotation.objects.visible_to(request.user).select_related("entity", "package")
    return get_object_or_404(visible, number=number)


def _printed(shown: selectors.QuotationPage) -> dict[str, Any] | None:
    """What the document says, in the language of the page."""
    if shown.quotation.record is None:
        return None
    document = services.document_of(shown.quotation, shown.document_version)
    language = "fr" if (get_language() or "fr").startswith("fr") else "en"
    return sheet(document, sha256="", language=language)


def _page(request: AuthenticatedRequest, quotation: Quotation, **bound: Any) -> HttpResponse:
    shown = selectors.quotation_page(quotation)
    actor = actor_of(request.user)
    context = {"quotation": quotation, "shown": shown, "printed": _printed(shown)}
    if keeps_accounts_of(actor, quotation.entity_id) and shown.fields_open:
        context["references_form"] = ReferencesForm(last=shown.last, fields_open=shown.fields_open)
    if quotation.can_be_accepted and commits_money_of(actor, quotation.entity_id):
        context["acceptance_form"] = AcceptPackageForm()
    return render(request, "quotas/quotation.html", context | bound)

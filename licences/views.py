import logging
import time
from dataclasses import asdict
from datetime import date
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from eligibility.signed_in import AuthenticatedRequest
from licences import signing
from licences.forms import SignatureForm, VerifyFileForm, VerifyForm
from licences.kinds import LANGUAGES
from licences.models import Licence, page_language
from licences.selectors import (
    files_of_document,
    licence_of_document,
    with_annexes,
    with_files,
)
from licences.verification import Verification, verification, verification_of_file
from orbitrage.shared.addresses import client_address
from orbitrage.shared.documents import files
from orbitrage.shared.documents.downloads import as_attachment
from orbitrage.shared.errors import DomainError

logger = logging.getLogger(__name__)

PAGE_SIZE = 25
CHECKS_PER_MINUTE = 30


@require_GET
@login_required
def licence_list(request: HttpRequest) -> HttpResponse:
    licences = with_files(Licence.objects.visible_to(request.user).for_lists())
    page = Paginator(licences, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "licences/list.html", {"page": page})


@require_GET
@login_required
def licence_detail(request: HttpRequest, number: str) -> HttpResponse:
    visible = Licence.objects.visible_to(request.user).select_related("entity", "superseded_by")
    licence = get_object_or_404(with_annexes(with_files(visible)), number=number)
    record = licence.record
    context = {
        "licence": licence,
        "record": record,
        "words": record["words"][page_language()],
        "is_prepared": {file.language for file in licence.files.all()} >= set(LANGUAGES),
        "is_given_out": licence.state == Licence.State.ISSUED,
        "is_mine_to_sign": licence.state == Licence.State.AWAITING
        and bool(signing.role_of(licence, request.user)),
        "attribution": record.get("attribution", "").replace("{year}", _("<year>")),
        "map_data": _map_data(licence) if "area_geojson" in record else None,
    }
    return render(request, "licences/detail.html", context)


def _map_data(licence: Licence) -> dict[str, object]:
    area = {
        "type": "Feature",
        "geometry": licence.record["area_geojson"],
        "properties": {"role": "aoi", "label": licence.number},
    }
    return {"type": "FeatureCollection", "features": [area]}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def sign(request: AuthenticatedRequest, token: str) -> HttpResponse:
    """What the bearer of the link is asked to sign. A link of somebody else's is not found."""
    visible = Licence.objects.visible_to(request.user).select_related("entity")
    licence = get_object_or_404(visible, pk=signing.licence_to_sign(token, request.user))
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
    context = {
        "licence": licence,
        "record": record,
        "words": record["words"][page_language()],
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


@require_GET
@login_required
@never_cache
def download(request: HttpRequest, number: str, language: str) -> HttpResponse:
    licence = get_object_or_404(licence_of_document(number, request.user))
    if licence.state == Licence.State.AWAITING:
        raise Http404
    if licence.state != Licence.State.ISSUED:
        context = {"licence": licence}
        return render(request, "licences/withdrawn.html", context, status=HTTPStatus.GONE)
    file = get_object_or_404(files_of_document(licence, number), language=language)
    try:
        data = files.read(file.storage_name, file.sha256)
    except files.FileAltered:
        logger.error("The file %s is not the one that was issued.", file.storage_name)
        context = {"licence": licence}
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "licences/unavailable.html", context, status=unavailable)
    return as_attachment(data, f"{file.document.number}-{language}.pdf")


@require_GET
def verify_form(request: HttpRequest) -> HttpResponse:
    form = VerifyForm(request.GET or None)
    if not form.is_valid():
        forms = {"form": form, "file_form": VerifyFileForm()}
        return render(request, "licences/verify_form.html", forms)
    address = reverse("licences:verify", args=[form.cleaned_data["number"]])
    code = form.cleaned_data["code"]
    return redirect(f"{address}?{urlencode({'code': code})}" if code else address)


@require_GET
@never_cache
def verify(request: HttpRequest, number: str) -> HttpResponse:
    """Public: the number alone tells the state; who, what and where need the check code."""
    wants_json = _wants_json(request)
    if _has_asked_too_often(request):
        return _too_often(request, wants_json=wants_json)
    found = verification(number, request.GET.get("code", ""))
    if wants_json:
        return JsonResponse(_as_json(found))
    return render(request, "licences/verify.html", {"verification": found})


@require_POST
@csrf_exempt  # changes nothing, and whoever asks need not have a page of ours open
@never_cache
def verify_file(request: HttpRequest) -> HttpResponse:
    """Public: what the file itself is, to whoever holds it."""
    wants_json = _wants_json(request)
    if _has_asked_too_often(request):
        return _too_often(request, wants_json=wants_json)
    form = VerifyFileForm(request.POST, request.FILES)
    if not form.is_valid():
        bad = HTTPStatus.BAD_REQUEST
        if wants_json:
            return JsonResponse({"state": "refused", "errors": form.errors}, status=bad)
        forms = {"form": VerifyForm(), "file_form": form}
        return render(request, "licences/verify_form.html", forms, status=bad)
    found = verification_of_file(form.cleaned_data["file"])
    if wants_json:
        return JsonResponse(_as_json(found))
    return render(request, "licences/verify.html", {"verification": found})


def _wants_json(request: HttpRequest) -> bool:
    kinds = ["text/html", "application/json"]
    return request.get_preferred_type(kinds) == "application/json"


def _as_json(found: Verification) -> dict[str, object]:
    said: dict[str, object] = {"number": found.number, "state": found.state}
    if found.facts is not None:
        said["facts"] = asdict(found.facts)
    return said


def _has_asked_too_often(request: HttpRequest) -> bool:
    minute = int(time.time() // 60)
    key = f"licences.verify:{client_address(request)}:{minute}"
    cache.add(key, 0, timeout=120)
    return int(cache.incr(key)) > getattr(
        settings, "ORBITRAGE_LICENCE_CHECKS_PER_MINUTE", CHECKS_PER_MINUTE
    )


def _too_often(request: HttpRequest, *, wants_json: bool) -> HttpResponse:
    headers = {"Retry-After": "60"}
    status = HTTPStatus.TOO_MANY_REQUESTS
    if wants_json:
        return JsonResponse({"state": "too_many_requests"}, status=status, headers=headers)
    page = render_to_string("licences/too_often.html", request=request)
    return HttpResponse(page, status=status, headers=headers)

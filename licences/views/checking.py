"""The public check of a licence."""

import time
from dataclasses import asdict
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from licences.forms import VerifyFileForm, VerifyForm
from licences.verification import Verification, verification, verification_of_file
from orbitrage.shared.addresses import client_address

CHECKS_PER_MINUTE = 30


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

"""Licences as those they concern read them."""

import logging
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from eligibility.selectors import actor_of
from eligibility.signed_in import AuthenticatedRequest
from licences.columns import table_of
from licences.forms import LicenceFilter
from licences.kinds import LANGUAGES
from licences.life import may_renew, may_revoke
from licences.models import Licence, Signature, page_language
from licences.rendering import given_up
from licences.selectors import (
    annexes_of,
    files_of_document,
    found_licences,
    is_given_out,
    licence_of_document,
    with_files,
)
from licences.services import RENDER_TOPIC, effect_key
from licences.signatories import role_of
from orbitrage.shared import outbox
from orbitrage.shared.documents import files
from orbitrage.shared.documents.downloads import as_attachment, attachment_headers
from orbitrage.shared.tables import CSV_TYPE, XLSX_TYPE, csv_lines, workbook

logger = logging.getLogger(__name__)

PAGE_SIZE = 25
ROWS_READ_AT_ONCE = 2_000
FILES = {"csv": 100_000, "xlsx": 10_000}
"""The formats of the list, and how many of its rows each has at most."""


@require_GET
@login_required
def licence_list(request: HttpRequest) -> HttpResponse:
    form = LicenceFilter(request.GET)
    rows: QuerySet[Licence] = Licence.objects.none()
    if form.is_valid():
        rows = with_files(found_licences(request.user, **form.cleaned_data))
    context = {
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "files": [(each, f"{_file_path(each)}?{request.GET.urlencode()}") for each in FILES],
        "is_secretariat": actor_of(request.user).is_secretariat,
    }
    return render(request, "licences/list.html", context)


def _file_path(extension: str) -> str:
    return reverse("licences:list_file", args=[extension])


@require_GET
@login_required
def list_file(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The list with its filters, whole."""
    form = LicenceFilter(request.GET)
    if extension not in FILES or not form.is_valid():
        raise Http404
    rows = found_licences(request.user, **form.cleaned_data)
    table = table_of(rows[: FILES[extension]].iterator(ROWS_READ_AT_ONCE))
    headers = attachment_headers(f"licences-{timezone.localdate()}.{extension}")
    if extension == "csv":
        return StreamingHttpResponse(csv_lines(table), content_type=CSV_TYPE, headers=headers)
    return HttpResponse(workbook([table]), content_type=XLSX_TYPE, headers=headers)


@require_GET
@login_required
def licence_detail(request: AuthenticatedRequest, number: str) -> HttpResponse:
    visible = Licence.objects.visible_to(request.user).select_related("entity", "superseded_by")
    licence = get_object_or_404(with_files(visible), number=number)
    record = licence.record
    actor = actor_of(request.user)
    annexes = list(annexes_of(licence))
    context = {
        "licence": licence,
        "record": record,
        "annexes": annexes,
        "words": record["words"][page_language()],
        "is_prepared": {file.language for file in licence.files.all()} >= set(LANGUAGES),
        "is_given_out": licence.is_given_out,
        "printing": outbox.message_of(effect_key(RENDER_TOPIC, licence)),
        "given_up": given_up([licence, *annexes]),
        "may_try_again": actor.is_secretariat,
        "may_revoke": may_revoke(actor, licence),
        "may_renew": may_renew(actor, licence),
        "is_mine_to_sign": licence.state == Licence.State.AWAITING
        and bool(role_of(licence, request.user)),
        "attribution": licence.attribution_in_words,
        "signature": Signature.objects.filter(licence=licence).first(),
        "map_data": _map_data(licence) if "area_geojson" in record else None,
    }
    return render(request, "licences/detail.html", context)


def _map_data(licence: Licence) -> dict[str, object]:
    area = {
        "type": "Feature",
        "geometry": licence.record["area_geojson"],
        "properties": {"role": "granted", "label": licence.number},
    }
    return {"type": "FeatureCollection", "features": [area]}


@require_GET
@login_required
@never_cache
def download(request: HttpRequest, number: str, language: str) -> HttpResponse:
    licence = get_object_or_404(licence_of_document(number, request.user))
    if licence.state == Licence.State.AWAITING:
        raise Http404
    if not is_given_out(licence, number):
        context = {"licence": licence}
        return render(request, "licences/withdrawn.html", context, status=HTTPStatus.GONE)
    file = get_object_or_404(files_of_document(licence, number), language=language)
    try:
        data = files.read(file.storage_name, file.sha256)
    except files.FileAltered:
        logger.error("The file %s is not the one that was issued.", file.storage_name)
        said = {"licence": licence, "may_try_again": actor_of(request.user).is_secretariat}
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return render(request, "licences/unavailable.html", said, status=unavailable)
    return as_attachment(data, f"{file.document.number}-{language}.pdf")

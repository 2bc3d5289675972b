"""Licences over JSON, and their documents."""

import logging
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Query, Router, Schema
from pydantic import Field

from eligibility.api import person_of
from eligibility.bearer import Bearer
from eligibility.models import Scope
from licences.models import Annex, Licence, LicenceFile
from licences.selectors import (
    files_of_document,
    is_given_out,
    licence_of_document,
    with_annexes,
    with_files,
)
from orbitrage.shared.api.paging import LIMIT_MAXIMUM, newest_first
from orbitrage.shared.api.problems import Problem
from orbitrage.shared.documents import files
from orbitrage.shared.documents.downloads import as_attachment

logger = logging.getLogger(__name__)
router = Router(tags=["licences"])
READ = Bearer(Scope.READ)


class LicenceFileOut(Schema):
    language: str
    size_bytes: int
    sha256: str
    href: str


class AnnexOut(Schema):
    number: str
    issued_at: str
    files: list[LicenceFileOut]


class LicenceOut(Schema):
    number: str
    state: str
    kind: str
    version: int
    request: str
    sensor: str
    issued_at: str
    valid_from: str
    valid_until: str | None
    superseded_by: str | None
    files: list[LicenceFileOut]
    annexes: list[AnnexOut]


class LicencesOut(Schema):
    items: list[LicenceOut]
    next_cursor: str | None


class LicenceFilters(Schema):
    request: str = Field("", max_length=40, description=gettext_noop("Number of the request."))
    cursor: str = Field("", max_length=40)
    limit: int = Field(50, ge=1, le=LIMIT_MAXIMUM)


@router.get(
    "/licences",
    auth=READ,
    response=LicencesOut,
    operation_id="list_licences",
    url_name="licences",
    summary=gettext_noop("The licences I may read, newest first"),
)
def list_licences(request: HttpRequest, wanted: Query[LicenceFilters]) -> dict[str, Any]:
    rows: QuerySet[Licence] = Licence.objects.visible_to(person_of(request)).for_lists()
    if wanted.request:
        rows = rows.filter(request_number=wanted.request.replace("\x00", ""))
    rows = with_annexes(with_files(rows))
    page = newest_first(rows, cursor=wanted.cursor, limit=wanted.limit)
    return page.as_json(licence_as_json)


def licence_as_json(licence: Licence) -> dict[str, Any]:
    follows = licence.superseded_by
    return {
        "number": licence.number,
        "state": licence.standing,
        "kind": licence.kind,
        "version": licence.version,
        "request": licence.request_number,
        "sensor": licence.sensor_code,
        "issued_at": licence.issued_at.isoformat(timespec="seconds"),
        "valid_from": licence.valid_from.isoformat(),
        "valid_until": licence.valid_until.isoformat() if licence.valid_until else None,
        "superseded_by": follows.number if follows else None,
        "files": [
            _file_as_json(licence, file)
            for file in licence.files.all()
            if licence.is_given_out and file.version == licence.version
        ],
        "annexes": [
            _annex_as_json(annex)
            for annex in licence.annexes.all()
            if licence.in_its_place.is_given_out
        ],
    }


def _annex_as_json(annex: Annex) -> dict[str, Any]:
    return {
        "number": annex.number,
        "issued_at": annex.issued_at.isoformat(timespec="seconds"),
        "files": [_file_as_json(annex, file) for file in annex.files.all()],
    }


def _file_as_json(document: Licence | Annex, file: LicenceFile) -> dict[str, Any]:
    return {
        "language": file.language,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "href": reverse("api-1:licence_pdf", args=[document.number, file.language]),
    }


@router.get(
    "/licences/{slug:number}",
    auth=READ,
    response=LicenceOut,
    operation_id="read_licence",
    url_name="licence",
    summary=gettext_noop("A licence and its documents"),
)
def read_licence(request: HttpRequest, number: str) -> dict[str, Any]:
    visible = Licence.objects.visible_to(person_of(request))
    found = get_object_or_404(with_annexes(with_files(visible)), number=number)
    return licence_as_json(found)


@router.get(
    "/licences/{slug:number}/{slug:language}.pdf",
    auth=READ,
    operation_id="download_licence",
    url_name="licence_pdf",
    summary=gettext_noop("The document of a licence or of an annex, as it was issued"),
    openapi_extra={
        "responses": {
            "200": {
                "description": "PDF",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            },
            "410": {"description": "Gone"},
        }
    },
)
def download_licence(request: HttpRequest, number: str, language: str) -> HttpResponse:
    licence = get_object_or_404(licence_of_document(number, person_of(request)))
    if licence.state == Licence.State.AWAITING:
        raise Http404
    if not is_given_out(licence, number):
        detail = _("Licence %(number)s is no longer given out.") % {"number": licence.number}
        raise Problem(410, "licence_withdrawn", detail)
    file = get_object_or_404(files_of_document(licence, number), language=language)
    try:
        data = files.read(file.storage_name, file.sha256)
    except files.FileAltered as altered:
        logger.error("The file %s is not the one that was issued.", file.storage_name)
        detail = _("The stored document is not the one that was issued: its operators are told.")
        raise Problem(503, "document_altered", detail) from altered
    return as_attachment(data, f"{file.document.number}-{language}.pdf")

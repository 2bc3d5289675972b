"""All pages of a list as one file, to be kept."""

from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orbitrage.shared.documents.downloads import attachment_headers
from orbitrage.shared.tables import CSV_TYPE, XLSX_TYPE, csv_lines, workbook
from requests_app.lists.columns import table_of
from requests_app.lists.files import (
    BYTES_MAXIMUM,
    geojson_lines,
    geopackage,
    size_of_areas_bytes,
)
from requests_app.models import ImageryRequestQuerySet

ROWS_READ_AT_ONCE = 2_000
ROWS_OF_A_FILE = {"csv": 100_000, "xlsx": 10_000, "geojson": 20_000, "gpkg": 20_000}
"""By format. Workbooks and GeoPackages are whole before they leave; the others leave as they are
read."""
MEDIA_TYPES = {
    "csv": CSV_TYPE,
    "xlsx": XLSX_TYPE,
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}


def refused(rows: ImageryRequestQuerySet, extension: str) -> ValidationError | None:
    """Why the list is not given as that file."""
    return _too_long(rows, extension) or _too_large(rows, extension)


def _too_long(rows: ImageryRequestQuerySet, extension: str) -> ValidationError | None:
    maximum = ROWS_OF_A_FILE[extension]
    if rows.order_by()[: maximum + 1].count() <= maximum:
        return None
    message = _("More than %(maximum)s requests: filter them, or take CSV (up to %(csv)s).")
    figures = {
        "maximum": number_format(maximum, force_grouping=True),
        "csv": number_format(ROWS_OF_A_FILE["csv"], force_grouping=True),
    }
    return ValidationError(message % figures, code="list_too_long")


def _too_large(rows: ImageryRequestQuerySet, extension: str) -> ValidationError | None:
    """Of a file with areas, a few of which take as many bytes as thousands of others."""
    size_bytes = size_of_areas_bytes(rows) if extension in ("geojson", "gpkg") else 0
    if size_bytes <= BYTES_MAXIMUM:
        return None
    message = _("The areas take %(size)s, of %(maximum)s that one file has: filter the requests.")
    figures = {
        "size": filesizeformat(size_bytes),
        "maximum": filesizeformat(BYTES_MAXIMUM),
    }
    return ValidationError(message % figures, code="list_too_large")


def as_file(rows: ImageryRequestQuerySet, extension: str) -> HttpResponseBase:
    rows = rows.for_a_file()
    name = f"requests-{timezone.localdate()}.{extension}"
    headers, media_type = attachment_headers(name), MEDIA_TYPES[extension]
    match extension:
        case "csv":
            lines = csv_lines(table_of(rows.iterator(ROWS_READ_AT_ONCE)))
            return StreamingHttpResponse(lines, content_type=media_type, headers=headers)
        case "xlsx":
            book = workbook([table_of(rows.iterator(ROWS_READ_AT_ONCE))])
            return HttpResponse(book, content_type=media_type, headers=headers)
        case "geojson":
            lines = geojson_lines(rows)
            return StreamingHttpResponse(lines, content_type=media_type, headers=headers)
        case _:
            return FileResponse(
                geopackage(rows),
                as_attachment=True,
                filename=name,
                content_type=media_type,
                headers=headers,
            )

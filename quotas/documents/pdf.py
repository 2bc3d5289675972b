"""A quotation as a PDF: its page, printed in the shared way."""

from __future__ import annotations

import datetime as dt
from functools import cache

from django.template import Context, Engine

from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.documents import pdf
from orbitrage.shared.documents.pdf import AttachedData
from quotas.documents.sheet import FOLDER, sheet
from quotas.records import Json


def quotation_pdf(document: Json, *, language: str) -> bytes:
    """`document` is the frozen record with what its version adds; `language` fr or en. The data are
    attached, and the page carries the SHA-256 of their canonical JSON."""
    return print_page(quotation_html(document, language=language), document)


def quotation_html(document: Json, *, language: str) -> str:
    template = _engine().get_template(f"quotation-{document['layout_version']}.html")
    return template.render(Context(sheet(document, sha256=sha256_of(document), language=language)))


def print_page(page: str, document: Json) -> bytes:
    """
    Raises:
        AddressRefused: the page asks for something outside itself.
    """
    return pdf.print_page(
        page,
        style=FOLDER / f"quotation-{document['layout_version']}.css",
        folders=[],
        attached=[
            AttachedData(
                data=document,
                name=document["number"],
                description="Record of the quotation, canonical JSON",
                at=dt.datetime.fromisoformat(document["recorded_at"] or document["issued_at"]),
            )
        ],
    )


@cache
def _engine() -> Engine:
    """The templates of this folder alone, whatever the site's own settings; texts are escaped."""
    return Engine(dirs=[str(FOLDER)], autoescape=True)

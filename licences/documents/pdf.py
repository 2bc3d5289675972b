"""A licence as a PDF: its page from the templates of its kind, printed in the shared way."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from django.template import Context, Engine

from licences.documents.policy import policy_of
from licences.documents.sheet import sheet
from licences.kinds import LAYOUTS, folder
from licences.records import Json
from orbitrage.shared.documents import pdf
from orbitrage.shared.documents.pdf import AttachedData


def licence_pdf(
    record: Json, *, sha256: str, check_code: str, language: str, signature: Json | None = None
) -> bytes:
    """The licence of ``record`` in ``language`` (fr or en), tagged, with the record attached, and
    with the ``signature`` given on the site."""
    page = licence_html(
        record, sha256=sha256, check_code=check_code, language=language, signature=signature
    )
    return print_page(page, record, signature)


def licence_html(
    record: Json, *, sha256: str, check_code: str, language: str, signature: Json | None = None
) -> str:
    template = _engine(folder()).get_template(_template_of(record))
    values = sheet(
        record, sha256=sha256, check_code=check_code, language=language, signature=signature
    )
    return template.render(Context(values))


def _template_of(record: Json) -> str:
    if record.get("subject") == "annex":
        return f"base/{record['layout_version']}/annex.html"
    return f"{record['kind']}/{record['kind_version']}/document.html"


def print_page(page: str, record: Json, signature: Json | None = None) -> bytes:
    """
    Raises:
        AddressRefused: the page asks for something outside itself and its kind's folder.
    """
    return pdf.print_page(
        page,
        style=LAYOUTS / record["layout_version"] / "licence.css",
        folders=[folder() / record["kind"], LAYOUTS],
        attached=list(_attached(record, signature)),
    )


def _attached(record: Json, signature: Json | None) -> Iterator[AttachedData]:
    number, at = record["number"], datetime.fromisoformat(record["issued_at"])
    yield AttachedData(
        data=record, name=number, description="Record of the licence, canonical JSON", at=at
    )
    if (policy := policy_of(record)) is not None:
        yield AttachedData(
            data=policy,
            name=f"{number}-policy",
            description="What the licence allows, ODRL 2.2 in JSON-LD",
            at=at,
            relationship="Supplement",
        )
    if signature is not None:
        yield AttachedData(
            data=signature,
            name=f"{number}-signature",
            description="Signature given on the site",
            at=datetime.fromisoformat(signature["signed_at"]),
        )


@cache
def _engine(kinds: Path) -> Engine:
    """Templates of the kinds alone, whatever the site's own settings; texts are escaped."""
    return Engine(dirs=[str(kinds), str(LAYOUTS.parent)], autoescape=True)

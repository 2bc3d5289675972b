"""A licence as a PDF: the only module that knows WeasyPrint.

The same record gives the same bytes, in any process of a machine: fonts and outlines come from
files of the project, dates from the record, identifiers from the content.
"""

import io
import mimetypes
import os
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
from django.template import Context, Engine

from licences.canonical import canonical_json
from licences.documents.sheet import sheet
from licences.kinds import FOLDER
from licences.records import Json

# Read by the font subsetter when it dates a font: the day of a licence is in its record.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

import weasyprint
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

UA_DECLARATION = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
RDF_END = b"</rdf:RDF>"


class AddressRefused(Exception):
    """The document asked for something outside itself and its kind's folder."""


class KindFolderFetcher(URLFetcher):
    """Serves ``data:`` addresses and the files of the given folders; refuses all else."""

    def __init__(self, *folders: Path) -> None:
        super().__init__()
        self.folders = folders
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme == "data":
            return super().fetch(url, headers)
        path = Path(unquote(parts.path)).resolve()
        inside = any(path.is_relative_to(folder) for folder in self.folders)
        if parts.scheme != "file" or parts.netloc or not inside:
            self.refused.append(url)
            raise AddressRefused(url)
        kind, _ = mimetypes.guess_type(path.name)
        return URLFetcherResponse(
            url, body=path.read_bytes(), headers={"Content-Type": kind or "font/ttf"}
        )


def licence_pdf(record: Json, *, sha256: str, check_code: str, language: str) -> bytes:
    """The licence of ``record`` in ``language`` (fr or en), tagged, with the record attached.

    Declares PDF/A-3a and PDF/UA-1; no outside checker has confirmed it.
    """
    page = licence_html(record, sha256=sha256, check_code=check_code, language=language)
    return print_page(page, record)


def licence_html(record: Json, *, sha256: str, check_code: str, language: str) -> str:
    template = _engine().get_template(f"{record['kind']}/licence-{record['kind_version']}.html")
    values = sheet(record, sha256=sha256, check_code=check_code, language=language)
    return template.render(Context(values))


def print_page(page: str, record: Json) -> bytes:
    fetcher = KindFolderFetcher(FOLDER / record["kind"], FOLDER / "base")
    fonts = FontConfiguration()
    style = weasyprint.CSS(
        filename=FOLDER / "base" / f"licence-{record['layout_version']}.css",
        font_config=fonts,
        url_fetcher=fetcher,
    )
    document = weasyprint.HTML(string=page, url_fetcher=fetcher).render(
        stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True
    )
    document.metadata.attachments = [_attachment(record)]
    # Colours are sRGB; put here because WeasyPrint leaves the file of the profile open.
    document.color_profiles["srgb"] = _srgb_profile()
    printed = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True, output_intent="")
    # WeasyPrint leaves out what it could not fetch; a licence is whole or is not.
    if fetcher.refused:
        raise AddressRefused(f"A licence may not fetch {', '.join(fetcher.refused)}.")
    return _declare_accessible(printed)


def _srgb_profile() -> ColorProfile:
    profile = files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()
    channels = (["r"], ["g"], ["b"])
    return ColorProfile(io.BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", channels)


def _attachment(record: Json) -> weasyprint.Attachment:
    issued_at = datetime.fromisoformat(record["issued_at"])
    return weasyprint.Attachment(
        string=canonical_json(record),
        name=f"{record['number']}.json",
        description="Record of the licence, canonical JSON",
        created=issued_at,
        modified=issued_at,
        relationship="Data",
    )


def _declare_accessible(printed: bytes) -> bytes:
    """Add PDF/UA-1 to the PDF/A-3a metadata, and save so that equal content is equal bytes."""
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        metadata = pdf.Root.Metadata.read_bytes()
        if metadata.count(RDF_END) != 1:
            raise ValueError("The printed metadata is not of one piece.")
        pdf.Root.Metadata.write(metadata.replace(RDF_END, UA_DECLARATION + RDF_END))
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.save(saved, deterministic_id=True)
    return saved.getvalue()


@cache
def _engine() -> Engine:
    """Templates of the kinds alone, whatever the site's own settings; texts are escaped."""
    return Engine(dirs=[str(FOLDER)], autoescape=True)

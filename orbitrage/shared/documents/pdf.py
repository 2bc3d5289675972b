"""A page as a PDF: the only module that knows WeasyPrint.

The same page and data give the same bytes, in any process of a machine: fonts come from files of
the project, dates from the data, identifiers from the content.
"""

import io
import mimetypes
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf

from orbitrage.shared.canonical import canonical_json

# Read by the font subsetter when it dates a font: the day of a document is in its data.
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")

import weasyprint
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

FOLDER = Path(__file__).parent
FONTS = FOLDER / "fonts"

# Styles and their fonts are shared by the threads of a process, and Pango's fonts are not for two.
_one_at_a_time = threading.Lock()

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
    """The document asked for something outside itself and its folders."""


@dataclass(frozen=True, kw_only=True)
class AttachedData:
    """Plain data to be attached to a page as ``<name>.json``. ``relationship`` to the page, in
    words of PDF/A-3: Data (what it says), Supplement."""

    data: Mapping[str, Any]
    name: str
    description: str
    at: datetime
    relationship: str = "Data"


class FolderFetcher(URLFetcher):
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


def print_page(
    page: str, *, style: Path, folders: Sequence[Path], attached: Sequence[AttachedData]
) -> bytes:
    """The HTML of ``page`` drawn with ``style``, tagged, with its data attached; it may fetch what
    lies in ``folders`` and the fonts, which a style finds under ``fonts/``.

    Declares PDF/A-3a and PDF/UA-1; no outside checker has confirmed it.

    Raises:
        AddressRefused: the page asks for anything else.
    """
    fetcher = FolderFetcher(*folders, FONTS)
    with _one_at_a_time:
        sheet, fonts = _style_of(style.read_text(encoding="utf-8"))
        document = weasyprint.HTML(string=page, url_fetcher=fetcher).render(
            stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True
        )
        document.metadata.attachments = [_attachment(each) for each in attached]
        # Colours are sRGB; put here because WeasyPrint leaves the file of the profile open.
        document.color_profiles["srgb"] = _srgb_profile()
        printed = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True, output_intent="")
    # WeasyPrint leaves out what it could not fetch; a document is whole or is not.
    if fetcher.refused:
        raise AddressRefused(f"A document may not fetch {', '.join(fetcher.refused)}.")
    return _declare_accessible(printed)


@lru_cache(maxsize=8)
def _style_of(text: str) -> tuple[weasyprint.CSS, FontConfiguration]:
    """A style and its fonts, read once in a process: each reading keeps memory for good."""
    fonts, fetcher = FontConfiguration(), FolderFetcher(FONTS)
    sheet = weasyprint.CSS(
        string=text, base_url=FOLDER.as_uri() + "/", font_config=fonts, url_fetcher=fetcher
    )
    if fetcher.refused:
        raise AddressRefused(f"A style may not fetch {', '.join(fetcher.refused)}.")
    return sheet, fonts


def _srgb_profile() -> ColorProfile:
    profile = files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()
    channels = (["r"], ["g"], ["b"])
    return ColorProfile(io.BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", channels)


def _attachment(attached: AttachedData) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        string=canonical_json(attached.data),
        name=f"{attached.name}.json",
        description=attached.description,
        created=attached.at,
        modified=attached.at,
        relationship=attached.relationship,
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

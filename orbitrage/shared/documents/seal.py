"""The programme's seal on a document (PAdES): the only module that knows pyHanko.

The certificate is read by the worker alone; no other process asks for a seal. A sealed file is
never made again: its signature says when it was made.
"""

import asyncio
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from django.conf import settings
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers import FetcherBackend, Fetchers
from pyhanko_certvalidator.fetchers.api import FetchLimits
from pyhanko_certvalidator.fetchers.common_utils import FetchBudget
from pyhanko_certvalidator.fetchers.requests_fetchers import (
    RequestsCertificateFetcher,
    RequestsCRLFetcher,
    RequestsOCSPFetcher,
)
from pyhanko_certvalidator.fetchers.requests_fetchers.util import RequestsFetcherMixin

from orbitrage.shared import http

FIELD = "ProgrammeSeal"
LEVELS = ("B-B", "B-T", "B-LT")


class SealUnavailable(Exception):
    """This process may not seal, or what it seals with cannot be read: the operator's to mend."""


@dataclass(frozen=True)
class Sealed:
    data: bytes
    level: str


@dataclass(frozen=True)
class _Means:
    signer: signers.SimpleSigner
    level: str
    timestamper: TimeStamper | None


class _HttpTimeStamper(TimeStamper):
    """Asks the authority at one address for a time-stamp (RFC 3161)."""

    def __init__(self, address: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko types no init
        self.address = address

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = await asyncio.to_thread(
            http.ask,
            "POST",
            self.address,
            content=req.dump(),
            headers={"Content-Type": "application/timestamp-query"},
            allows_plain=True,
        )
        return tsp.TimeStampResp.load(answer.content)


class _AskedOurWay(RequestsFetcherMixin):
    """A fetcher of pyHanko that asks by the one way out of the service."""

    def _get(self, url: Any, *, acceptable_content_types: Any) -> Any:
        headers = {"Accept": ",".join(acceptable_content_types)}
        return asyncio.to_thread(http.ask, "GET", url, headers=headers, allows_plain=True)

    def _post(
        self, url: Any, data: Any, *, content_type: Any, acceptable_content_types: Any
    ) -> Any:
        headers = {"Accept": ",".join(acceptable_content_types), "Content-Type": content_type}
        return asyncio.to_thread(
            http.ask, "POST", url, content=data, headers=headers, allows_plain=True
        )


class _OcspFetcher(_AskedOurWay, RequestsOCSPFetcher):
    pass


class _CrlFetcher(_AskedOurWay, RequestsCRLFetcher):
    pass


class _CertificateFetcher(_AskedOurWay, RequestsCertificateFetcher):
    pass


class _Fetchers(FetcherBackend):
    """Whether the certificates still stand, asked of those who gave them."""

    def get_fetchers(self) -> Fetchers:
        budget = FetchBudget(FetchLimits())
        return Fetchers(
            ocsp_fetcher=_OcspFetcher(budget=budget),
            crl_fetcher=_CrlFetcher(budget=budget),  # type: ignore[no-untyped-call]  # the same
            cert_fetcher=_CertificateFetcher(budget=budget),
        )

    async def close(self) -> None:
        """Nothing is held open."""


def is_configured() -> bool:
    return bool(settings.ORBITRAGE_SEAL_FILE)


def seal(document: bytes, *, field_title: str, reason: str) -> Sealed:
    """``document`` with the programme's signature, in a field that is not drawn and whose title a
    screen reader says.

    Raises:
        SealUnavailable: this is not a worker, or its certificate cannot be read.
        NoAnswer: the time-stamping authority does not answer.
    """
    if settings.ORBITRAGE_PROCESS != "worker":
        raise SealUnavailable(f"A {settings.ORBITRAGE_PROCESS} process does not seal.")
    means = _means()
    sealed = signers.sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(document)),
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=reason,
            name=settings.ORBITRAGE_NAME,
            subfilter=fields.SigSeedSubFilter.PADES,
            embed_validation_info=means.level == "B-LT",
            # Made anew for each: what was answered for one seal says nothing of the next.
            validation_context=_validation_context() if means.level == "B-LT" else None,
        ),
        means.signer,
        timestamper=means.timestamper,
        new_field_spec=fields.SigFieldSpec(FIELD, readable_field_name=field_title),
    )
    return Sealed(sealed.getvalue(), means.level)


@cache
def _means() -> _Means:
    level = settings.ORBITRAGE_SEAL_LEVEL
    if level not in LEVELS:
        raise SealUnavailable(f"ORBITRAGE_SEAL_LEVEL is {level}: one of {', '.join(LEVELS)}.")
    address = settings.ORBITRAGE_TIMESTAMP_ADDRESS
    if level != "B-B" and not address:
        raise SealUnavailable(f"ORBITRAGE_SEAL_LEVEL {level} needs ORBITRAGE_TIMESTAMP_ADDRESS.")
    return _Means(
        signer=_signer(),
        level=level,
        timestamper=_HttpTimeStamper(address) if level != "B-B" else None,
    )


def _signer() -> signers.SimpleSigner:
    try:
        passphrase = Path(settings.ORBITRAGE_SEAL_PASSPHRASE_FILE).read_bytes().strip()
        data = Path(settings.ORBITRAGE_SEAL_FILE).read_bytes()
        signer: signers.SimpleSigner = signers.SimpleSigner.load_pkcs12_data(
            data, other_certs=(), passphrase=passphrase
        )
    except (OSError, ValueError) as error:
        raise SealUnavailable(f"The seal cannot be read: {error}") from error
    return signer


def _validation_context() -> ValidationContext:
    """Asks the authorities above the certificate whether it still stands, when sealing."""
    roots = list(load_certs_from_pemder([settings.ORBITRAGE_SEAL_ROOTS_FILE]))
    return ValidationContext(
        trust_roots=roots,
        allow_fetching=True,
        fetcher_backend=_Fetchers(),
        # What does not say whether the certificates stand is no B-LT: it is sealed later.
        revocation_mode="hard-fail",
    )

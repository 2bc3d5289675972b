"""``manage.py make_test_seal FOLDER``: an authority and a seal for a demonstration or a test."""

import datetime as dt
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

VALID = dt.timedelta(days=3650)
OWNER_ONLY = 0o600


class Command(BaseCommand):
    help = "Make seal.p12, its passphrase and the authority that vouches for it. Trusted by nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *_arguments: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        authority_key, seal_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        authority = _certificate("Test authority", authority_key, issuer=None)
        sealing = _certificate(
            f"{settings.ORBITRAGE_NAME} (test seal)", seal_key, issuer=(authority, authority_key)
        )
        passphrase = secrets.token_urlsafe(24).encode()
        packed = pkcs12.serialize_key_and_certificates(
            b"seal", seal_key, sealing, [authority], BestAvailableEncryption(passphrase)
        )
        _write(folder / "seal.p12", packed)
        _write(folder / "seal-passphrase", passphrase)
        pem = authority.public_bytes(serialization.Encoding.PEM)
        (folder / "seal-authority.pem").write_bytes(pem)
        if options["verbosity"]:
            self.stdout.write(f"A seal for tests is in {folder}.")


def _write(path: Path, data: bytes) -> None:
    path.touch(OWNER_ONLY)
    path.write_bytes(data)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
) -> x509.Certificate:
    """Of an authority when it has no issuer, else of a seal, which signs and cannot deny it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    is_authority = issuer is None
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )

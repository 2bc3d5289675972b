"""Certificate, time-stamp and revocation authorities of one test, on this machine's loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import yaml
from certomancer.integrations.animator import Animator
from certomancer.registry import CertLabel, CertomancerConfig
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate

PASSPHRASE = b"of a test"
VALID = {"valid-from": "2020-01-01T00:00:00+0000", "valid-to": "2100-01-01T00:00:00+0000"}


def _usage(*names: str) -> dict:
    params = {"schema": "key-usage", "params": list(names)}
    return {"id": "key_usage", "critical": True, "smart-value": params}


def _extended_usage(*names: str) -> dict:
    return {"id": "extended_key_usage", "critical": True, "value": list(names)}


ASKS_OCSP = {
    "id": "authority_information_access",
    "smart-value": {"schema": "aia-urls", "params": {"ocsp-responder-names": ["ocsp"]}},
}
CERTIFICATES = {
    "root": [
        {"id": "basic_constraints", "critical": True, "value": {"ca": True}},
        _usage("digital_signature", "key_cert_sign", "crl_sign"),
    ],
    "seal": [_usage("digital_signature", "non_repudiation"), ASKS_OCSP],
    "tsa": [_usage("digital_signature"), _extended_usage("time_stamping"), ASKS_OCSP],
    "ocsp": [
        _usage("digital_signature"),
        {"id": "extended_key_usage", "value": ["ocsp_signing"]},
        {"id": "ocsp_no_check"},
    ],
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """A test prints what it has to say."""


def _config(folder: Path, port: int) -> dict:
    for name in CERTIFICATES:
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / f"{name}.key.pem").write_bytes(pem)
    return {
        "external-url-prefix": f"http://127.0.0.1:{port}",
        "keysets": {
            "test": {
                "path-prefix": ".",
                "keys": {name: {"path": f"{name}.key.pem"} for name in CERTIFICATES},
            }
        },
        "pki-architectures": {
            "test": {
                "keyset": "test",
                "entity-defaults": {"country-name": "FR", "organization-name": "Test"},
                "entities": {name: {"common-name": f"Test {name}"} for name in CERTIFICATES},
                "certs": {
                    name: {
                        "subject": name,
                        "issuer": "root",
                        "validity": VALID,
                        "extensions": extensions,
                    }
                    for name, extensions in CERTIFICATES.items()
                },
                "services": {
                    "ocsp": {
                        "ocsp": {
                            "for-issuer": "root",
                            "responder-cert": "ocsp",
                            "signing-key": "ocsp",
                        }
                    },
                    "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa"}},
                },
            }
        },
    }


@contextmanager
def authorities(folder: Path) -> Iterator[dict[str, str]]:
    """Their settings, while they answer; the files of the seal are in ``folder``."""
    server = make_server("127.0.0.1", 0, None, handler_class=_Quiet)
    port = server.server_port
    text = yaml.safe_dump(_config(folder, port))
    config = CertomancerConfig.from_yaml(text, key_search_dir=folder, config_search_dir=None)
    architecture = config.get_pki_arch("test")
    server.set_app(Animator({architecture.arch_label: architecture}, with_web_ui=False))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    root, seal = (
        load_der_x509_certificate(architecture.get_cert(CertLabel(name)).dump())
        for name in ("root", "seal")
    )
    key = serialization.load_pem_private_key((folder / "seal.key.pem").read_bytes(), None)
    packed = pkcs12.serialize_key_and_certificates(
        b"seal", key, seal, [root], BestAvailableEncryption(PASSPHRASE)
    )
    (folder / "seal.p12").write_bytes(packed)
    (folder / "seal-passphrase").write_bytes(PASSPHRASE)
    pem = root.public_bytes(serialization.Encoding.PEM)
    (folder / "seal-authority.pem").write_bytes(pem)
    try:
        yield {
            "ORBITRAGE_HTTP_TEST_PORT": port,
            "ORBITRAGE_PROCESS": "worker",
            "ORBITRAGE_SEAL_FILE": str(folder / "seal.p12"),
            "ORBITRAGE_SEAL_PASSPHRASE_FILE": str(folder / "seal-passphrase"),
            "ORBITRAGE_SEAL_ROOTS_FILE": str(folder / "seal-authority.pem"),
            "ORBITRAGE_TIMESTAMP_ADDRESS": f"http://127.0.0.1:{port}/test/tsa/tsa",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

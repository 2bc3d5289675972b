"""The one way out of the service: to public addresses, over TLS, within a size and a time.

The address is looked at when the connection is made, after its name was resolved: a name that
leads inside the network leads nowhere.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

LIMIT_S = 20.0
MAXIMUM_BYTES = 5 * 1024 * 1024


class AddressRefused(Exception):
    """The address is not one that the service may ask."""


class NoAnswer(Exception):
    """The other side did not answer, refused, or said too much."""


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    content_type: str


class _PublicNetwork(httpcore.NetworkBackend):
    """Connects to public addresses; besides, in tests, to one port of this machine."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if refused := [each for each in addresses if not _may_be_asked(each, port)]:
            raise AddressRefused(f"{host} is {', '.join(refused)}, port {port}.")
        return self._backend.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def _may_be_asked(address: str, port: int) -> bool:
    found = ip_address(address)
    is_of_tests = found.is_loopback and port == settings.ORBITRAGE_HTTP_TEST_PORT
    return is_of_tests or (found.is_global and not found.is_multicast)


def ask(
    method: str,
    address: str,
    *,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    allows_plain: bool = False,
) -> Answer:
    """One request, without redirects.

    ``allows_plain`` lets http pass, for answers that are signed themselves (time-stamps, lists of
    revoked certificates).

    Raises:
        AddressRefused: not https, or no public address.
        NoAnswer: no answer within 20 s, one past 5 MiB, or none of the 2xx.
    """
    scheme = urlsplit(address).scheme
    if scheme != "https" and not (allows_plain and scheme == "http"):
        raise AddressRefused(f"{address} is not asked over {scheme or 'nothing'}.")
    limits = dict.fromkeys(("connect", "read", "write", "pool"), LIMIT_S)
    try:
        with (
            httpcore.ConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=_PublicNetwork()
            ) as pool,
            pool.stream(
                method,
                address,
                content=content,
                headers=list((headers or {}).items()),
                extensions={"timeout": limits},
            ) as answer,
        ):
            return _read(address, answer)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as e:
        raise NoAnswer(f"{address}: {type(e).__name__} {e}") from e


def _read(address: str, answer: httpcore.Response) -> Answer:
    found = b""
    ends_at = time.monotonic() + LIMIT_S
    for part in answer.iter_stream():
        found += part
        if time.monotonic() > ends_at:
            raise NoAnswer(f"{address} takes longer than {LIMIT_S:.0f} s.")
        if len(found) > MAXIMUM_BYTES:
            raise NoAnswer(f"{address} says more than {MAXIMUM_BYTES} bytes.")
    if not 200 <= answer.status < 300:
        raise NoAnswer(f"{address} answers {answer.status}.")
    kinds = [value for name, value in answer.headers if name.lower() == b"content-type"]
    return Answer(answer.status, found, kinds[0].decode("latin-1") if kinds else "")

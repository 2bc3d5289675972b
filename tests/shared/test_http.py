"""What the service asks of the network, and what it refuses to."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from orbitrage.shared import http

ANSWERS = {
    "/small": (200, b"here"),
    "/large": (200, b"x" * (http.MAXIMUM_BYTES + 1)),
    "/missing": (404, b"not here"),
    "/elsewhere": (302, b""),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, content = ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Location", "/small")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Tests say nothing."""


@pytest.fixture
def service(settings) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ORBITRAGE_HTTP_TEST_PORT = server.server_port
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def asked(address: str) -> http.Answer:
    return http.ask("GET", address, allows_plain=True)


def test_answer_is_given_whole(service):
    answer = asked(f"{service}/small")

    assert (answer.status, answer.content, answer.content_type) == (200, b"here", "text/plain")


@pytest.mark.parametrize("path", ["/large", "/missing", "/elsewhere"])
def test_answer_that_is_none_says_so(service, path):
    with pytest.raises(http.NoAnswer, match=path):
        asked(service + path)


@pytest.mark.parametrize("scheme", ["http", "ftp", "file", ""])
def test_what_is_not_over_tls_is_not_asked(service, scheme):
    with pytest.raises(http.AddressRefused):
        http.ask("GET", service.replace("http", scheme, 1) + "/small")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"],
)
def test_what_is_inside_the_network_is_not_asked(service, settings, host):
    settings.ORBITRAGE_HTTP_TEST_PORT = 0
    port = service.rpartition(":")[2]

    with pytest.raises(http.AddressRefused, match=port):
        asked(f"http://{host}:{port}/small")


def test_nobody_there_is_no_answer(service, settings):
    settings.ORBITRAGE_HTTP_TEST_PORT = 9

    with pytest.raises(http.NoAnswer, match=r"127\.0\.0\.1"):
        asked("http://127.0.0.1:9/small")

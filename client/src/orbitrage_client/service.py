"""The calls of the API, one method each."""

import base64
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from orbitrage_client.errors import NotFound, NotLetIn, Refusal, Refused, Unreachable

TIMEOUT_S = 60.0
TRIES = 4
PAUSE_S = 1.0
PAUSE_MAXIMUM_S = 60.0
BUSY = (429, 502, 503, 504)
IN_USE = "idempotency_key_in_use"

Document = dict[str, Any]


class Orbitrage:
    """A service at ``url``, seen by the person whose ``token`` is shown.

    What writes is sent with an idempotency key, and again when the connection breaks or the service
    is busy. Areas are km² and sums € as text. Raises Refused, NotLetIn, NotFound, Unreachable.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        language: str = "en",
        pause_s: float = PAUSE_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.pause_s = pause_s
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
            timeout=TIMEOUT_S,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # -- who and what -------------------------------------------------------------------------

    def me(self) -> Document:
        return self._json("GET", "me")

    def sensors(self) -> list[Document]:
        items: list[Document] = self._json("GET", "sensors")["items"]
        return items

    # -- areas --------------------------------------------------------------------------------

    def check_area(self, file: Path, *, layer: str = "") -> Document:
        """Raises OSError when the file cannot be read."""
        sent = {"file": (file.name, file.read_bytes())}
        return self._json("POST", "areas", files=sent, data={"layer": layer})

    def give_area(self, way: str, value: Any) -> Document:
        """``way``: draw, typed, tile, place (ids), or request (its number)."""
        name = "area_drawn" if way == "draw" else f"area_{way}"
        return self._json("POST", "areas/given", json={"area_way": way, name: value})

    def swap_axes(self, area_id: int) -> Document:
        return self._json("POST", f"areas/{area_id}/swap")

    def remaining_of_new(self, **answers: Any) -> Document:
        """As an area: what is not available yet of the area of a request to be written."""
        return self._json("POST", "areas/remaining", json=answers)

    def remaining(self, number: str) -> Document:
        """The same of a draft, or of a request whose cell has asked for information."""
        return self._json("POST", f"requests/{number}/remaining")

    def places(self, name: str) -> list[Document]:
        items: list[Document] = self._json("GET", "places", params={"name": name})["items"]
        return items

    # -- requests -----------------------------------------------------------------------------

    def requests(self, **filters: Any) -> Iterator[Document]:
        return self._pages("requests", filters)

    def list_file(self, extension: str, **filters: Any) -> bytes:
        """The whole list as csv, xlsx, geojson or gpkg."""
        return self._send("GET", f"requests/list.{extension}", params=filters).content

    def queue(self, **filters: Any) -> Iterator[Document]:
        return self._pages("queue", filters)

    def request(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}")

    def story(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}/story")

    def explanation(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}/explanation")

    def preview(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}/preview")

    def preview_new(self, **answers: Any) -> Document:
        return self._json("POST", "previews", json=answers)

    def areas_of(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}/areas.geojson")

    def items_of(self, number: str) -> list[Document]:
        items: list[Document] = self._json("GET", f"requests/{number}/items")["items"]
        return items

    def create_request(self, **answers: Any) -> Document:
        return self._write("POST", "requests", answers)

    def change_request(self, number: str, **answers: Any) -> Document:
        return self._write("PATCH", f"requests/{number}", answers)

    def copy_request(self, number: str) -> Document:
        return self._write("POST", f"requests/{number}/copy", {})

    def do(self, number: str, move: str, **answers: Any) -> Document:
        """Any of the moves that ``request`` lists."""
        return self._write("POST", f"requests/{number}/do/{move}", answers)

    def asks(self, number: str, move: str) -> Document:
        """What a move needs, with the choices there are now."""
        return self._json("GET", f"requests/{number}/moves/{move}")

    # -- messages -----------------------------------------------------------------------------

    def messages(self, number: str) -> list[Document]:
        items: list[Document] = self._json("GET", f"requests/{number}/messages")["items"]
        return items

    def write_message(
        self, number: str, text: str = "", *, files: Iterable[Path] = (), kind: str = "shared"
    ) -> Document:
        """Raises OSError when a file cannot be read."""
        answers = {"text": text, "kind": kind, "attachments": [_attached(file) for file in files]}
        return self._write("POST", f"requests/{number}/messages", answers)

    def attachment(self, number: str, key: str) -> bytes:
        return self._send("GET", f"requests/{number}/attachments/{key}").content

    def revisions(self, number: str) -> Document:
        return self._json("GET", f"requests/{number}/revisions")

    def notices(self, **filters: Any) -> Iterator[Document]:
        return self._pages("notices", filters)

    # -- what came of them --------------------------------------------------------------------

    def licences(self, **filters: Any) -> Iterator[Document]:
        return self._pages("licences", filters)

    def document(self, licence: str, language: str) -> bytes:
        return self._send("GET", f"licences/{licence}/{language}.pdf").content

    def statements(self) -> list[Document]:
        items: list[Document] = self._json("GET", "quotas")["items"]
        return items

    # -- how ----------------------------------------------------------------------------------

    def _pages(self, path: str, filters: Document) -> Iterator[Document]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._json("GET", path, params=filters | {"cursor": cursor})
            yield from page["items"]
            cursor = page["next_cursor"]

    def _write(self, method: str, path: str, answers: Document) -> Document:
        return self._json(method, path, json=answers, headers={"Idempotency-Key": str(uuid4())})

    def _json(self, method: str, path: str, **sent: Any) -> Document:
        response = self._send(method, path, **sent)
        if not response.content:
            return {}
        told: Document = response.json()
        return told

    def _send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Again as often as it may be: a call that writes has its key."""
        for left in reversed(range(TRIES)):
            try:
                response = self._http.request(method, path, **sent)
            except httpx.TransportError as error:
                if left == 0:
                    raise Unreachable(f"{self._http.base_url}: {error}") from error
                time.sleep(self.pause_s)
                continue
            if left == 0 or not _is_busy(response):
                break
            time.sleep(min(_pause_s(response, self.pause_s), PAUSE_MAXIMUM_S))
        if response.is_success:
            return response
        raise _error_of(response)


def _attached(file: Path) -> Document:
    content = base64.b64encode(file.read_bytes()).decode()
    return {"name": file.name, "content_base64": content}


def _is_busy(response: httpx.Response) -> bool:
    if response.status_code in BUSY:
        return True
    return response.status_code == 409 and _problem(response).get("code") == IN_USE


def _pause_s(response: httpx.Response, otherwise_s: float) -> float:
    told = response.headers.get("Retry-After", "")
    return float(told) if told.isdecimal() else otherwise_s


def _problem(response: httpx.Response) -> Document:
    if response.headers.get("Content-Type", "").split(";")[0] != "application/problem+json":
        return {}
    told: Document = response.json()
    return told


def _error_of(response: httpx.Response) -> Exception:
    problem, status = _problem(response), response.status_code
    if not problem or status >= 500:
        return Unreachable(f"{response.url}: {status} {problem.get('detail', '')}".strip())
    refusals = tuple(
        Refusal(each["code"], each["message"], each.get("field", ""))
        for each in problem["refusals"]
    )
    kind = {401: NotLetIn, 403: NotLetIn, 404: NotFound}.get(status, Refused)
    return kind(status, problem["code"], refusals)

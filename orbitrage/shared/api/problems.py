"""Errors of the API: one shape (RFC 9457) whatever went wrong, with the codes of the pages."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from psycopg.errors import LockNotAvailable

from orbitrage.shared.errors import DomainError

AnyForm = TypeVar("AnyForm", bound=forms.Form)
MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:orbitrage:problem:"
ADDRESS_PREFIX = "/api/v"
# Of refusals that HTTP has a word for; every other one of a file or a form is a 422.
STATUS_OF_CODE = {
    "file_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "unsupported_format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "reader_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "file_away": HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; ``field`` names what was sent, empty for the whole."""

    code: str
    message: str
    field: str = ""

    def as_json(self) -> dict[str, str]:
        told = {"code": self.code, "message": self.message}
        return told | {"field": self.field} if self.field else told


class Problem(Exception):
    """Ends a call with an error; ``faults`` are listed in it as ``refusals``."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = tuple(faults) or (Fault(code, detail),)
        self.headers = dict(headers or {})


class RefusalOut(Schema):
    code: str
    message: str
    field: str = ""


class ProblemOut(Schema):
    """The shape of every error, for the description of the API."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    refusals: list[RefusalOut]


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    body = {
        "type": f"{TYPE_PREFIX}{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
        "code": problem.code,
        "refusals": [fault.as_json() for fault in problem.faults],
    }
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)
    # What was sent may be half a character, which is said again as its escape.
    said = text.encode(errors="backslashreplace")
    return HttpResponse(
        said, status=problem.status, content_type=MEDIA_TYPE, headers=problem.headers
    )


# --- What services and forms say ------------------------------------------------------------------


def of_refusals(error: DomainError, *, status: int = HTTPStatus.CONFLICT) -> Problem:
    """The request is sound; the rules, or the state of things, say no."""
    faults = [Fault(refusal.code, refusal.message) for refusal in error.refusals]
    return Problem(status, error.codes[0], str(error), faults=faults)


def of_refused_file(error: DomainError) -> Problem:
    """What was sent cannot be taken as it is."""
    status = STATUS_OF_CODE.get(error.codes[0], HTTPStatus.UNPROCESSABLE_ENTITY)
    return of_refusals(error, status=status)


def of_form(form: forms.BaseForm, *, names: Mapping[str, str] | None = None) -> Problem:
    """``names``: what the API calls the fields that it names otherwise."""
    known = {NON_FIELD_ERRORS: "", **(names or {})}
    faults = [
        Fault(error.code or "invalid", " ".join(error.messages), known.get(field, field))
        for field, errors in form.errors.as_data().items()
        for error in errors
    ]
    return _invalid(faults)


def valid(form: AnyForm, *, names: Mapping[str, str] | None = None) -> AnyForm:
    """Raises Problem, with what is wrong at each field."""
    if not form.is_valid():
        raise of_form(form, names=names)
    return form


def _invalid(faults: list[Fault]) -> Problem:
    detail = " ".join(f"{fault.field}: {fault.message}".lstrip(": ") for fault in faults)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, faults=faults)


def not_found() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "not_found", _("There is nothing of yours here."))


# --- Handlers -------------------------------------------------------------------------------------


def handle_problem(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(request, error)


def handle_domain_error(request: HttpRequest, error: Any) -> HttpResponse:
    return answer(request, of_refusals(error))


def handle_denied(request: HttpRequest, _error: Any) -> HttpResponse:
    detail = _("You may see this, and not do it.")
    return answer(request, Problem(HTTPStatus.FORBIDDEN, "not_allowed", detail))


def handle_not_found(request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(request, not_found())


def handle_unauthenticated(request: HttpRequest, _error: Any) -> HttpResponse:
    detail = _("Show a token in use: “Authorization: Bearer …”.")
    headers = {"WWW-Authenticate": "Bearer"}
    return answer(
        request, Problem(HTTPStatus.UNAUTHORIZED, "not_authenticated", detail, headers=headers)
    )


# Of what pydantic finds, in the reader's language; it says the rest in English.
SENTENCES = {
    "missing": gettext_lazy("This field is required."),
    "extra_forbidden": gettext_lazy("No field of this name is taken."),
    "string_type": gettext_lazy("Text is expected."),
    "string_too_short": gettext_lazy("At least %(min_length)s characters are expected."),
    "string_too_long": gettext_lazy("At most %(max_length)s characters are taken."),
    "int_type": gettext_lazy("A whole number is expected."),
    "int_parsing": gettext_lazy("A whole number is expected."),
    "bool_type": gettext_lazy("true or false is expected."),
    "less_than_equal": gettext_lazy("It is at most %(le)s."),
    "greater_than_equal": gettext_lazy("It is at least %(ge)s."),
    "literal_error": gettext_lazy("It is one of %(expected)s."),
    "date_from_datetime_parsing": gettext_lazy("A day is written 2026-05-31."),
    "file_content": gettext_lazy("Send the file as content or as content_base64, not both."),
    "base64": gettext_lazy("This is not base 64."),
}


def handle_invalid(request: HttpRequest, error: Any) -> HttpResponse:
    faults = [
        Fault(each["type"], _sentence_of(each), _field_of(each["loc"])) for each in error.errors
    ]
    return answer(request, _invalid(faults))


def _sentence_of(error: dict[str, Any]) -> str:
    sentence = SENTENCES.get(error["type"])
    return str(error["msg"]) if sentence is None else str(sentence) % error.get("ctx", {})


def _field_of(location: Iterable[object]) -> str:
    """Without the part of the call it stands in, nor the name of our argument."""
    names = [str(part) for part in location][1:]
    return ".".join(name for name in names if name not in ("body", "wanted"))


def handle_http_error(request: HttpRequest, error: Any) -> HttpResponse:
    """ninja wraps whatever went wrong while a body was read."""
    cause = error.__cause__
    if isinstance(cause, Problem):
        return answer(request, cause)
    detail = _("The body is not JSON.") if cause is not None else str(error)
    return answer(request, Problem(error.status_code, "invalid_json", detail))


def handle_too_long(request: HttpRequest, _error: Any) -> HttpResponse:
    return answer(request, of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))


def handle_database(request: HttpRequest, error: Any) -> HttpResponse:
    """Somebody else's work on the same rows takes longer than a call may wait."""
    if not isinstance(error.__cause__, LockNotAvailable):
        raise error
    detail = _("Others are at work on this. Nothing was written; try again.")
    busy = Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers={"Retry-After": "1"})
    return answer(request, busy)


def handle_unforeseen(_request: HttpRequest, error: Exception) -> HttpResponse:
    raise error


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Problem: handle_problem,
    DomainError: handle_domain_error,
    PermissionDenied: handle_denied,
    Http404: handle_not_found,
    AuthenticationError: handle_unauthenticated,
    ValidationError: handle_invalid,
    HttpError: handle_http_error,
    RequestDataTooBig: handle_too_long,
    OperationalError: handle_database,
    Exception: handle_unforeseen,
}


def install(api: NinjaAPI) -> None:
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


# --- What never reaches an operation --------------------------------------------------------------


def of_status(status: int) -> Problem:
    words = {
        HTTPStatus.BAD_REQUEST: ("bad_request", _("The request cannot be read.")),
        HTTPStatus.NOT_FOUND: ("not_found", _("There is nothing of yours here.")),
        HTTPStatus.METHOD_NOT_ALLOWED: (
            "method_not_allowed",
            _("This address does not take this method."),
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            "body_too_large",
            _("The body is longer than this service takes."),
        ),
    }
    code, detail = words.get(
        HTTPStatus(status), ("failed", _("The service has failed. Its operators are told."))
    )
    return Problem(status, code, detail)


def speak_json(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware: error pages that Django makes for an address of the API become problems."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = not response.get("Content-Type", "").startswith("application/")
        if not (is_page and request.path.startswith(ADDRESS_PREFIX)):
            return response
        if response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        told = answer(request, of_status(response.status_code))
        if "Allow" in response:
            told["Allow"] = response["Allow"]
        return told

    return handle

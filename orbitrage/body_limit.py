"""A request whose body is too long is refused before anything reads it."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MIB = 2**20


def refuse_long_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The last middleware: the first that reads the body is the check of the CSRF token, in front
    of the view."""

    def handle(request: HttpRequest) -> HttpResponse:
        announced, maximum = announced_bytes(request), settings.ORBITRAGE_BODY_MAXIMUM_BYTES
        if announced <= maximum:
            return get_response(request)
        figures = {"sent_mib": -(-announced // MIB), "maximum_mib": maximum // MIB}
        return render(request, "413.html", figures, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    return handle


def announced_bytes(request: HttpRequest) -> int:
    """As Django reads it: of a body without a length, nothing is read."""
    try:
        return int(request.META.get("CONTENT_LENGTH", 0))
    except (TypeError, ValueError):
        return 0

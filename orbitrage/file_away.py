"""The page where files cannot be read: the storage does not answer, and they are as they were."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from orbitrage.shared.documents.files import FileAway

logger = logging.getLogger(__name__)


class FileAwayMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, FileAway):
            return None
        logger.error("The storage does not answer: %s", exception.__cause__)
        response = render(request, "file_away.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
        response["Retry-After"] = "60"
        return response

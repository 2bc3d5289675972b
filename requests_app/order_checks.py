"""Whether what a request chooses can be ordered, whoever has chosen it."""

from datetime import date
from functools import partial

from orbitrage.shared.errors import Refusal
from requests_app.models import ImageryRequest
from requests_app.rules.order import OrderChoices, order_refusals
from requests_app.rules.window import Window, window_refusals


def choice_refusals(request: ImageryRequest, on: date) -> list[Refusal]:
    """Of its window and of the choices of its order, as asked for on that day."""
    window = Window(request.request_kind, request.window_starts_on, request.window_ends_on, on)
    order = OrderChoices.of(partial(getattr, request))
    return window_refusals(window) + order_refusals(order)

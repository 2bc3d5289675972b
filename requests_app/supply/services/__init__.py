"""What may be done here, one module per noun."""

from requests_app.supply.services.amendments import (
    amend_order,
    decline_amendment,
    propose_amendment,
)
from requests_app.supply.services.disputes import refund_part, retask, uphold_delivery
from requests_app.supply.services.ordering import (
    Product,
    close_window,
    fail,
    order,
    refund_to,
    register_delivery,
    send_order,
    settle,
    stop_order,
    supply_ends_on,
)
from requests_app.supply.services.windows import (
    choose_on_shortfall,
    end_window,
    extend_window,
    warn_of_shortfall,
)

__all__ = [
    "Product",
    "amend_order",
    "choose_on_shortfall",
    "close_window",
    "decline_amendment",
    "end_window",
    "extend_window",
    "fail",
    "order",
    "propose_amendment",
    "refund_part",
    "refund_to",
    "register_delivery",
    "retask",
    "send_order",
    "settle",
    "stop_order",
    "supply_ends_on",
    "uphold_delivery",
    "warn_of_shortfall",
]

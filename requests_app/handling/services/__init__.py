"""What may be done here, one module per noun."""

from requests_app.handling.services.files import assign, expedite, reroute
from requests_app.handling.services.people import (
    add_co_requester,
    leave_request,
    remove_co_requester,
    transfer_request,
)
from requests_app.handling.services.standing import review_standing

__all__ = [
    "add_co_requester",
    "assign",
    "expedite",
    "leave_request",
    "remove_co_requester",
    "reroute",
    "review_standing",
    "transfer_request",
]

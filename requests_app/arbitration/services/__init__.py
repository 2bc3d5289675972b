"""What may be done here, one module per noun."""

from requests_app.arbitration.services.deciding import (
    approve,
    defer,
    deferral_refusals,
    refuse,
    resume,
    return_to_review,
)
from requests_app.arbitration.services.offering import offer, withdraw_offer

__all__ = [
    "approve",
    "defer",
    "deferral_refusals",
    "offer",
    "refuse",
    "resume",
    "return_to_review",
    "withdraw_offer",
]

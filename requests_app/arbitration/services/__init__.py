"""What may be done here, one module per noun."""

from requests_app.arbitration.services.deciding import (
    approve,
    defer,
    deferral_refusals,
    refuse,
    resume,
    return_to_review,
)
from requests_app.arbitration.services.offering import Terms, offer, withdraw_offer
from requests_app.arbitration.services.rescission import (
    propose_rescission,
    reject_rescission,
    rescind,
)

__all__ = [
    "Terms",
    "approve",
    "defer",
    "deferral_refusals",
    "offer",
    "propose_rescission",
    "refuse",
    "reject_rescission",
    "rescind",
    "resume",
    "return_to_review",
    "withdraw_offer",
]

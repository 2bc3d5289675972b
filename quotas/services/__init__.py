from quotas.services.envelopes import (
    ensure_envelopes,
    ensure_programme_envelope,
    expire,
    grant,
    open_envelope,
    transfer,
)
from quotas.services.ledger import Amount, Cause, QuotaRefused, consume_more, hold
from quotas.services.quotations import (
    Issued,
    accept_quotation,
    close_quotation,
    issue_quotation,
)
from quotas.services.requests import (
    clear_demand,
    consume_request,
    hold_plan,
    record_demand,
    refund_request,
    release_request,
    take_again,
)

__all__ = [
    "Amount",
    "Cause",
    "Issued",
    "QuotaRefused",
    "accept_quotation",
    "clear_demand",
    "close_quotation",
    "consume_more",
    "consume_request",
    "ensure_envelopes",
    "ensure_programme_envelope",
    "expire",
    "grant",
    "hold",
    "hold_plan",
    "issue_quotation",
    "open_envelope",
    "record_demand",
    "refund_request",
    "release_request",
    "take_again",
    "transfer",
]

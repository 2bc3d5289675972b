from quotas.services.acts import confirm_act, propose_act, withdraw_act
from quotas.services.envelopes import (
    ensure_envelopes,
    ensure_programme_envelope,
    ensure_programme_envelopes,
    open_envelope,
)
from quotas.services.grants import convert, correct, expire, grant, reduce, transfer
from quotas.services.ledger import Amount, Cause, QuotaRefused, consume_more, hold
from quotas.services.periods import end_periods
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
    release_decision,
    release_request,
    take_again,
)
from quotas.services.revisions import (
    ProposedFigure,
    change_revision,
    draft_revision,
    how_it_ended,
    publish_revision,
    withdraw_revision,
)

__all__ = [
    "Amount",
    "Cause",
    "Issued",
    "ProposedFigure",
    "QuotaRefused",
    "accept_quotation",
    "change_revision",
    "clear_demand",
    "close_quotation",
    "confirm_act",
    "consume_more",
    "consume_request",
    "convert",
    "correct",
    "draft_revision",
    "end_periods",
    "ensure_envelopes",
    "ensure_programme_envelope",
    "ensure_programme_envelopes",
    "expire",
    "grant",
    "hold",
    "hold_plan",
    "how_it_ended",
    "issue_quotation",
    "open_envelope",
    "propose_act",
    "publish_revision",
    "record_demand",
    "reduce",
    "refund_request",
    "release_decision",
    "release_request",
    "take_again",
    "transfer",
    "withdraw_act",
    "withdraw_revision",
]

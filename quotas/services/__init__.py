from quotas.services.acts import (
    confirm_act,
    is_beyond_one_person,
    lines_of,
    propose_act,
    propose_grants,
    withdraw_act,
)
from quotas.services.again import TakenAgain, take_again
from quotas.services.corrections import correct
from quotas.services.envelopes import (
    ensure_envelopes,
    ensure_programme_envelope,
    ensure_programme_envelopes,
    open_envelope,
)
from quotas.services.grants import (
    convert,
    expire,
    grant,
    reduce,
    transfer,
)
from quotas.services.ledger import (
    Amount,
    Cause,
    QuotaRefused,
    consume_more,
    hold,
)
from quotas.services.packages import (
    accept_package,
    close_lapsed_packages,
    quote_package,
)
from quotas.services.periods import (
    end_periods,
)
from quotas.services.quotation_documents import (
    document_of,
    render_quotation,
)
from quotas.services.quotations import (
    Issued,
    accept_quotation,
    close_quotation,
    issue_quotation,
)
from quotas.services.references import (
    References,
    record_references,
)
from quotas.services.requests import (
    clear_demand,
    consume_request,
    hold_plan,
    record_demand,
    refund_request,
    release_decision,
    release_request,
)
from quotas.services.revisions import (
    ProposedFigure,
    change_revision,
    draft_revision,
    how_it_ended,
    publish_revision,
    withdraw_revision,
)
from quotas.services.thresholds import (
    tell_of_thresholds,
)

__all__ = [
    "Amount",
    "Cause",
    "Issued",
    "ProposedFigure",
    "QuotaRefused",
    "References",
    "TakenAgain",
    "accept_package",
    "accept_quotation",
    "change_revision",
    "clear_demand",
    "close_lapsed_packages",
    "close_quotation",
    "confirm_act",
    "consume_more",
    "consume_request",
    "convert",
    "correct",
    "document_of",
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
    "is_beyond_one_person",
    "issue_quotation",
    "lines_of",
    "open_envelope",
    "propose_act",
    "propose_grants",
    "publish_revision",
    "quote_package",
    "record_demand",
    "record_references",
    "reduce",
    "refund_request",
    "release_decision",
    "release_request",
    "render_quotation",
    "take_again",
    "tell_of_thresholds",
    "transfer",
    "withdraw_act",
    "withdraw_revision",
]

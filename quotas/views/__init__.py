from quotas.views.acts import act, act_list, confirm_act, withdraw_act
from quotas.views.envelopes import envelope_list, statement, statement_csv
from quotas.views.packages import packages
from quotas.views.quotations import (
    accept_package,
    quotation,
    quotation_list,
    quotation_pdf,
    record_references,
)
from quotas.views.revisions import (
    publish_revision,
    revision,
    revision_edit,
    revision_list,
    revision_new,
    withdraw_revision,
)

__all__ = [
    "accept_package",
    "act",
    "act_list",
    "confirm_act",
    "envelope_list",
    "packages",
    "publish_revision",
    "quotation",
    "quotation_list",
    "quotation_pdf",
    "record_references",
    "revision",
    "revision_edit",
    "revision_list",
    "revision_new",
    "statement",
    "statement_csv",
    "withdraw_act",
    "withdraw_revision",
]

from quotas.views.acts import act, act_list, confirm_act, withdraw_act
from quotas.views.envelopes import envelope_list, held
from quotas.views.grant_files import act_lines, apply_grants, grant_file, grant_template
from quotas.views.owners import cell_file, cell_statement, entity_file, entity_statement
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
from quotas.views.statements import statement, statement_file

__all__ = [
    "accept_package",
    "act",
    "act_lines",
    "act_list",
    "apply_grants",
    "cell_file",
    "cell_statement",
    "confirm_act",
    "entity_file",
    "entity_statement",
    "envelope_list",
    "grant_file",
    "grant_template",
    "held",
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
    "statement_file",
    "withdraw_act",
    "withdraw_revision",
]

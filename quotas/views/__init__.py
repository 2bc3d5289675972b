from quotas.views.acts import act, act_list, confirm_act, withdraw_act
from quotas.views.envelopes import envelope_list, statement, statement_csv

__all__ = [
    "act",
    "act_list",
    "confirm_act",
    "envelope_list",
    "statement",
    "statement_csv",
    "withdraw_act",
]

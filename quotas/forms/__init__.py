from quotas.forms.acts import ACT_FORMS
from quotas.forms.envelopes import PeriodFilter, StatementFilter

__all__ = ["ACT_FORMS", "PeriodFilter", "StatementFilter"]

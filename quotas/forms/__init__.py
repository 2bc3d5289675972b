from quotas.forms.acts import ACT_FORMS
from quotas.forms.envelopes import PeriodFilter, StatementFilter
from quotas.forms.quotations import AcceptPackageForm, PackageForm, ReferencesForm
from quotas.forms.revisions import RevisionForm, VersionForm

__all__ = [
    "ACT_FORMS",
    "AcceptPackageForm",
    "PackageForm",
    "PeriodFilter",
    "ReferencesForm",
    "RevisionForm",
    "StatementFilter",
    "VersionForm",
]

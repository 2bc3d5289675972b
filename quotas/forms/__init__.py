from quotas.forms.acts import (
    ACT_FORMS,
)
from quotas.forms.envelopes import (
    PeriodFilter,
    StatementAtFilter,
    StatementFilter,
)
from quotas.forms.grant_files import (
    GrantFileForm,
)
from quotas.forms.quotations import (
    AcceptPackageForm,
    PackageForm,
    ReferencesForm,
)
from quotas.forms.revisions import (
    RevisionForm,
    VersionForm,
)

__all__ = [
    "ACT_FORMS",
    "AcceptPackageForm",
    "GrantFileForm",
    "PackageForm",
    "PeriodFilter",
    "ReferencesForm",
    "RevisionForm",
    "StatementAtFilter",
    "StatementFilter",
    "VersionForm",
]

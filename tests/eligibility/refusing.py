"""What tests of services say in the same words."""

import pytest

from eligibility.services import EligibilityRefused


def refused(service, **arguments):
    """The codes of the refusal; nothing else may be raised."""
    with pytest.raises(EligibilityRefused) as refusal:
        service(**arguments)
    return refusal.value.codes


def codes(refusals) -> list[str]:
    return [refusal.code for refusal in refusals]

"""What a review must be. Pure: values in, a refusal or None out."""

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal


def not_proposed_yet(*, is_proposed: bool) -> Refusal | None:
    if not is_proposed:
        return None
    message = _("It is proposed already to refuse this file: an arbitrator decides.")
    return Refusal("inadmissible_proposed", message)


def nationality_is_to_review(*, is_needed: bool, is_done: bool, sensor: str) -> Refusal | None:
    if not is_needed:
        message = _("%(sensor)s asks for no review of the users' nationality.")
        return Refusal("nationality_review_not_needed", message % {"sensor": sensor})
    if is_done:
        message = _("The review of the users' nationality is closed already.")
        return Refusal("nationality_review_closed", message)
    return None


def file_is_not_anothers(*, holder: str | None) -> Refusal | None:
    """``holder``: the other reviewer to whom the chair gave the file, if there is one."""
    if holder is None:
        return None
    message = _("The chair gave this file to %(person)s.")
    return Refusal("given_to_another", message % {"person": holder})

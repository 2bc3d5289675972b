"""What ``workflow.py`` declares of each transition, by its name."""

from django.utils.translation import gettext_lazy as _
from django_fsm import Transition

from requests_app.models import ImageryRequest
from requests_app.permissions import AllowedTo
from requests_app.states import State
from requests_app.workflow import Words

TRANSITIONS: dict[str, Transition] = {
    found.name: found for found in ImageryRequest(state=State.DRAFT).get_all_state_transitions()
}
WORDS: dict[str, Words] = {name: found.custom for name, found in TRANSITIONS.items()} | {
    "remind": {"sentence": _("A reminder was sent"), "tone": ""},
    "sign_licence": {"sentence": _("The licence was signed"), "tone": "positive"},
}
"""Of each transition, and of what is recorded as one and moves nothing."""


def allowed_to(name: str) -> AllowedTo:
    permission = TRANSITIONS[name].permission
    assert isinstance(permission, AllowedTo)
    return permission

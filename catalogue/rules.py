"""What may be written as the audience of an image: pure functions on values."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from orbitrage.shared.errors import Refusal

OPEN = "open"
MEMBER = "member"
LICENCE_PREFIX = "licence:"
ENTITY_PREFIX = "entity:"

_KEY = re.compile(r"open|member|licence:[a-z0-9][a-z0-9_-]{0,59}|entity:[1-9][0-9]{0,17}")


def audience_refusals(keys: Iterable[str]) -> list[Refusal]:
    """Every reason why these keys cannot be an image's audience; none when they can."""
    keys = list(keys)
    if not keys:
        return [
            Refusal("audience_empty", _("The image has no audience: nobody could download it."))
        ]
    return [
        Refusal(
            "audience_unknown",
            _("“%(key)s” is not an audience: use open, member, licence:<kind> or entity:<number>.")
            % {"key": key},
        )
        for key in keys
        if not _KEY.fullmatch(key)
    ]


def mission_refusal(mission: str, mission_codes: Iterable[str], sensor_name: str) -> Refusal | None:
    if mission in mission_codes:
        return None
    return Refusal(
        "sensor_mismatch",
        _("The image was taken by %(mission)s, which is not a satellite of %(sensor)s.")
        % {"mission": mission, "sensor": sensor_name},
    )


def conflict_refusal(identifier: str, stored_sha256: str, offered_sha256: str) -> Refusal | None:
    if stored_sha256 == offered_sha256:
        return None
    return Refusal(
        "identifier_conflict",
        _(
            "%(identifier)s is already in the catalogue with another content "
            "(%(stored)s… there, %(offered)s… here)."
        )
        % {
            "identifier": identifier,
            "stored": stored_sha256[:12],
            "offered": offered_sha256[:12],
        },
    )

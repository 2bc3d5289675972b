"""How people are told, and what they do about it. Each function is one transaction, but for those
that send a mail once theirs is done."""

from notices.services.copies import (
    confirm_copy,
    copy_entity_to,
    copy_request_to,
    end_copy,
    stop_copy,
)
from notices.services.delivering import choose_deliveries, deliver
from notices.services.digests import gather_digests
from notices.services.reading import forget_old_notices, mark_all_read, mark_read

__all__ = [
    "choose_deliveries",
    "confirm_copy",
    "copy_entity_to",
    "copy_request_to",
    "deliver",
    "end_copy",
    "forget_old_notices",
    "gather_digests",
    "mark_all_read",
    "mark_read",
    "stop_copy",
]

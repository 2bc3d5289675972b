"""What the person who asks can do."""

from requests_app.intake.services.areas import (
    keep_area,
    keep_area_of_request,
    keep_drawn_area,
    keep_places,
    keep_remaining,
    keep_tile,
    keep_typed_area,
    swap_axes,
)
from requests_app.intake.services.drafts import (
    AREA_FIELDS,
    ChangedElsewhere,
    CoRequesterRefused,
    copy,
    create_draft,
    draft_of,
    take_answers,
    update_draft,
)
from requests_app.intake.services.licences import follow_renewal, follow_signature
from requests_app.intake.services.once import copy_once, send_form
from requests_app.intake.services.submission import (
    answer,
    cancel,
    lapse,
    recall,
    submit,
    submit_open_data,
)
from requests_app.intake.services.unfinished import (
    FormRefused,
    Typed,
    forget_form,
    forget_old_forms,
    keep_form,
)

__all__ = [
    "AREA_FIELDS",
    "ChangedElsewhere",
    "CoRequesterRefused",
    "FormRefused",
    "Typed",
    "answer",
    "cancel",
    "copy",
    "copy_once",
    "create_draft",
    "draft_of",
    "follow_renewal",
    "follow_signature",
    "forget_form",
    "forget_old_forms",
    "keep_area",
    "keep_area_of_request",
    "keep_drawn_area",
    "keep_form",
    "keep_places",
    "keep_remaining",
    "keep_tile",
    "keep_typed_area",
    "lapse",
    "recall",
    "send_form",
    "submit",
    "submit_open_data",
    "swap_axes",
    "take_answers",
    "update_draft",
]

from requests_app.views.area import places, read_area
from requests_app.views.choices import choices
from requests_app.views.copying import copy
from requests_app.views.form import edit, new
from requests_app.views.lists import list_file, queue, request_index
from requests_app.views.messages import attachment, messages_page
from requests_app.views.moves import move
from requests_app.views.open_data import open_data
from requests_app.views.panel import (
    panel,
    panel_of_change,
    take_remaining,
    take_remaining_of_change,
)
from requests_app.views.reading import detail, explanation, order_area
from requests_app.views.unfinished import give_up_form, keep_form

__all__ = [
    "attachment",
    "choices",
    "copy",
    "detail",
    "edit",
    "explanation",
    "give_up_form",
    "keep_form",
    "list_file",
    "messages_page",
    "move",
    "new",
    "open_data",
    "order_area",
    "panel",
    "panel_of_change",
    "places",
    "queue",
    "read_area",
    "request_index",
    "take_remaining",
    "take_remaining_of_change",
]

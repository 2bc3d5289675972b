from requests_app.views.area import places, read_area
from requests_app.views.drafting import copy
from requests_app.views.form import choices, edit, new
from requests_app.views.lists import list_file, queue, request_index
from requests_app.views.moves import move
from requests_app.views.panel import panel, panel_of_change, rest, rest_of_change
from requests_app.views.reading import detail, explanation, order_area
from requests_app.views.thread import attachment, thread
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
    "move",
    "new",
    "order_area",
    "panel",
    "panel_of_change",
    "places",
    "queue",
    "read_area",
    "request_index",
    "rest",
    "rest_of_change",
    "thread",
]

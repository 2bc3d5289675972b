"""Requests over JSON. ``orbitrage.api`` mounts the routers.

What is found starts from ``visible_to``, what is sent goes through the forms of the pages, and what
is done is done by the same services.
"""

from requests_app.api.areas import router as areas
from requests_app.api.drafting import router as requests
from requests_app.api.messages import router as messages
from requests_app.api.moves import router as moves
from requests_app.api.panel import router as panel
from requests_app.api.revisions import router as revisions

ROUTERS = (areas, requests, panel, moves, messages, revisions)

__all__ = ["ROUTERS"]

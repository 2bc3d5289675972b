"""Requests over JSON. Each module has a router; ``orbitrage.api`` mounts them.

What is found starts from ``visible_to``, what is sent goes through the forms of the pages, and what
is done is done by the same services.
"""

from requests_app.api.areas import router as areas
from requests_app.api.drafting import router as drafting
from requests_app.api.moves import router as moves
from requests_app.api.reading import router as reading

ROUTERS = (areas, reading, drafting, moves)

__all__ = ["ROUTERS"]

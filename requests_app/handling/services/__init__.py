"""What may be done here, one module per noun."""

from requests_app.handling.services.files import assign, expedite, reroute

__all__ = ["assign", "expedite", "reroute"]

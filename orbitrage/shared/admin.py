from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Before a ModelAdmin or an inline: it shows its rows, and services alone write them."""

    # Any: each administration has its own model, and passes its rows here.
    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

from typing import Any

from django.contrib.gis import admin
from django.http import HttpRequest

from catalogue.models import Item


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin[Item]):
    """To look at: images come in by their metadata, and only so."""

    list_display = ("identifier", "sensor", "mission", "acquired_at", "audience", "request_number")
    list_filter = ("sensor", "mission")
    list_select_related = ("sensor",)
    search_fields = ("identifier", "request_number")
    date_hierarchy = "acquired_at"
    exclude = ("footprint",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

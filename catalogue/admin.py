from django.contrib.gis import admin

from catalogue.models import Item
from orbitrage.shared.admin import ReadOnly


@admin.register(Item)
class ItemAdmin(ReadOnly, admin.ModelAdmin[Item]):
    """To look at: images come in by their metadata, and only so."""

    list_display = ("identifier", "sensor", "mission", "acquired_at", "audience", "request_numbers")
    list_filter = ("sensor", "mission")
    list_select_related = ("sensor",)
    search_fields = ("identifier", "request_numbers")
    date_hierarchy = "acquired_at"
    exclude = ("footprint",)

"""To look at: licences are given and taken back by services alone."""

from django.contrib import admin

from licences.models import Licence, LicenceFile
from orbitrage.shared.admin import ReadOnly


class LicenceFileInline(ReadOnly, admin.StackedInline):
    model = LicenceFile
    extra = 0


@admin.register(Licence)
class LicenceAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("number", "entity", "request_number", "state", "issued_at")
    list_filter = ("state", "kind", "year")
    search_fields = ("number", "request_number", "entity__name")
    list_select_related = ("entity",)
    exclude = ("check_code",)
    inlines = (LicenceFileInline,)

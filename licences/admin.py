from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from licences.models import Licence, LicenceFile


class ReadOnly:
    """The administration looks; licences are given and taken back by services alone."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


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

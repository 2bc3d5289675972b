from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orbitrage.shared import outbox
from orbitrage.shared.admin import ReadOnly
from orbitrage.shared.models import OutboxMessage, OutboxState


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly, admin.ModelAdmin[OutboxMessage]):
    """What is not done, to look at; what was given up can be tried again."""

    list_display = ("key", "topic", "state", "attempts", "created_at", "not_before", "last_error")
    list_filter = ("state", "topic")
    search_fields = ("key", "stream")
    # The payload of a contact message is what somebody wrote, with their name and address.
    exclude = ("payload", "lease_token")
    actions = ("try_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        return super().get_queryset(request).exclude(state=OutboxState.DONE)

    def has_revive_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("shared.change_outboxmessage")

    @admin.action(description=gettext_lazy("Try again what was given up"), permissions=["revive"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        revived = sum(outbox.revive(message.pk) for message in chosen)
        self.message_user(request, _("Messages that are tried again: %s") % revived)

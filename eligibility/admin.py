"""To look, and to prepare policy to come. Nothing in force is edited here, and nobody is moved."""

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import (
    Affiliation,
    Cell,
    CellMember,
    EligibilityRule,
    Entity,
    Mandate,
    Membership,
    Parameter,
    PolicyRow,
    ProgrammeRole,
    RoutingRule,
    Sensor,
    Terms,
    TermsAcceptance,
    User,
    UserCategory,
)
from eligibility.selectors import actor_of
from orbitrage.shared.admin import ReadOnly

Row = TypeVar("Row", bound=models.Model)
Policy = TypeVar("Policy", bound=PolicyRow)

admin.site.unregister(Group)


class LookAdmin(ReadOnly, admin.ModelAdmin[Row]):
    """Staff may read; writing goes through the pages and their services."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, _obj: Row | None = None) -> bool:
        return request.user.is_staff


class PolicyAdmin(LookAdmin[Policy]):
    """The secretariat adds rows to come and corrects them until their day; then they stand."""

    list_filter = ["is_example"]

    def has_add_permission(self, request: HttpRequest, _obj: Policy | None = None) -> bool:
        return actor_of(request.user).is_secretariat

    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        is_to_come = obj is not None and obj.valid_from > timezone.localdate()
        return is_to_come and actor_of(request.user).is_secretariat

    def has_delete_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_form(self, *args: Any, **kwargs: Any) -> Any:  # what Django declares
        form = super().get_form(*args, **kwargs)
        field = form.base_fields.get("valid_from")
        if field is not None:
            field.validators = [*field.validators, _is_to_come]
        return form


def _is_to_come(valid_from: Any) -> None:  # a validator's value
    if valid_from <= timezone.localdate():
        raise ValidationError(
            _("A new row begins after today: what is in force is not rewritten."),
            code="in_force",
        )


@admin.register(User)
class UserAdmin(LookAdmin[User]):
    list_display = ["full_name", "email", "is_active", "is_staff", "created_at"]
    search_fields = ["full_name", "email"]
    exclude = ["password", "groups", "user_permissions"]


@admin.register(Entity)
class EntityAdmin(LookAdmin[Entity]):
    list_display = ["name", "acronym", "category", "city", "country"]
    list_select_related = ["category"]
    search_fields = ["name", "acronym", "siret"]
    list_filter = ["category"]
    exclude = ["territory", "territory_set_by"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Affiliation)
class AffiliationAdmin(LookAdmin[Affiliation]):
    list_display = ["user", "entity", "role", "since", "until"]
    list_select_related = ["user", "entity"]
    list_filter = ["role"]


@admin.register(Membership)
class MembershipAdmin(LookAdmin[Membership]):
    list_display = ["entity", "starts_on", "ends_on", "suspended_on"]
    list_select_related = ["entity"]


@admin.register(Mandate)
class MandateAdmin(LookAdmin[Mandate]):
    list_display = ["contract_reference", "contractor", "principal", "starts_on", "ends_on"]
    list_select_related = ["contractor", "principal"]


@admin.register(ProgrammeRole)
class ProgrammeRoleAdmin(LookAdmin[ProgrammeRole]):
    list_display = ["user", "role", "since", "until"]
    list_select_related = ["user"]


@admin.register(CellMember)
class CellMemberAdmin(LookAdmin[CellMember]):
    list_display = ["user", "cell", "role", "since", "until"]
    list_select_related = ["user", "cell"]
    list_filter = ["cell", "role"]


@admin.register(TermsAcceptance)
class TermsAcceptanceAdmin(LookAdmin[TermsAcceptance]):
    list_display = ["terms", "entity", "user", "accepted_at"]
    list_select_related = ["terms", "entity", "user"]


@admin.register(Sensor)
class SensorAdmin(PolicyAdmin[Sensor]):
    list_display = ["name", "operator", "policy", "is_offered", "valid_from", "is_example"]


@admin.register(UserCategory)
class UserCategoryAdmin(PolicyAdmin[UserCategory]):
    list_display = ["code", "name_fr", "is_scientific", "valid_from", "is_example"]


@admin.register(Cell)
class CellAdmin(PolicyAdmin[Cell]):
    list_display = ["code", "name_fr", "email", "decision_delay_days", "valid_from", "is_example"]


@admin.register(RoutingRule)
class RoutingRuleAdmin(PolicyAdmin[RoutingRule]):
    list_display = ["rank", "sensor", "is_scientific", "cell", "valid_from", "is_example"]
    list_select_related = ["sensor", "cell"]


@admin.register(EligibilityRule)
class EligibilityRuleAdmin(PolicyAdmin[EligibilityRule]):
    list_display = ["code", "category", "sensor", "request_kind", "answer", "valid_from"]
    list_select_related = ["category", "sensor"]
    list_filter = ["answer", "sensor", "is_example"]


@admin.register(Parameter)
class ParameterAdmin(PolicyAdmin[Parameter]):
    list_display = ["code", "amount", "unit", "valid_from", "is_example"]


@admin.register(Terms)
class TermsAdmin(PolicyAdmin[Terms]):
    list_display = ["kind", "version", "valid_from", "is_example"]

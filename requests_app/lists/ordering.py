"""The order of a list, and where in it a page begins."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from requests_app.models import ImageryRequest, ImageryRequestQuerySet

SORT_COLUMNS = {
    "number": "pk",
    "title": "title",
    "area": "area_km2",
    "submitted": "submitted_at",
    "due": "due_on",
}
"""Each stands in an index, whole."""


@dataclass(frozen=True)
class Ordering:
    """By one column, then by age: no two requests stand at the same place. What has no value in the
    column stands last when values rise, first when they fall."""

    key: str = "number"
    is_falling: bool = True

    @classmethod
    def of(cls, text: str) -> Ordering:
        """``text`` is a key of ``SORT_COLUMNS``, after a minus when values fall."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        """As the address of a list has it: nothing for the usual one."""
        if self == NEWEST_FIRST:
            return ""
        return f"-{self.key}" if self.is_falling else self.key

    @property
    def turned(self) -> Ordering:
        return Ordering(self.key, not self.is_falling)

    @property
    def column(self) -> str:
        return SORT_COLUMNS[self.key]

    def sort(self, rows: ImageryRequestQuerySet) -> ImageryRequestQuerySet:
        sign = "-" if self.is_falling else ""
        # Twice the same column would be an order that no index has.
        columns = dict.fromkeys((self.column, "pk"))
        return rows.order_by(*(f"{sign}{column}" for column in columns))

    def beyond(self, last: ImageryRequest) -> Q:
        """What stands after ``last``."""
        further = "lt" if self.is_falling else "gt"
        is_further = Q((f"pk__{further}", last.pk))
        if self.column == "pk":
            return is_further
        value = getattr(last, self.column)
        if value is None:
            return self._beyond_one_without_value(is_further)
        beyond = Q((f"{self.column}__{further}e", value)) & ~(Q((self.column, value)) & ~is_further)
        is_nullable = ImageryRequest._meta.get_field(self.column).null  # noqa: SLF001 - a public API
        if self.is_falling or not is_nullable:
            return beyond
        return beyond | self._has_no_value

    def _beyond_one_without_value(self, is_further: Q) -> Q:
        beyond = self._has_no_value & is_further
        return beyond | ~self._has_no_value if self.is_falling else beyond

    @property
    def _has_no_value(self) -> Q:
        return Q((f"{self.column}__isnull", True))


NEWEST_FIRST = Ordering()

"""Policy files into policy rows.

A file is TOML: dates are dates, a row may carry a comment, the standard library reads it, and the
licence kinds use it too. `[defaults]` fills what a row does not say; `[[sensor]]` and the like are
the rows, and a reference to another row is its code. A row is found by its natural key. What is in
force is never overwritten: a difference is reported with both values and left alone.
"""

import datetime as dt
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import (
    Cell,
    EligibilityRule,
    Parameter,
    RoutingRule,
    Sensor,
    Terms,
    UserCategory,
)
from orbitrage.shared.errors import DomainError, Refusal

DEFAULTS = "defaults"


class PolicyFileRefused(DomainError):
    pass


def _never(_row: models.Model) -> bool:
    return False


def _nothing(_values: Mapping[str, Any]) -> Refusal | None:
    return None


@dataclass(frozen=True)
class PolicyKind:
    """How the rows of one table are known: `key` names the fields that tell one from another.
    A row to come that `is_kept` is not corrected either: a file is not what it came from. What
    `refuses` its values, before they are written, says so with their figures."""

    table: str
    model: type[models.Model]
    key: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)  # field → key field when not "code"
    is_kept: Callable[[models.Model], bool] = _never
    refuses: Callable[[Mapping[str, Any]], Refusal | None] = _nothing


KINDS: tuple[PolicyKind, ...] = (
    PolicyKind("sensor", Sensor, ("code",)),
    PolicyKind("user_category", UserCategory, ("code",)),
    PolicyKind("cell", Cell, ("code",)),
    PolicyKind("routing_rule", RoutingRule, ("sensor", "is_scientific", "valid_from")),
    PolicyKind(
        "eligibility_rule", EligibilityRule, ("category", "sensor", "request_kind", "valid_from")
    ),
    PolicyKind("parameter", Parameter, ("code", "valid_from")),
    PolicyKind("terms", Terms, ("kind", "version")),
)


@dataclass(frozen=True)
class Difference:
    row: str
    field: str
    in_database: str
    in_file: str


@dataclass
class LoadReport:
    added: list[str] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    unchanged: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True)
class FileRow:
    file: str
    table: str
    values: Mapping[str, Any]


def read_policy(folder: Path) -> list[FileRow]:
    """Every row of every file of the folder, its defaults filled in."""
    rows: list[FileRow] = []
    for path in sorted(folder.glob("*.toml")):
        rows += read_file(path)
    if not rows:
        raise _refused(_("%(folder)s holds no policy file.") % {"folder": folder})
    return rows


def read_file(path: Path) -> list[FileRow]:
    """Raises PolicyFileRefused."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused(f"{path.name}: {error}") from error
    defaults = content.pop(DEFAULTS, {})
    return [
        FileRow(path.name, table, {**_applying(defaults, table), **row})
        for table, rows in content.items()
        for row in rows
    ]


def _applying(defaults: Mapping[str, Any], table: str) -> dict[str, Any]:
    """Those for all tables of the file, then those under `[defaults.<table>]`."""
    common = {name: value for name, value in defaults.items() if not isinstance(value, dict)}
    return {**common, **defaults.get(table, {})}


@transaction.atomic
def load_rows(rows: Sequence[FileRow], kinds: Iterable[PolicyKind] = KINDS) -> LoadReport:
    """All or nothing, in the order of the kinds. Raises PolicyFileRefused."""
    kinds = tuple(kinds)
    known = {kind.table for kind in kinds}
    for row in rows:
        if row.table not in known:
            raise _refused(
                _("%(file)s: there is no table “%(table)s”.")
                % {"file": row.file, "table": row.table}
            )
    report = LoadReport()
    for kind in kinds:
        table = _Table(kind)
        for row in rows:
            if row.table == kind.table:
                _load(table, row, report)
    return report


class _Table:
    """The rows of one kind by their natural key, and those they refer to: each read once."""

    def __init__(self, kind: PolicyKind) -> None:
        self.kind = kind
        known = _manager(kind.model).select_related(*self._references()).order_by("-pk")
        self.rows = {self._key_of(row): row for row in known}
        self._named: dict[str, dict[Any, models.Model]] = {}

    def find(self, key: Mapping[str, Any]) -> models.Model | None:
        return self.rows.get(tuple(getattr(value, "pk", value) for value in key.values()))

    def add(self, values: Mapping[str, Any]) -> None:
        row = _manager(self.kind.model).create(**values)
        self.rows[self._key_of(row)] = row

    def referred(self, column: "models.ForeignKey[Any, Any]", name: Any) -> models.Model | None:
        """The row of another table that is called so, by its code or what stands for it."""
        by = self.kind.references.get(column.name, "code")
        if column.name not in self._named:
            others = _manager(column.related_model).order_by("-pk")
            self._named[column.name] = {getattr(other, by): other for other in others}
        return self._named[column.name].get(name)

    def _references(self) -> list[str]:
        fields = (self.kind.model._meta.get_field(name) for name in self.kind.key)  # noqa: SLF001 — Django's documented name
        return [field.name for field in fields if isinstance(field, models.ForeignKey)]

    def _key_of(self, row: models.Model) -> tuple[Any, ...]:
        values = (getattr(row, name) for name in self.kind.key)
        return tuple(getattr(value, "pk", value) for value in values)


def _manager(model: type[models.Model]) -> "models.Manager[Any]":
    return model._default_manager  # noqa: SLF001 — public API


def _load(table: _Table, row: FileRow, report: LoadReport) -> None:
    kind = table.kind
    values = {name: _value(table, row, name, value) for name, value in row.values.items()}
    key = {name: values.get(name, _default(kind, name)) for name in kind.key}
    label = f"{kind.table} {_shown(list(key.values()))}"
    if refused := kind.refuses(values):
        raise PolicyFileRefused(Refusal(refused.code, f"{row.file}: {label}: {refused.message}"))
    existing = table.find(key)
    if existing is None:
        table.add(values)
        report.added.append(label)
        return
    changed = {n: v for n, v in values.items() if getattr(existing, n) != v}
    if not changed:
        report.unchanged += 1
    elif _is_to_come(existing) and not kind.is_kept(existing):
        _correct(existing, changed)
        report.corrected.append(label)
    else:
        report.differences += [
            Difference(label, name, _shown(getattr(existing, name)), _shown(value))
            for name, value in changed.items()
        ]


def _default(kind: PolicyKind, name: str) -> Any:  # any column's value
    column = kind.model._meta.get_field(name)  # noqa: SLF001 — Django's documented name
    return column.get_default() if isinstance(column, models.Field) else None


def _is_to_come(row: models.Model) -> bool:
    valid_from = getattr(row, "valid_from", None)
    return isinstance(valid_from, dt.date) and valid_from > timezone.localdate()


def _correct(row: models.Model, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))


def _value(table: _Table, row: FileRow, name: str, value: Any) -> Any:  # any TOML value
    kind = table.kind
    try:
        column = kind.model._meta.get_field(name)  # noqa: SLF001 — Django's documented name
    except FieldDoesNotExist as error:
        raise _refused(f"{row.file}: {kind.table}.{name}?") from error
    if isinstance(column, models.DecimalField):
        return Decimal(value)
    if not isinstance(column, models.ForeignKey):
        return value
    found = table.referred(column, value)
    if found is None:
        noun = column.related_model._meta.verbose_name  # noqa: SLF001 — documented
        raise _refused(
            _("%(file)s: no %(noun)s is called “%(name)s”.")
            % {"file": row.file, "noun": noun, "name": value}
        )
    return found


def _shown(value: Any) -> str:  # any column's value
    if isinstance(value, list | tuple):
        return " · ".join(_shown(each) for each in value if each not in (None, ""))
    if isinstance(value, models.Model):
        return str(getattr(value, "code", value))
    return "—" if value is None else str(value)


def _refused(message: str) -> PolicyFileRefused:
    return PolicyFileRefused(Refusal("policy_file_refused", message))

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
        for row in rows:
            if row.table == kind.table:
                _load(kind, row, report)
    return report


def _load(kind: PolicyKind, row: FileRow, report: LoadReport) -> None:
    values = {name: _value(kind, row, name, value) for name, value in row.values.items()}
    key = {name: values.get(name, _default(kind, name)) for name in kind.key}
    label = f"{kind.table} {_shown(list(key.values()))}"
    if refused := kind.refuses(values):
        raise PolicyFileRefused(Refusal(refused.code, f"{row.file}: {label}: {refused.message}"))
    existing = kind.model._default_manager.filter(_same(key)).first()  # noqa: SLF001 — public API
    if existing is None:
        kind.model._default_manager.create(**values)  # noqa: SLF001 — public API
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


def _same(key: Mapping[str, Any]) -> models.Q:
    conditions = models.Q()
    for name, value in key.items():
        conditions &= (
            models.Q(**{f"{name}__isnull": True}) if value is None else models.Q(**{name: value})
        )
    return conditions


def _is_to_come(row: models.Model) -> bool:
    valid_from = getattr(row, "valid_from", None)
    return isinstance(valid_from, dt.date) and valid_from > timezone.localdate()


def _correct(row: models.Model, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))


def _value(kind: PolicyKind, row: FileRow, name: str, value: Any) -> Any:  # any TOML value
    try:
        column = kind.model._meta.get_field(name)  # noqa: SLF001 — Django's documented name
    except FieldDoesNotExist as error:
        raise _refused(f"{row.file}: {kind.table}.{name}?") from error
    if isinstance(column, models.ForeignKey):
        return _referred(column, row, kind.references.get(name, "code"), value)
    if isinstance(column, models.DecimalField):
        return Decimal(value)
    return value


def _referred(
    column: "models.ForeignKey[Any, Any]", row: FileRow, by: str, value: str
) -> models.Model:
    target: type[models.Model] = column.related_model
    found = target._default_manager.filter(**{by: value}).first()  # noqa: SLF001 — public API
    if found is None:
        raise _refused(
            _("%(file)s: no %(noun)s is called “%(name)s”.")
            % {"file": row.file, "noun": target._meta.verbose_name, "name": value}  # noqa: SLF001
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

"""The pages of ``docs/`` that are made from the code and from the policy files."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from eligibility.policy_loading import FileRow, read_policy
from requests_app.models import ImageryRequest
from requests_app.permissions import ROLES, AllowedTo
from requests_app.states import FINAL_STATES, WHO_MUST_ACT, State
from requests_app.workflow import RequestWorkflow

HEADING = "<!-- Made by `manage.py write_docs`. Do not edit. -->\n\n"
DECLARED_IN = (
    "Declared once, in `requests_app/workflow.py`. The database refuses a change of state"
    " without its transition record."
)
EVERY_FIGURE = (
    "Every figure is a row with a date and a source that an administrator replaces by a later"
    " row. *Example* marks what nobody published."
)
PLAIN = ("valid_from", "source", "is_example")


def generated_pages() -> dict[Path, str]:
    """Content of each generated page, by its path."""
    docs = Path(settings.BASE_DIR) / "docs"
    with translation.override("en"):
        return {
            docs / "workflow.md": HEADING + workflow_page(),
            docs / "policy.md": HEADING + policy_page(),
        }


# -- the workflow ------------------------------------------------------------------------------


def workflow_page() -> str:
    declared = _declared()
    moves = [move for move in declared if move.target is not None]
    acts = [move for move in declared if move.target is None]
    parts = [
        "# The life of a request",
        DECLARED_IN,
        "```mermaid\n" + _diagram(moves) + "\n```",
        "## States",
        _table(("state", "label", "who must act"), _states()),
        "## Transitions",
        _table(
            ("transition", "label", "from", "to", "who", "quota and effects"),
            [_row(move) for move in moves],
        ),
        "## Recorded, without a change of state",
        _table(("act", "label", "in", "who", "quota and effects"), _acts(acts)),
    ]
    return "\n\n".join(parts) + "\n"


def _declared() -> list[Any]:
    """One entry per transition and source, in the order of the workflow's declaration."""
    request = ImageryRequest(state=State.DRAFT)
    order = {state: index for index, state in enumerate(State.values)}
    names = list(RequestWorkflow.__dict__)
    return sorted(
        request.get_all_state_transitions(),
        key=lambda move: (names.index(move.name), order[move.source]),
    )


def _targets(move: Any) -> list[str]:
    return [str(state) for state in getattr(move.target, "allowed_states", [move.target])]


def _diagram(moves: list[Any]) -> str:
    lines = ["stateDiagram-v2", f"    [*] --> {State.DRAFT}"]
    for move in moves:
        if move.name in ("import_request", "cancel", "lapse"):
            continue
        lines += [f"    {move.source} --> {target}: {move.name}" for target in _targets(move)]
    lines += [f"    {state} --> [*]" for state in State.values if state in FINAL_STATES]
    note = "cancel: every state before ordered. lapse: draft, information_requested, offered,"
    return "\n".join([*lines, f"    note right of {State.DRAFT}: {note} approved."])


def _states() -> list[tuple[str, ...]]:
    return [
        (f"`{state.value}`", str(state.label), WHO_MUST_ACT.get(state, "nobody: final"))
        for state in State
    ]


def _acts(acts: list[Any]) -> list[tuple[str, ...]]:
    """One row for each act, whatever the states in which it is recorded."""
    by_name = {name: list(found) for name, found in groupby(acts, key=lambda act: act.name)}
    return [
        (
            f"`{name}`",
            str(found[0].custom["label"]),
            ", ".join(f"`{act.source}`" for act in found),
            _who(found[0]),
            str(found[0].custom["effect"]) or "—",
        )
        for name, found in by_name.items()
    ]


def _who(move: Any) -> str:
    permission: AllowedTo = move.permission
    return "; ".join(str(ROLES[role][0]) for role in permission.roles)


def _row(move: Any) -> tuple[str, ...]:
    targets = _targets(move)
    return (
        f"`{move.name}`",
        str(move.custom["label"]),
        f"`{move.source}`",
        "any" if len(targets) == len(State) else ", ".join(f"`{target}`" for target in targets),
        _who(move),
        str(move.custom["effect"]) or "—",
    )


# -- the policy --------------------------------------------------------------------------------


def policy_page() -> str:
    rows = read_policy(Path(settings.BASE_DIR) / "fixtures" / "policy")
    tables = dict.fromkeys(row.table for row in rows)
    parts = [
        "# Policy as shipped",
        EVERY_FIGURE,
    ]
    for table in tables:
        found = [row for row in rows if row.table == table]
        parts += [f"## {table.replace('_', ' ').capitalize()}", _policy_table(found)]
    return "\n\n".join(parts) + "\n"


def _policy_table(rows: list[FileRow]) -> str:
    names = [
        name
        for name in dict.fromkeys(name for row in rows for name in row.values)
        if name not in PLAIN and not name.startswith("text_")
    ]
    heading = (*(name.replace("_", " ") for name in names), "valid from", "source")
    body = [(*(_shown(row.values.get(name)) for name in names), *_origin(row)) for row in rows]
    return _table(heading, body)


def _origin(row: FileRow) -> tuple[str, str]:
    mark = " *(example)*" if row.values.get("is_example") else ""
    return _shown(row.values.get("valid_from")), _shown(row.values.get("source")) + mark


def _shown(value: object) -> str:
    match value:
        case None | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_shown(each) for each in value)
        case dict():
            return str(value.get("url", "; ".join(_shown(each) for each in value.values())))
        case _:
            return str(value).strip().replace("|", "\\|").replace("\n", " ")


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(heading)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

"""The words of the kinds of licence, version beside version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from itertools import pairwise

from licences.kinds import Kind, all_versions


@dataclass(frozen=True)
class Version:
    """``until`` is its last day, None where no other follows; ``before`` the one it replaced."""

    kind: Kind
    until: date | None
    before: Kind | None


@dataclass(frozen=True)
class Change:
    """Passages of one version and what stands in their place in the next; either may be empty."""

    before: tuple[str, ...]
    after: tuple[str, ...]


def versions() -> list[Version]:
    """Every kind's, the latest of each first."""
    found: list[Version] = []
    by_kind: dict[str, list[Kind]] = {}
    for kind in all_versions():
        by_kind.setdefault(kind.code, []).append(kind)
    for kinds in by_kind.values():
        chain = [None, *kinds, None]
        of_kind = [
            Version(kind, after.in_force_on - timedelta(days=1) if after else None, before)
            for (before, kind), after in zip(pairwise(chain[:-1]), chain[2:], strict=True)
            if kind is not None
        ]
        found += reversed(of_kind)
    return found


def passages(kind: Kind, language: str) -> list[str]:
    """All that it says, in the order a reader meets it."""
    return list(_said(kind.words[language]))


def _said(words: object) -> Iterator[str]:
    match words:
        case str():
            if words:
                yield words
        case dict():
            for each in words.values():
                yield from _said(each)
        case list():
            for each in words:
                yield from _said(each)


def changes(before: Kind, after: Kind, language: str) -> list[Change]:
    """Passage by passage; nothing where they say the same."""
    first, second = passages(before, language), passages(after, language)
    matcher = SequenceMatcher(a=first, b=second, autojunk=False)
    return [
        Change(tuple(first[i:j]), tuple(second[k:n]))
        for tag, i, j, k, n in matcher.get_opcodes()
        if tag != "equal"
    ]

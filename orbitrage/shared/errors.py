"""Refusals: what the service answers when it says no."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A reason a person can act on. ``code`` is for machines, ``message`` carries the numbers."""

    code: str
    message: str


def refusals_in(*answers: Refusal | None) -> list[Refusal]:
    """Those answers of rules that say no."""
    return [refusal for refusal in answers if refusal is not None]


class DomainError(Exception):
    """A rule of the programme says no. Nothing was written."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(*refusals)
        self.refusals = refusals

    def __str__(self) -> str:
        return " ".join(refusal.message for refusal in self.refusals)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(refusal.code for refusal in self.refusals)

"""What a service may say instead of an answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A reason: ``code`` for programs, ``message`` for people, ``field`` of what was sent."""

    code: str
    message: str
    field: str = ""


class OrbitrageError(Exception):
    """Anything but the answer that was asked for."""


class Refused(OrbitrageError):
    """The service says no; ``refusals`` are all its reasons. Nothing was written."""

    def __init__(self, status: int, code: str, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(status, code, refusals)
        self.status = status
        self.code = code
        self.refusals = refusals

    def __str__(self) -> str:
        return " ".join(refusal.message for refusal in self.refusals)


class NotLetIn(Refused):
    """No token, or one that is not taken (401), or not for this (403)."""


class NotFound(Refused):
    """Nothing of yours is there."""


class Unreachable(OrbitrageError):
    """The service does not answer, or has failed."""

"""How the sandboxed process says no: a code and facts; the sentence is made outside, translated."""


class Unusable(Exception):
    """The file is not a usable area. ``code`` has its sentence in ``refusals.SENTENCES``."""

    def __init__(self, code: str, **facts: "str | int | float | list[str]") -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

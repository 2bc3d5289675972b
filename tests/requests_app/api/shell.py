"""The command line of `client/`, against a running server."""

from typing import Any

from orbitrage_client.command import main


class Shell:
    """Runs the command as one person; ``code``, ``out`` and ``error`` are of the last run."""

    def __init__(self, capsys: Any) -> None:
        self.capsys = capsys
        self.code, self.out, self.error = 0, "", ""

    def __call__(self, *arguments: object) -> str:
        self.code = main([str(argument) for argument in arguments])
        self.out, self.error = self.capsys.readouterr()
        return self.out


def new(area_file, *more: object) -> tuple[object, ...]:
    return (
        "request", "new", "--area", area_file, "--sensor", "pleiades",
        "--title", "Hedges", "--purpose", "Inventory of hedges", *more,
    )  # fmt: skip

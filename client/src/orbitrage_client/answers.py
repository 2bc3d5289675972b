"""The answers of a request, each with its option: one table for `request new` and `change`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Joined = Callable[[list[str]], Any]


@dataclass(frozen=True)
class Answer:
    """``joined``: what is sent of an option that may be typed again and again."""

    option: str
    name: str
    words: str
    options: dict[str, Any] = field(default_factory=dict)
    is_needed: bool = False
    is_of_new_only: bool = False
    joined: Joined | None = None


def _number(unit: str) -> dict[str, Any]:
    return {"type": int, "metavar": unit}


def _among(*choices: Any) -> dict[str, Any]:
    return {"choices": choices, "type": type(choices[0])}


_TICKED = {"action": argparse.BooleanOptionalAction}

ANSWERS = (
    Answer("--title", "title", "what the request is called", is_needed=True),
    Answer("--purpose", "purpose", "what the images are for", is_needed=True),
    Answer("--project", "project", "of which it is part"),
    Answer("--mission", "public_service_mission", "public-service mission or programme"),
    Answer("--partner", "partners", "who will use the images too", joined="\n".join),
    Answer(
        "--contractor", "contractors", "who works for you: NAME; DAY OF CONTRACT; REFERENCE",
        joined="\n".join,
    ),
    Answer(
        "--with", "co_requesters", "address of somebody who asks with you",
        {"metavar": "ADDRESS"}, is_of_new_only=True, joined="\n".join,
    ),
    Answer("--scene", "archive_scenes", "of the archive, by its identifier", joined=list),
    Answer("--from", "window_starts_on", "taken from, 2026-05-01", {"metavar": "DAY"}),
    Answer("--until", "window_ends_on", "taken until", {"metavar": "DAY"}),
    Answer("--dates", "acquisition_dates", "how many, for a series", _number("NUMBER")),
    Answer("--interval", "interval_days", "between two dates, at least", _number("DAYS")),
    Answer("--clouds", "maximum_cloud_percent", "at most", _number("PERCENT")),
    Answer("--incidence", "maximum_incidence_deg", "at most", _number("DEGREES")),
    Answer("--mode", "acquisition_mode", "", _among("mono", "stereo", "tri_stereo")),
    Answer("--bh-min", "base_to_height_minimum", "base over height", {"metavar": "RATIO"}),
    Answer("--bh-max", "base_to_height_maximum", "base over height", {"metavar": "RATIO"}),
    Answer(
        "--product", "spectral_mode", "",
        _among("pansharpened", "bundle", "panchromatic", "multispectral"),
    ),
    Answer("--level", "processing_level", "", _among("ortho", "primary")),
    Answer("--radiometry", "radiometry", "", _among("reflectance", "display")),
    Answer("--bits", "bit_depth", "", _among(12, 8)),
    Answer("--format", "file_format", "", _among("geotiff", "jpeg2000")),
    Answer(
        "--on-shortfall", "on_shortfall", "when the window ends first",
        _among("release", "extend", "ask"),
    ),
    Answer("--use-prefunded", "uses_prefunded", "our prefunded volumes and packages", _TICKED),
    Answer(
        "--agree-to-enlargement", "agrees_to_enlargement", "to the operator's minimum order",
        _TICKED,
    ),
    Answer(
        "--ask-to-join", "asks_to_join", "the order of a pending request nearby instead", _TICKED,
    ),
    Answer(
        "--agree-to-repair", "agrees_to_repair", "to the mended outline that `areas check` tells",
        _TICKED,
    ),
)  # fmt: skip


def add_answers(command: argparse.ArgumentParser, *, is_new: bool) -> None:
    """Of a request that is there already, none is needed."""
    for answer in ANSWERS:
        if answer.is_of_new_only and not is_new:
            continue
        options = dict(answer.options)
        if answer.joined is not None:
            options["action"] = "append"
        if answer.is_needed and is_new:
            options["required"] = True
        command.add_argument(answer.option, dest=answer.name, help=answer.words, **options)


def answers_typed(typed: argparse.Namespace) -> dict[str, Any]:
    """As they are sent: those that were typed."""
    found = {}
    for answer in ANSWERS:
        value = getattr(typed, answer.name, None)
        if value is not None:
            found[answer.name] = answer.joined(value) if answer.joined is not None else value
    return found

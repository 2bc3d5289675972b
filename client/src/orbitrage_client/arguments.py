"""What may be typed after ``orbitrage``."""

import argparse
from pathlib import Path

from orbitrage_client.answers import add_answers

KINDS = ("archive", "tasking")
# How an area is given otherwise than by a file; ``earlier`` is called ``request`` by the service.
WAYS = {
    "typed": ("TEXT", "a box, a centre and a radius, or WKT"),
    "tile": ("NAME", "a Sentinel-2 tile, 31TEJ"),
    "place": ("ID", "a place, as `places` names it"),
    "earlier": ("NUMBER", "the area of an earlier request"),
}
LIST_FILES = ("csv", "xlsx", "geojson", "gpkg")
FILTERS = (
    "state", "sensor", "kind", "cell", "entity", "q", "bbox",
    "submitted_from", "submitted_to", "period_from", "period_to",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("orbitrage", description="Ask for satellite images.")
    top.add_argument("--json", action="store_true", help="print what the service answered")
    top.add_argument("--language", choices=("en", "fr"), help="of the service's sentences")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    login = commands.add_parser("login", help="keep the token of a service")
    login.add_argument("url")
    commands.add_parser("logout", help="forget the token")
    commands.add_parser("whoami", help="who the token acts for")
    commands.add_parser("sensors", help="what can be asked for")
    _add_areas(commands)
    _add_request(commands)
    _add_lists(commands)
    _add_following(commands)
    return top


def _add_areas(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    areas = commands.add_parser("areas", help="areas of interest").add_subparsers(
        dest="action", required=True
    )
    check = areas.add_parser("check", help="have files checked")
    places = commands.add_parser("places", help="places by name, for --place")
    places.add_argument("name")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--layer", default="", help="where a file has several")
    swap = areas.add_parser("swap", help="latitude and longitude, where they look swapped")
    swap.add_argument("area_id", type=int, metavar="ID")


def _add_request(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    requests = commands.add_parser("request", help="write a request").add_subparsers(
        dest="action", required=True
    )
    new = requests.add_parser("new", help="a draft, submitted when asked")
    _add_area(new, is_needed=True)
    new.add_argument("--sensor", required=True)
    new.add_argument("--kind", dest="request_kind", choices=KINDS, default="archive")
    new.add_argument("--on-behalf", help="key of `whoami`; needed when there are several")
    new.add_argument(
        "--emergency",
        dest="is_emergency",
        action="store_true",
        help="somebody is in danger, or the image must be taken within ten days",
    )
    add_answers(new, is_new=True)
    what = new.add_mutually_exclusive_group()
    what.add_argument("--submit", action="store_true", help="hand it to its cell at once")
    what.add_argument("--dry-run", action="store_true", help="say what would be answered")

    change = requests.add_parser("change", help="what is typed; the rest stays as it is")
    change.add_argument("number")
    _add_area(change, is_needed=False)
    change.add_argument("--sensor")
    change.add_argument("--kind", dest="request_kind", choices=KINDS)
    add_answers(change, is_new=False)
    for name, words in (
        ("copy", "a new draft with the content of a request"),
        ("check", "what would be answered, and everything that is known before"),
    ):
        requests.add_parser(name, help=words).add_argument("number")


def _add_area(command: argparse.ArgumentParser, *, is_needed: bool) -> None:
    area = command.add_mutually_exclusive_group(required=is_needed)
    area.add_argument("--area", type=Path, metavar="FILE")
    for way, (metavar, words) in WAYS.items():
        area.add_argument(f"--{way}", metavar=metavar, help=words)
    area.add_argument("--area-id", type=int, metavar="ID", help="one that was checked before")
    command.add_argument("--layer", default="", help="where a file has several")
    command.add_argument(
        "--remaining", action="store_true", help="ask only for what is not available yet"
    )


def _add_lists(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    for name, words in (("requests", "mine and my entities'"), ("queue", "the files of my cells")):
        listed = commands.add_parser(name, help=words)
        for option in FILTERS:
            listed.add_argument(f"--{option.replace('_', '-')}")
        listed.add_argument("--waits", action="store_const", const="1", help="for me to act")
        listed.add_argument("--late", action="store_const", const="true", help="at the cell")
        if name == "requests":
            listed.add_argument("--scope", choices=("all", "mine", "entity", "cells"))
            listed.add_argument("--sort", help="title, -title, area, -area, submitted, due …")
            listed.add_argument(
                "--to", type=Path, metavar="FILE", help=f"kept as {', '.join(LIST_FILES)}"
            )
    notices = commands.add_parser("notices", help="what I was told")
    notices.add_argument("--unread", action="store_const", const="true")


def _add_following(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    follow = commands.add_parser("follow", help="what happened to a request, and what comes next")
    follow.add_argument("number")
    follow.add_argument("--wait", action="store_true", help="until it is over")
    follow.add_argument("--every", type=float, default=60.0, metavar="SECONDS")
    follow.add_argument("--for", dest="wait_s", type=float, metavar="SECONDS", help="at most")

    messages = commands.add_parser("messages", help="what was written about a request")
    messages.add_argument("number")
    write = commands.add_parser("write", help="to the other side about a request")
    write.add_argument("number")
    write.add_argument("text", nargs="?", default="")
    write.add_argument("--attach", action="append", type=Path, default=[], metavar="FILE")
    write.add_argument("--internal", action="store_true", help="a note for the cell alone")

    asks = commands.add_parser("asks", help="what a move needs, with its choices")
    asks.add_argument("number")
    asks.add_argument("move")

    do = commands.add_parser("do", help="make a move of a request")
    do.add_argument("number")
    do.add_argument("move")
    do.add_argument("answers", nargs="*", metavar="NAME=VALUE")

    download = commands.add_parser(
        "download", help="licences, areas, attached files, metadata of what came"
    )
    download.add_argument("number")
    download.add_argument("--to", type=Path, default=Path(), metavar="FOLDER")

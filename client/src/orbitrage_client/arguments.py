"""What may be typed after ``orbitrage``."""

import argparse
from pathlib import Path

KINDS = ("archive", "tasking")
MODES = ("mono", "stereo", "tri_stereo")
# How an area is given otherwise than by a file; ``earlier`` is called ``request`` by the service.
WAYS = {
    "typed": ("TEXT", "a box, a centre and a radius, or WKT"),
    "tile": ("NAME", "a Sentinel-2 tile, 31TEJ"),
    "place": ("ID", "a place, as `places` names it"),
    "earlier": ("NUMBER", "the area of an earlier request"),
}
# Of the answers of a request, those that are typed as they are sent.
ANSWERS = {
    "--title": {"required": True},
    "--purpose": {"required": True, "help": "what the images are for"},
    "--mission": {"dest": "public_service_mission", "help": "public-service mission or programme"},
    "--from": {"dest": "window_starts_on", "metavar": "DAY", "help": "taken from, 2026-05-01"},
    "--until": {"dest": "window_ends_on", "metavar": "DAY", "help": "taken until"},
    "--clouds": {"dest": "maximum_cloud_percent", "type": int, "metavar": "PERCENT"},
    "--incidence": {"dest": "maximum_incidence_deg", "type": int, "metavar": "DEGREES"},
    "--mode": {"dest": "acquisition_mode", "choices": MODES},
    "--product": {"dest": "spectral_mode"},
    "--level": {"dest": "processing_level", "choices": ("ortho", "primary")},
    "--on-shortfall": {"choices": ("release", "extend", "ask")},
}
TICKED = {
    "--use-prefunded": ("uses_prefunded", "use our prefunded volumes and packages"),
    "--agree-to-enlargement": ("agrees_to_enlargement", "to the operator's minimum order"),
    "--agree-to-repair": ("agrees_to_repair", "to the mended outline that `areas check` tells"),
}
FILTERS = (
    "state", "sensor", "kind", "cell", "entity", "q", "bbox",
    "submitted_from", "submitted_to", "period_from", "period_to",
)  # fmt: skip
SENT = (
    "title", "purpose", "public_service_mission", "window_starts_on", "window_ends_on",
    "maximum_cloud_percent", "maximum_incidence_deg", "acquisition_mode", "spectral_mode",
    "processing_level", "on_shortfall", "uses_prefunded", "agrees_to_enlargement",
    "agrees_to_repair",
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


def _add_request(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    requests = commands.add_parser("request", help="write a request").add_subparsers(
        dest="action", required=True
    )
    new = requests.add_parser("new", help="a draft, submitted when asked")
    area = new.add_mutually_exclusive_group(required=True)
    area.add_argument("--area", type=Path, metavar="FILE")
    for way, (metavar, words) in WAYS.items():
        area.add_argument(f"--{way}", metavar=metavar, help=words)
    area.add_argument("--area-id", type=int, metavar="ID", help="one that was checked before")
    new.add_argument("--layer", default="", help="where a file has several")
    new.add_argument("--sensor", required=True)
    new.add_argument("--kind", dest="request_kind", choices=KINDS, default="archive")
    new.add_argument("--on-behalf", help="key of `whoami`; needed when there are several")
    new.add_argument(
        "--emergency",
        dest="is_emergency",
        action="store_true",
        help="somebody is in danger, or the image must be taken within ten days",
    )
    for name, options in ANSWERS.items():
        new.add_argument(name, **options)  # type: ignore[arg-type]
    for name, (destination, words) in TICKED.items():
        new.add_argument(name, dest=destination, action="store_true", default=None, help=words)
    what = new.add_mutually_exclusive_group()
    what.add_argument("--submit", action="store_true", help="hand it to its cell at once")
    what.add_argument("--dry-run", action="store_true", help="say what would be answered")


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

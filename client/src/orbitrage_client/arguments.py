"""What may be typed after ``orbitrage``."""

import argparse
from pathlib import Path

KINDS = ("archive", "tasking")
MODES = ("mono", "stereo", "tri_stereo")
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
}
SENT = (
    "title", "purpose", "public_service_mission", "window_starts_on", "window_ends_on",
    "maximum_cloud_percent", "maximum_incidence_deg", "acquisition_mode", "spectral_mode",
    "processing_level", "on_shortfall", "uses_prefunded", "agrees_to_enlargement",
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
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--layer", default="", help="where a file has several")


def _add_request(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    requests = commands.add_parser("request", help="write a request").add_subparsers(
        dest="action", required=True
    )
    new = requests.add_parser("new", help="a draft, submitted when asked")
    new.add_argument("--area", required=True, type=Path, metavar="FILE")
    new.add_argument("--layer", default="")
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
        for option in ("--state", "--sensor", "--kind", "--q"):
            listed.add_argument(option)
        listed.add_argument("--waits", action="store_const", const="1", help="for me to act")


def _add_following(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    follow = commands.add_parser("follow", help="what happened to a request, and what comes next")
    follow.add_argument("number")
    follow.add_argument("--wait", action="store_true", help="until it is over")
    follow.add_argument("--every", type=float, default=60.0, metavar="SECONDS")
    follow.add_argument("--for", dest="wait_s", type=float, metavar="SECONDS", help="at most")

    do = commands.add_parser("do", help="make a move of a request")
    do.add_argument("number")
    do.add_argument("move")
    do.add_argument("answers", nargs="*", metavar="NAME=VALUE")

    download = commands.add_parser("download", help="licences, areas, metadata of what came")
    download.add_argument("number")
    download.add_argument("--to", type=Path, default=Path(), metavar="FOLDER")

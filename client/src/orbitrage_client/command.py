"""``orbitrage``: the service from a terminal."""

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from orbitrage_client import account, telling
from orbitrage_client.answers import answers_typed
from orbitrage_client.arguments import FILTERS, LIST_FILES, WAYS, parser
from orbitrage_client.errors import NotFound, NotLetIn, Refused, Unreachable
from orbitrage_client.service import Document, Orbitrage

DONE, REFUSED, WRONGLY_TYPED, NOT_LET_IN, NOT_THERE, UNREACHABLE, NOT_OVER = range(7)


class Wrong(Exception):
    """The command cannot be carried out as it was typed."""


def main(arguments: Sequence[str] | None = None) -> int:
    typed = parser().parse_args(arguments)
    try:
        return _run(typed)
    except Wrong as wrong:
        return _said(WRONGLY_TYPED, str(wrong))
    except OSError as error:
        return _said(WRONGLY_TYPED, f"{error.filename}: {error.strerror}")
    except NotLetIn as refused:
        return _told_refusals(NOT_LET_IN, refused)
    except NotFound as refused:
        return _told_refusals(NOT_THERE, refused)
    except Refused as refused:
        return _told_refusals(REFUSED, refused)
    except Unreachable as error:
        return _said(UNREACHABLE, str(error))


def _run(typed: argparse.Namespace) -> int:
    if typed.command == "login":
        return login(typed)
    if typed.command == "logout":
        account.forget()
        return DONE
    found = account.found()
    if found is None:
        return _said(NOT_LET_IN, "No token: `orbitrage login URL`, or ORBITRAGE_URL and _TOKEN.")
    language = typed.language or ("fr" if os.environ.get("LANG", "").startswith("fr") else "en")
    with Orbitrage(found.url, found.token, language=language) as service:
        return COMMANDS[typed.command](service, typed)


def _said(code: int, text: str) -> int:
    print(text, file=sys.stderr)
    return code


def _told_refusals(code: int, refused: Refused) -> int:
    for refusal in refused.refusals:
        print(telling.refusal(refusal), file=sys.stderr)
    return code


def _show(typed: argparse.Namespace, told: Any, lines: Callable[[Any], list[str]]) -> int:
    text = json.dumps(told, ensure_ascii=False, indent=2) if typed.json else "\n".join(lines(told))
    print(text)
    return DONE


# --- Who ------------------------------------------------------------------------------------------


def login(typed: argparse.Namespace) -> int:
    if not account.is_safe(typed.url):
        raise Wrong(f"{typed.url}: a token travels over https only, or on this machine.")
    token = os.environ.get(account.TOKEN) or getpass.getpass("Token: ").strip()
    with Orbitrage(typed.url, token) as service:
        me = service.me()
    path = account.keep(account.Account(typed.url, token))
    print(f"{me['full_name']}, {', '.join(me['token']['scopes'])}: kept in {path}")
    return DONE


def whoami(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.me(), telling.person)


def sensors(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.sensors(), telling.sensors)


# --- Areas ----------------------------------------------------------------------------------------


def areas(service: Orbitrage, typed: argparse.Namespace) -> int:
    """Every file is checked, whatever the others are."""
    if typed.action == "swap":
        swapped = service.swap_axes(typed.area_id)
        return _show(
            typed, [{"file": swapped["file_name"], "area": swapped}], telling.checked_areas
        )
    code = DONE
    told: list[Document] = []
    for file in typed.files:
        try:
            told.append({"file": str(file), "area": service.check_area(file, layer=typed.layer)})
        except (NotLetIn, NotFound):
            raise
        except Refused as refused:
            code = REFUSED
            reasons = [vars(refusal) for refusal in refused.refusals]
            told.append({"file": str(file), "area": None, "refusals": reasons})
    _show(typed, told, telling.checked_areas)
    return code


# --- Requests -------------------------------------------------------------------------------------


def request(service: Orbitrage, typed: argparse.Namespace) -> int:
    return REQUEST[typed.action](service, typed)


def new(service: Orbitrage, typed: argparse.Namespace) -> int:
    on_behalf = typed.on_behalf or _only_entity(service)
    answers = answers_typed(typed) | {
        "area_id": typed.area_id or _area(service, typed)["id"],
        "on_behalf": on_behalf,
        "sensor": typed.sensor,
        "request_kind": typed.request_kind,
        "is_emergency": typed.is_emergency,
    }
    if typed.remaining:
        answers["area_id"] = service.remaining_of_new(**answers)["id"]
    if typed.dry_run:
        return _previewed(typed, service.preview_new(**answers))
    made = service.create_request(**answers)
    if typed.submit and not typed.is_emergency:
        made = _submitted(service, made)
    return _show(typed, made, telling.request)


def change(service: Orbitrage, typed: argparse.Namespace) -> int:
    named = {name: getattr(typed, name) for name in ("sensor", "request_kind")}
    answers = answers_typed(typed) | {name: value for name, value in named.items() if value}
    if typed.area_id or any(_ways_typed(typed)):
        answers["area_id"] = typed.area_id or _area(service, typed)["id"]
    if not answers and not typed.remaining:
        raise Wrong("Say what to change: `orbitrage request change --help`.")
    told = service.change_request(typed.number, **answers) if answers else {}
    if typed.remaining:
        area = service.remaining(typed.number)
        told = service.change_request(typed.number, area_id=area["id"])
    return _show(typed, told, telling.request)


def copy(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.copy_request(typed.number), telling.request)


def check(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _previewed(typed, service.preview(typed.number))


def _ways_typed(typed: argparse.Namespace) -> list[str]:
    return [way for way in ("area", *WAYS) if getattr(typed, way) is not None]


def _area(service: Orbitrage, typed: argparse.Namespace) -> Document:
    """What was mended, or looks swapped, is said whatever becomes of the request."""
    if typed.area is not None:
        area = service.check_area(typed.area, layer=typed.layer)
    else:
        way = next(way for way in WAYS if getattr(typed, way) is not None)
        value = getattr(typed, way)
        if way == "place" and not value.isdecimal():
            raise Wrong(f"--place {value}: give the number before a name in `orbitrage places`.")
        given = [int(value)] if way == "place" else value
        area = service.give_area("request" if way == "earlier" else way, given)
    for line in telling.doubts(area):
        print(line, file=sys.stderr)
    return area


def _only_entity(service: Orbitrage) -> str:
    found = service.me()["on_behalf"]
    if len(found) == 1:
        return str(found[0]["key"])
    listed = "".join(f"\n  {each['key']}  {telling.on_behalf(each)}" for each in found)
    raise Wrong(f"Say on whose behalf: --on-behalf KEY, one of:{listed or ' none'}")


def _previewed(typed: argparse.Namespace, seen: Document) -> int:
    _show(typed, seen, telling.preview)
    return DONE if seen["is_accepted"] else REFUSED


def _submitted(service: Orbitrage, made: Document) -> Document:
    """What is refused stays a draft, which is named: nothing typed is lost."""
    try:
        return service.do(made["number"], "submit")
    except Refused:
        print(f"{made['number']} stays a draft.", file=sys.stderr)
        raise


def requests(service: Orbitrage, typed: argparse.Namespace) -> int:
    names = (*FILTERS, "waits", "late", "scope", "sort")
    filters = {name: getattr(typed, name) for name in names if getattr(typed, name, None)}
    if getattr(typed, "to", None) is not None:
        return _kept_list(service, typed, filters)
    listed = service.queue if typed.command == "queue" else service.requests
    return _show(typed, list(listed(**filters)), telling.requests)


def _kept_list(service: Orbitrage, typed: argparse.Namespace, filters: Document) -> int:
    extension = typed.to.suffix.removeprefix(".")
    if extension not in LIST_FILES:
        raise Wrong(f"{typed.to}: a list is kept as one of {', '.join(LIST_FILES)}.")
    typed.to.write_bytes(service.list_file(extension, **filters))
    return _show(typed, [str(typed.to)], telling.files)


def places(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.places(typed.name), telling.places)


def notices(service: Orbitrage, typed: argparse.Namespace) -> int:
    filters = {"unread": typed.unread} if typed.unread else {}
    return _show(typed, list(service.notices(**filters)), telling.notices)


def messages(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.messages(typed.number), telling.steps)


def write(service: Orbitrage, typed: argparse.Namespace) -> int:
    kind = "internal" if typed.internal else "shared"
    sent = service.write_message(typed.number, typed.text, files=typed.attach, kind=kind)
    return _show(typed, sent, telling.written)


def asks(service: Orbitrage, typed: argparse.Namespace) -> int:
    return _show(typed, service.asks(typed.number, typed.move), telling.asked)


def do(service: Orbitrage, typed: argparse.Namespace) -> int:
    answers = dict(_answer(text) for text in typed.answers)
    return _show(typed, service.do(typed.number, typed.move, **answers), telling.request)


def _answer(text: str) -> tuple[str, Any]:
    """``true`` and ``false`` are boxes, ``@FILE`` is the text of a file; the rest is text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise Wrong(f"{text}: write NAME=VALUE.")
    if value.startswith("@"):
        return name, Path(value[1:]).read_text(encoding="utf-8")
    return name, {"true": True, "false": False}.get(value, value)


# --- Following ------------------------------------------------------------------------------------


def follow(service: Orbitrage, typed: argparse.Namespace) -> int:
    ends_at = time.monotonic() + typed.wait_s if typed.wait_s is not None else None
    told = 0
    while True:
        story = service.story(typed.number)
        steps, told = story["steps"][told:], len(story["steps"])
        _show(typed, {**story, "steps": steps}, telling.story)
        if story["is_over"] or not typed.wait:
            return DONE
        if ends_at is not None and time.monotonic() + typed.every > ends_at:
            return NOT_OVER
        time.sleep(typed.every)


def download(service: Orbitrage, typed: argparse.Namespace) -> int:
    """Under names of our own making: those of the service are checked before they name a file."""
    folder: Path = typed.to
    folder.mkdir(parents=True, exist_ok=True)
    number = _file_name(service.request(typed.number)["number"])
    story = service.story(number)
    written = [
        _written(folder / f"{number}-areas.geojson", service.areas_of(number)),
        _written(folder / f"{number}-story.json", story),
        _written(folder / f"{number}-images.json", service.items_of(number)),
    ]
    for licence in service.licences(request=number):
        for file in licence["files"]:
            path = folder / f"{_file_name(licence['number'])}-{_file_name(file['language'])}.pdf"
            path.write_bytes(service.document(licence["number"], file["language"]))
            written.append(path)
    written += _attachments(service, story, folder / f"{number}-attached")
    return _show(typed, [str(path) for path in written], telling.files)


def _attachments(service: Orbitrage, story: Document, folder: Path) -> list[Path]:
    """Each under its key: what somebody called a file is no name for one of ours."""
    written = []
    for file in [file for step in story["steps"] for file in step["files"]]:
        number, _word, key = file["href"].split("/")[-3:]
        suffix = Path(file["name"]).suffix
        name = _file_name(key) + (suffix if suffix[1:].isalnum() else "")
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_bytes(service.attachment(_file_name(number), key))
        written.append(path)
    return written


def _file_name(text: str) -> str:
    if not text or not text.replace("-", "").replace("_", "").isalnum():
        raise Unreachable(f"the service names a file {text!r}")
    return text


def _written(path: Path, told: Any) -> Path:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


REQUEST: dict[str, Callable[[Orbitrage, argparse.Namespace], int]] = {
    "new": new,
    "change": change,
    "copy": copy,
    "check": check,
}
COMMANDS: dict[str, Callable[[Orbitrage, argparse.Namespace], int]] = {
    "whoami": whoami,
    "sensors": sensors,
    "areas": areas,
    "request": request,
    "requests": requests,
    "queue": requests,
    "places": places,
    "notices": notices,
    "messages": messages,
    "write": write,
    "asks": asks,
    "do": do,
    "follow": follow,
    "download": download,
}

"""The name of a file as somebody gave it, made safe to show and to save."""

import re
import unicodedata

NAME_MAXIMUM_CHARACTERS = 100
_RESERVED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def clean_name(given: str) -> str:
    """Without folders, controls, direction marks or what a disk refuses; the suffix stays."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(each for each in last if each.isspace() or not _is_control(each))
    name = " ".join(shown.translate(_RESERVED).split()).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return name[:NAME_MAXIMUM_CHARACTERS]
    room = max(1, NAME_MAXIMUM_CHARACTERS - len(suffix) - 1)
    stem = stem[:room].rstrip(". ")
    return f"{stem}.{suffix}"[:NAME_MAXIMUM_CHARACTERS]


def _is_control(character: str) -> bool:
    return unicodedata.category(character).startswith("C")


def suffix_of(name: str) -> str:
    """With its dot, in lower case; empty without one."""
    _stem, dot, suffix = name.rpartition(".")
    return f".{suffix.lower()}" if dot else ""

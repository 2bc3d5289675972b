"""How the name of a place is written to be found again. Pure."""

import re
import unicodedata

MOST_WORDS = 8
_WORD = re.compile(r"[a-z0-9]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def plain_words(name: str) -> list[str]:
    """Without accents, hyphens, apostrophes and capitals; "St" and "Saint" are one word."""
    return [_ABBREVIATIONS.get(word, word) for word in _words(name)]


def search_query(typed: str) -> str:
    """A PostgreSQL tsquery: every word typed begins a word of the name. Empty for no word.

    The last one may still be half typed: "st" may become Saint or Strasbourg.
    """
    literal = _words(typed)[:MOST_WORDS]
    if not literal:
        return ""
    words = [f"{_ABBREVIATIONS.get(word, word)}:*" for word in literal]
    last = literal[-1]
    if last in _ABBREVIATIONS:
        words[-1] = f"({words[-1]} | {last}:*)"
    return " & ".join(words)


def _words(text: str) -> list[str]:
    folded = text.casefold().translate(_LIGATURES)
    apart = unicodedata.normalize("NFKD", folded)
    return _WORD.findall("".join(each for each in apart if not unicodedata.combining(each)))

"""Words that a French page still says in English, as far as a machine can tell."""

import gettext
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, TextField

OURS = (
    "orbitrage", "places", "eligibility", "quotas", "licences", "catalogue", "requests_app",
    "notices",
)  # fmt: skip
LITERAL = r"\(\s*(?:\"((?:[^\"\\]|\\.)+)\"|'((?:[^'\\]|\\.)+)')"
PYTHON_MESSAGE = re.compile(r"\b(?:_|gettext|gettext_lazy)" + LITERAL)
TEMPLATE_MESSAGE = re.compile(r"\{% translate (?:\"([^\"]+)\"|'([^']+)')")
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|was|your|you|with|for|this|that|from|not|what|who|has|have|an|to|by|in)\b",
    re.IGNORECASE,
)
ENGLISH_WORDS_AT_LEAST = 2
DATA_LENGTH_MINIMUM = 5


@cache
def messages() -> frozenset[str]:
    """The messages without variables that stand in our templates and modules."""
    found: set[str] = set()
    for label in OURS:
        folder = Path(apps.get_app_config(label).path)
        for pattern, kind in ((PYTHON_MESSAGE, "*.py"), (TEMPLATE_MESSAGE, "*.html")):
            for file in folder.rglob(kind):
                found.update(
                    double or single
                    for double, single in pattern.findall(file.read_text(encoding="utf-8"))
                )
    return frozenset(found)


@cache
def translated() -> frozenset[str]:
    """Messages with a French text in the compiled catalogue, whatever their context."""
    compiled = Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.mo"
    with compiled.open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    keys = catalogue._catalog  # type: ignore[attr-defined]
    plain = (key[0] if isinstance(key, tuple) else key for key in keys)
    return frozenset(key.rpartition("\x04")[2] for key in plain)


def is_compiled() -> bool:
    return (Path(settings.LOCALE_PATHS[0]) / "fr" / "LC_MESSAGES" / "django.mo").is_file()


def texts_of_rows() -> frozenset[str]:
    """Every text in the database: what people wrote, in the language they wrote it."""
    found: set[str] = set()
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for column in model._meta.concrete_fields:
                if isinstance(column, CharField | TextField):
                    rows = model._default_manager.values_list(column.attname, flat=True)
                    found.update(row for row in rows.distinct() if row)
    lines = (" ".join(line.split()) for text in found for line in text.splitlines())
    return frozenset(line for line in lines if len(line) >= DATA_LENGTH_MINIMUM)


def english_texts(texts: Iterable[str], of_rows: frozenset[str]) -> list[str]:
    return [
        text
        for text in texts
        if (text in messages() and text not in translated())
        or (sounds_english(text) and not any(row in text for row in of_rows))
    ]


def sounds_english(text: str) -> bool:
    return len({word.lower() for word in ENGLISH.findall(text)}) >= ENGLISH_WORDS_AT_LEAST

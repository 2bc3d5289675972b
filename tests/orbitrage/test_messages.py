"""The French words: all there, none guessed, and none that loses what it must say."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "orbitrage" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+.\d]*[a-z%]")
FIELD = re.compile(r'^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) "(.*)"$')
STRAIGHT_QUOTE = '\\"'
NO_BREAK_SPACE = "\u00a0"

Entry = dict[str, str]


def entry_of(block: str) -> Entry:
    entry: Entry = {}
    name = ""
    for line in block.splitlines():
        if found := FIELD.match(line):
            name, entry[found[1]] = found[1], found[2]
        elif line.startswith('"'):
            entry[name] += line[1:-1]
    return entry


def entries() -> list[Entry]:
    blocks = CATALOGUE.read_text(encoding="utf-8").split("\n\n")[1:]
    return [entry_of(block) for block in blocks if block.strip()]


def french_of(entry: Entry) -> list[str]:
    return [text for name, text in entry.items() if name.startswith("msgstr")]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def test_the_catalogue_is_read_whole():
    texts = [entry["msgid"] for entry in entries()]

    assert len(texts) > 1_000
    assert all(texts)


def test_no_message_is_without_french():
    assert [entry["msgid"] for entry in entries() if not all(french_of(entry))] == []


def test_no_message_is_fuzzy_or_obsolete():
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if line.startswith("#,") and "fuzzy" in line] == []
    assert [line for line in lines if line.startswith("#~")] == []


def test_a_plural_has_both_its_french_forms():
    counted = [entry for entry in entries() if "msgid_plural" in entry]

    assert counted
    assert all({"msgstr[0]", "msgstr[1]"} <= entry.keys() for entry in counted)


def test_french_keeps_the_values_of_the_english():
    """Nothing is lost, added or misspelt: a placeholder is said in both languages. It may be said
    more than once where French needs it."""
    lost = [
        entry["msgid"]
        for entry in entries()
        for text in french_of(entry)
        if set(placeholders(text))
        not in (set(placeholders(entry["msgid"])), set(placeholders(entry.get("msgid_plural", ""))))
    ]

    assert lost == []


def test_positional_placeholders_are_as_many_in_french():
    positional = [entry for entry in entries() if re.search(r"%[sd]", entry["msgid"])]

    assert positional
    assert all(
        placeholders(entry["msgid"]) == placeholders(text)
        for entry in positional
        for text in french_of(entry)
    )


@pytest.mark.parametrize("mark", [" :", " ;", " ?", " !", "« ", " »"])
def test_no_line_can_break_before_a_french_mark(mark):
    assert [text for entry in entries() for text in french_of(entry) if mark in text] == []


def test_french_has_its_own_quotation_marks():
    texts = [text for entry in entries() for text in french_of(entry)]

    assert [text for text in texts if "“" in text or STRAIGHT_QUOTE in text] == []
    assert all(text.count("«" + NO_BREAK_SPACE) == text.count("«") for text in texts)


def test_the_catalogue_compiles(tmp_path):
    command = ("msgfmt", "--check-format", "--check-header", "-o", str(tmp_path / "fr.mo"))

    done = subprocess.run([*command, str(CATALOGUE)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr

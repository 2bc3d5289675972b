"""Fails when a message of the code has no French, or a fuzzy or stale one. Changes no file."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    "orbitrage", "notices", "requests_app", "catalogue", "licences", "quotas", "eligibility",
    "places",
)  # fmt: skip
PO = Path("orbitrage/locale/fr/LC_MESSAGES/django.po")
MAKEMESSAGES = ("makemessages", "--locale=fr", "--no-location", "--no-wrap", "--no-obsolete")


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def entries(po: Path) -> set[str]:
    """The entries of a catalogue, without its header and its dates."""
    blocks = po.read_text(encoding="utf-8").split("\n\n")[1:]
    return {block.strip() for block in blocks if block.strip()}


def copy_of_sources(folder: Path) -> None:
    for name in SOURCES:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
    shutil.copy(ROOT / "manage.py", folder)


def fresh_catalogue(folder: Path) -> Path:
    """What makemessages would write, made in a copy of the sources."""
    copy_of_sources(folder)
    settings = {"DJANGO_SETTINGS_MODULE": "orbitrage.settings.dev"}
    os.environ.update(settings)
    run(sys.executable, "manage.py", *MAKEMESSAGES, cwd=folder)
    return folder / PO


def main() -> None:
    if not (ROOT / PO).exists():
        sys.exit(f"{PO} is absent: run manage.py {' '.join(MAKEMESSAGES)}.")
    with tempfile.TemporaryDirectory() as folder:
        fresh = fresh_catalogue(Path(folder))
        missing = entries(fresh) - entries(ROOT / PO)
        stale = entries(ROOT / PO) - entries(fresh)
        faults = run("msgattrib", "--untranslated", "--no-wrap", str(fresh), cwd=ROOT)
        faults += run("msgattrib", "--only-fuzzy", "--no-wrap", str(fresh), cwd=ROOT)
    problems = [f"not in {PO}, or not as there:\n{block}" for block in sorted(missing)]
    problems += [f"no longer in the code:\n{block}" for block in sorted(stale - missing)]
    if faults.strip():
        problems.append(f"untranslated or fuzzy:\n{faults}")
    if problems:
        sys.exit("\n\n".join(problems))


if __name__ == "__main__":
    main()

"""A seal of one test's own, and what outside tools say of what it sealed."""

import re
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

from orbitrage.shared.documents import seal


def give_seal(settings, folder: Path) -> None:
    """This process is a worker now, with a certificate that an authority of the test vouches for."""
    call_command("make_test_seal", folder, verbosity=0)
    settings.ORBITRAGE_PROCESS = "worker"
    settings.ORBITRAGE_SEAL_FILE = str(folder / "seal.p12")
    settings.ORBITRAGE_SEAL_PASSPHRASE_FILE = str(folder / "seal-passphrase")
    settings.ORBITRAGE_SEAL_ROOTS_FILE = str(folder / "seal-authority.pem")
    seal._means.cache_clear()


def pdfsig_says(path: Path) -> str:
    """What follows "Signature Validation:"; the tool ends with 0 whatever it finds."""
    said = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Signature Validation: (.*)", said)
    return found[1] if found else said


def pyhanko_says(path: Path, roots: Path) -> str:
    """The last line: the signature is judged VALID or INVALID."""
    command = [sys.executable, "-m", "pyhanko", "sign", "validate", "--pretty-print"]
    command += ["--trust-replace", "--trust", str(roots), str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in (said.stdout + said.stderr).splitlines() if line.strip()]
    return lines[-1]

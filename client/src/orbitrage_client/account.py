"""Which service, and the token for it: from the environment, else from what ``login`` kept."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

URL, TOKEN = "ORBITRAGE_URL", "ORBITRAGE_TOKEN"


@dataclass(frozen=True)
class Account:
    url: str
    token: str


def kept_in() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "orbitrage" / "token.json"


def keep(account: Account) -> Path:
    """For nobody else to read, from the first byte on."""
    path = kept_in()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w") as file:
        json.dump({"url": account.url, "token": account.token}, file)
    return path


def forget() -> None:
    kept_in().unlink(missing_ok=True)


def found() -> Account | None:
    """A token that was kept is shown to the service it was kept for, and to no other."""
    kept = _kept()
    url = os.environ.get(URL) or kept.get("url", "")
    token = os.environ.get(TOKEN) or (kept.get("token", "") if url == kept.get("url") else "")
    return Account(url, token) if url and token else None


def is_safe(url: str) -> bool:
    """Whether a token may travel there: encrypted, or without leaving the machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or _is_here(parts))


def _is_here(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")


def _kept() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(kept_in().read_text())
    except (OSError, ValueError):
        return {}
    return kept

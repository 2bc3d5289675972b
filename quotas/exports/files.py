"""Which files there are of a statement; a document as JSON."""

from __future__ import annotations

import json
from typing import Any

from orbitrage.shared.tables import CSV_TYPE, XLSX_TYPE

FORMATS = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "json": "application/json"}
"""By the ending of a file's name, what it is."""


def json_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)

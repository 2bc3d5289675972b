"""Printing that is interrupted, and the files that it leaves."""

import re


class Killed(BaseException):
    """What a kill leaves behind, without the kill: nothing after it runs in this process."""


def stored(storage):
    """The names of the documents, without what says their content."""
    names = (path.name for path in storage.rglob("*.pdf"))
    return sorted(re.sub(r"-[0-9a-f]{16}(?=\.pdf$)", "", name) for name in names)

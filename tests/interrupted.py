"""Printing that is interrupted, and the files that it leaves."""


class Killed(BaseException):
    """What a kill leaves behind, without the kill: nothing after it runs in this process."""


def stored(storage):
    return sorted(path.name for path in storage.rglob("*.pdf"))

"""Whether files may be kept, every reason why not at once, each with the name of its file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orbitrage.shared.errors import Refusal
from requests_app.aoi import refusals as of_archives
from requests_app.aoi.unusable import Unusable
from requests_app.attachments.kinds import (
    ACCEPTED,
    HIDDEN_ARCHIVE,
    KIND_BY_SUFFIX,
    MACROS,
    MEMBER_NOT_ACCEPTED,
    OTHER_CONTENT,
)
from requests_app.attachments.names import clean_name, suffix_of

MIB = 2**20


@dataclass(frozen=True)
class Upload:
    """A file as somebody sends it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class CheckedFile:
    """``name`` is clean, and ``kind`` the code of what the bytes were found to be."""

    name: str
    kind: str
    data: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


SENTENCES: dict[str, Promise] = {
    OTHER_CONTENT: gettext_lazy(
        "“%(name)s”: the content is not a whole file of the kind %(kind)s. Export it again, or give"
        " it its right name."
    ),
    MACROS: gettext_lazy("“%(name)s” has macros. Save it without them, or as PDF."),
    HIDDEN_ARCHIVE: gettext_lazy(
        "“%(name)s”: an archive follows the content of the kind %(kind)s. Export it again."
    ),
    MEMBER_NOT_ACCEPTED: gettext_lazy(
        "“%(name)s”: the archive holds “%(member)s”, of a kind that is not accepted."
    ),
}


def limits_in_words() -> str:
    return _("%(kinds)s; at most %(count)s files, %(mib)s MiB together.") % {
        "kinds": ACCEPTED,
        "count": settings.ORBITRAGE_ATTACHMENTS_PER_MESSAGE,
        "mib": settings.ORBITRAGE_ATTACHMENTS_MAXIMUM_MIB,
    }


limits_in_words_lazy = lazy(limits_in_words, str)


def check_files(uploads: Sequence[Upload]) -> tuple[list[CheckedFile], list[Refusal]]:
    """What may be kept of the files of one message, and why the others, or all, may not."""
    found, refused = [], _too_much(uploads)
    for upload in [] if refused else uploads:
        try:
            found.append(_checked(upload))
        except Unusable as error:
            refused.append(_refusal(upload, error))
    return found, refused


def _too_much(uploads: Sequence[Upload]) -> list[Refusal]:
    refused = []
    maximum, maximum_mib = (
        settings.ORBITRAGE_ATTACHMENTS_PER_MESSAGE,
        settings.ORBITRAGE_ATTACHMENTS_MAXIMUM_MIB,
    )
    if len(uploads) > maximum:
        message = _("%(count)s files; at most %(maximum)s at a time.")
        numbers = {"count": len(uploads), "maximum": maximum}
        refused.append(Refusal("too_many_files", message % numbers))
    size_bytes = sum(len(upload.data) for upload in uploads)
    if size_bytes > maximum_mib * MIB:
        message = _("The files are %(size)s MiB together; at most %(maximum)s MiB are taken.")
        sizes = {"size": -(-size_bytes // MIB), "maximum": maximum_mib}
        refused.append(Refusal("attachments_too_large", message % sizes))
    return refused


def room_refusals(*, kept: int, added: int) -> list[Refusal]:
    """``kept`` files came with the request so far."""
    maximum = settings.ORBITRAGE_ATTACHMENTS_PER_REQUEST
    if kept + added <= maximum:
        return []
    message = _(
        "This request has %(kept)s attached files and takes %(maximum)s: %(added)s more do not fit."
    )
    numbers = {"kept": kept, "maximum": maximum, "added": added}
    return [Refusal("attachments_full", message % numbers)]


def _checked(upload: Upload) -> CheckedFile:
    """Raises Unusable."""
    name = clean_name(upload.name)
    kind = KIND_BY_SUFFIX.get(suffix_of(name))
    if kind is None:
        raise Unusable("kind_not_accepted")
    if not upload.data:
        raise Unusable("empty_file")
    kind.demand(upload.data)
    return CheckedFile(name=name, kind=kind.code, data=upload.data)


def _refusal(upload: Upload, error: Unusable) -> Refusal:
    name = clean_name(upload.name) or "?"
    code = f"attachment_{error.code}"
    if error.code in SENTENCES:
        kind = KIND_BY_SUFFIX[suffix_of(name)].label
        member = of_archives.printable(error.facts.get("member", ""))
        facts = {"name": name, "kind": kind, "member": member}
        return Refusal(code, str(SENTENCES[error.code]) % facts)
    if error.code == "kind_not_accepted":
        message = _("“%(name)s” is of a kind that is not accepted. Accepted: %(kinds)s.")
        return Refusal(code, message % {"name": name, "kinds": ACCEPTED})
    said = of_archives.refusal(error.code, error.facts)
    return Refusal(code, _("“%(name)s”: %(fault)s") % {"name": name, "fault": said.message})

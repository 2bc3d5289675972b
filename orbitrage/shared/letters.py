"""What an app has to tell one person. Apps write letters; `notices` delivers them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override


class LetterKind(models.TextChoices):
    """By what it asks of its reader, who chooses how to be told of some kinds."""

    RECEIPT = "receipt", _("Receipts")
    DECISION = "decision", _("Decisions")
    DEADLINE = "deadline", _("What is to be done by a date")
    PROGRESS = "progress", _("Steps of a request without a decision or a date")
    MESSAGE = "message", _("Messages about a request")
    CELL = "cell", _("Files that come to a cell")
    PEOPLE = "people", _("People who ask to join an organisation")
    QUOTA = "quota", _("Envelopes that run low")


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """`key` is that of its outbox row; `message_name` the left-hand side of its Message-ID, the
    same whenever it is sent. `about` is the sort and the key of the row it tells of, `path` the
    page it leads to, where there is one. `texts` are by language."""

    key: str
    message_name: str
    kind: LetterKind
    reader_id: int
    to: str
    language: str
    about: tuple[str, int]
    path: str
    texts: Mapping[str, Text]
    reference: str = ""

    @property
    def subject(self) -> str:
        said = self.texts[self.language].subject
        return f"[{self.reference}] {said}" if self.reference else said

    @property
    def body(self) -> str:
        return self.texts[self.language].body

    def as_mail(self) -> EmailMessage:
        return mail_to(self.to, Text(self.subject, self.body), name=self.message_name)


def text_in(language: str, template: str, context: Mapping[str, Any]) -> Text:
    """The template's first line is the subject."""
    with override(language):
        text = render_to_string(template, dict(context)).strip()
    subject, _separator, body = text.partition("\n")
    return Text(subject.strip(), body.strip() + "\n")


def texts_of(language: str, template: str, context: Mapping[str, Any]) -> dict[str, Text]:
    """In every language of the service: a list of notices is read in another one than a mail."""
    languages = dict.fromkeys([language, *(code for code, _name in settings.LANGUAGES)])
    return {code: text_in(code, template, context) for code in languages}


def mail_to(address: str, text: Text, *, name: str) -> EmailMessage:
    """A mail whose Message-ID comes from ``name``, so that a second sending is recognised."""
    return EmailMessage(
        subject=text.subject,
        body=text.body,
        to=[address],
        headers={"Message-ID": f"<{name}@{settings.ORBITRAGE_MAIL_DOMAIN}>"},
    )


def address_of(path: str) -> str:
    """The whole address of a page, for a mail."""
    return f"{settings.ORBITRAGE_PUBLIC_URL}{path}"

"""What the tests of statements do and read."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import openpyxl
from django.urls import reverse
from django.utils import timezone

from quotas import services
from tests.eligibility.factories import AffiliationFactory
from tests.quotas.checks import hold
from tests.quotas.factories import cause

YEAR = timezone.localdate().year
THIS_YEAR = {
    "period_starts_on": dt.date(YEAR, 1, 1),
    "period_ends_on": dt.date(YEAR, 12, 31),
}
FIRST, SECOND = "R2026-000007", "R2026-000008"


def used(envelope):
    """Of 100: the first request has consumed 60.25 and been given 10.5 back, the second holds 5."""
    hold(envelope, "60.25", FIRST)
    services.consume_request(request_number=FIRST, cause=cause(FIRST))
    hold(envelope, "5", SECOND)
    give_back = services.ledger.Posting(
        envelope_id=envelope.pk, kind="refund", consumed=Decimal("-10.5")
    )
    services.ledger.post([give_back], cause(FIRST))
    return envelope


def affiliate(envelope):
    return AffiliationFactory(entity=envelope.entity).user


def text(response) -> str:
    """Of the main part of the page, on one line."""
    main = response.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def body(response) -> bytes:
    return b"".join(response)


def csv_rows(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"))))


def sheets(response) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(body(response)))
    return {sheet.title: list(sheet.values) for sheet in book}


def statement_url(envelope) -> str:
    return reverse("quotas:statement", args=[envelope.pk])


def text_of(response) -> str:
    """Of the whole page, tags included, on one line."""
    return " ".join(response.text.split())

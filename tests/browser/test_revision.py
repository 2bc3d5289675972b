"""A quarterly revision from draft to effect, with a request on both sides of its date, by the pages.

The clock is moved for the whole process, the live server's threads included (`timezone.now`). The
database's is not: ledger entries carry the instant they were written, so the statement of the new
quarter is asked from today on to show them, and what waits in the outbox for the moved day is made
due. Whoever comes after a move signs in: sessions end.
"""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from orbitrage.outbox_handlers import look_at_outbox
from orbitrage.shared.models import OutboxMessage
from quotas.models import Envelope, PolicyRevision
from quotas.rules import period_of
from quotas.services import end_periods
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.review import services as review
from tests.browser.documents import download, text_of
from tests.browser.people import Person, another_page, ask, geojson, may_sign_in
from tests.eligibility.factories import ProgrammeRoleFactory
from tests.requests_app import world

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]

TODAY = timezone.localdate()
STARTS_ON = period_of("quarter", TODAY).ends_on + dt.timedelta(days=1)
EVE = STARTS_ON - dt.timedelta(days=1)
# 129.27 km² each, at one latitude; they do not touch: neither is a slice of the other.
BEFORE = world.square(size_deg=0.12)
AFTER = world.square(west=2.3, size_deg=0.12)
# Archive beyond 100 and beyond 120 km²: 29.265754 × 4.06 = 118.81896…, 9.265754 × 4.06 = 37.61896….
TOTALS_EUR = ["118,82", "37,62"]


@pytest.fixture
def turn_clock(monkeypatch) -> Callable[[dt.date], None]:
    """Call it: it is that day, and the night before has ended the periods that were over."""
    real = timezone.now()

    def turn_to(day: dt.date) -> None:
        moment = real + (day - timezone.localdate(real))
        monkeypatch.setattr(timezone, "now", lambda: moment)
        end_periods(day)

    return turn_to


@pytest.fixture
def programme(base: str) -> world.Programme:
    """A public institution, which pays by the km², with no minimum: every figure changes its price."""
    found = world.programme(category="institutional", cell="institutional")
    may_sign_in(*found.people.values())
    return found


@pytest.fixture
def colleague(programme: world.Programme) -> str:
    """A second member of the secretariat."""
    programme.people["colleague of the office"] = ProgrammeRoleFactory(role="secretariat").user
    may_sign_in(programme.people["colleague of the office"])
    return "colleague of the office"


def said(somebody: Person) -> str:
    """What stands on the page, its kinds of spaces being one."""
    return " ".join(somebody.page.locator("main").inner_text().split())


def goes_to(somebody: Person, name: str, *arguments: object) -> str:
    somebody.page.goto(somebody.base + reverse(name, args=arguments))
    return said(somebody)


def draft(secretary: Person) -> PolicyRevision:
    """120 km² free for a request, 600 for an entity, from the first day of the next quarter."""
    page = secretary.page
    page.click('a[href="/quotas/"]')
    page.click('main a[href="/quotas/revisions/"]')
    page.click('main a[href="/quotas/revisions/new/pleiades/"]')
    assert page.input_value("#id_valid_from") == STARTS_ON.isoformat()
    page.fill("#id_figure-0-amount", "120")
    page.fill("#id_figure-1-amount", "600")
    page.fill("#id_figure-0-source", "Comité de direction")
    secretary.answer(reason="Le volume préfinancé du trimestre le permet.")
    secretary.confirm()
    return PolicyRevision.objects.get()


def submit(requester: Person, area: object, title: str) -> str:
    number = ask(requester, geojson(area), title=title)
    requester.move("submit")
    assert requester.state == "submitted"
    return number


def decide(programme: world.Programme, number: str) -> None:
    """Reviewed, and offered as it was asked."""
    pk = ImageryRequest.objects.get(number=number).pk
    review.take(request_id=pk, user=programme.reviewer)
    review.recommend(
        request_id=pk, user=programme.reviewer, opinion="Complet.", nationality_reviewed=True
    )
    arbitration.offer(request_id=pk, user=programme.arbitrator)


def make_documents() -> None:
    """What the worker does; the outbox goes by the database's clock."""
    OutboxMessage.objects.update(not_before=Now())
    look_at_outbox()


def quoted_total(requester: Person, number: str, folder: Path) -> str:
    """As the quotation's file says it, fetched from the request's page."""
    requester.open_request(number)
    requester.page.click('main a[href^="/quotas/quotations/"]')
    text = text_of(download(requester.page, "fr", folder))
    (total,) = re.findall(r"Total hors taxes\s+(.+)", text)
    return str(total)


def split_of(requester: Person, number: str) -> list[str]:
    """The km² of each line by which the request is paid for."""
    requester.open_request(number)
    lines = requester.page.locator('main table:has(caption) tbody td[data-label="km²"]')
    return [km2 for km2 in lines.all_inner_texts() if km2 != "—"]


def test_a_quarterly_revision_from_draft_to_effect(
    person: Callable[..., Person],
    programme: world.Programme,
    colleague: str,
    turn_clock: Callable[[dt.date], None],
    tmp_path: Path,
):
    secretary, second, requester = map(person, ("secretariat", colleague, "requester"))

    # One prepares it, side by side with the present; another publishes it.
    revision = draft(secretary)
    beside = said(secretary)
    figures = ("120 km²", "+20 km²", "+20,0 %", "600 km²", "+100 km²")
    assert [figure in beside for figure in figures] == [True] * 5
    publishing = f'form[action="{reverse("quotas:publish_revision", args=[revision.pk])}"] button'
    assert secretary.page.locator(publishing).count() == 0
    goes_to(requester, "quotas:revision", revision.pk)
    assert requester.page.locator("h1 .badge").count() == 0
    goes_to(second, "quotas:revisions")
    second.page.click(f'main a[href="{reverse("quotas:revision", args=[revision.pk])}"]')
    with another_page(second.page):
        second.page.click(publishing)
    revision.refresh_from_db()
    assert revision.published_by == programme.people[colleague]

    # It is announced to everybody, and changes nothing until its day.
    announced = goes_to(requester, "quotas:list")
    assert ("100 km²" in announced, "120 km²" in announced) == (True, True)
    turn_clock(EVE)
    requester = person("requester")
    before = submit(requester, BEFORE, "La veille")
    assert split_of(requester, before) == ["100,00", "29,27"]

    # On its day nothing is run: who asks then has the new figures, the other keeps its own.
    turn_clock(STARTS_ON)
    requester, secretary = person("requester"), person("secretariat")
    after = submit(requester, AFTER, "Le jour même")
    assert split_of(requester, after) == ["120,00", "9,27"]
    for number in (before, after):
        decide(programme, number)
    assert split_of(requester, before) == ["100,00", "29,27"]
    assert split_of(requester, after) == ["120,00", "9,27"]
    make_documents()
    totals = [quoted_total(requester, number, tmp_path) for number in (before, after)]
    assert totals == TOTALS_EUR
    assert "120 km²" not in goes_to(requester, "quotas:list")
    goes_to(secretary, "quotas:revision", revision.pk)
    assert secretary.page.locator("h1 .badge--positive").count() == 1

    # The allowance of the new quarter was opened with the new amount.
    allowance = Envelope.objects.get(scope="entity", period_starts_on=STARTS_ON, unit="km2")
    assert goes_to(requester, "quotas:list").count("600,00") == 1
    requester.page.click(f'main a[href="{reverse("quotas:statement", args=[allowance.pk])}"]')
    requester.page.fill("#id_starts_on", TODAY.isoformat())
    with another_page(requester.page):
        requester.page.click("main form.toolbar button")
    statement = said(requester)
    assert ("+600,00" in statement, "+120,00" in statement) == (True, True)
    assert "+500,00" not in statement

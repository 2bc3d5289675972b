"""A revision of policy takes effect on its day, and a request keeps the figures of its own: cap and
price of its submission, envelopes of the period it is charged on. Nothing is run on the day."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from quotas import services as quotas
from quotas.models import Envelope, QuotaPolicy, Quotation
from quotas.rules import period_of
from quotas.selectors import figures_in_force, outstanding
from quotas.services import ProposedFigure, end_periods
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from requests_app.selectors import plan_as_asked
from tests.eligibility.factories import ProgrammeRoleFactory
from tests.requests_app import world

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
STARTS_ON = period_of("quarter", TODAY).ends_on + dt.timedelta(days=1)
REVISED = {
    "request_cap": 120,
    "entity_allowance": 300,
    "programme_envelope": 8_000,
    "price_multiplier": Decimal("2.5"),
}
LARGE = {"aoi": world.square(size_deg=0.12)}
STEREO = LARGE | {"acquisition_mode": "stereo"}


@pytest.fixture
def revision(programme):
    """Published: 120 km² free instead of 100, an allowance of 300 instead of 500, cells' envelopes
    of 8,000 instead of 10,000, stereo billed 2.5 times instead of twice."""
    draft = quotas.draft_revision(
        sensor_id=programme.sensor.pk,
        user=programme.secretariat,
        valid_from=STARTS_ON,
        reason="The committee of the quarter.",
        figures=[proposed(row) for row in figures_in_force(programme.sensor.pk, TODAY)],
    )
    colleague = ProgrammeRoleFactory(role="secretariat").user
    return quotas.publish_revision(revision_id=draft.pk, version=1, user=colleague)


def proposed(row: QuotaPolicy) -> ProposedFigure:
    is_revised = (
        row.measure in REVISED
        and row.acquisition_mode in (None, "stereo")
        and row.unit in ("km2", "")
    )
    return ProposedFigure(
        revises_id=row.pk,
        amount=Decimal(REVISED[row.measure]) if is_revised else row.amount,
        late_return=row.late_return,
        source="Committee",
        is_example=False,
    )


@pytest.fixture
def clock(monkeypatch):
    """Call it: it is that day, and the nights before it have been."""
    real = timezone.now()

    def turn_to(day: dt.date) -> None:
        moment = real + (day - timezone.localdate(real))
        monkeypatch.setattr(timezone, "now", lambda: moment)
        end_periods(timezone.localdate())

    return turn_to


def free_and_price(request: ImageryRequest) -> tuple[Decimal, Decimal]:
    plan = plan_as_asked(ImageryRequest.objects.get(pk=request.pk))
    return plan.free_km2, plan.total_eur


def granted(number: str) -> dict[str, tuple[dt.date, Decimal]]:
    """By scope, the period and the grant of the envelopes that the request draws on."""
    drawn = Envelope.objects.in_bulk(list(outstanding(number)))
    return {e.scope: (e.period_starts_on, e.granted) for e in drawn.values() if e.unit == "km2"}


def test_request_of_the_day_before_keeps_its_cap_and_price_when_it_is_decided_after(
    programme, revision, clock
):
    """129.27 km²: 100 free; the 29.27 beyond are billed as 100 km² × 2 × 1 €."""
    clock(STARTS_ON - dt.timedelta(days=1))
    request = world.in_arbitration(programme, **STEREO)
    clock(STARTS_ON)

    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    assert free_and_price(request) == (Decimal(100), Decimal(200))
    assert Quotation.objects.get(request_number=request.number).total_eur == 200


def test_request_of_the_day_itself_has_the_new_cap_and_price(programme, revision, clock):
    """120 free; the 9.27 beyond are billed as 100 km² × 2.5 × 1 €."""
    clock(STARTS_ON)

    request = world.in_arbitration(programme, **STEREO)
    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    assert free_and_price(request) == (Decimal(120), Decimal(250))
    assert granted(request.number)["entity"] == (STARTS_ON, 300)
    assert granted(request.number)["programme"] == (STARTS_ON, 8_000)


def test_deferred_request_is_charged_on_the_new_quarter_with_its_old_cap(
    programme, revision, clock
):
    request = world.in_arbitration(programme, **LARGE)
    arbitration.defer(
        request_id=request.pk, user=programme.arbitrator, until=STARTS_ON, reason="Next quarter."
    )
    clock(STARTS_ON)

    arbitration.resume(request_id=request.pk, user=None)
    arbitration.offer(request_id=request.pk, user=programme.arbitrator)

    assert free_and_price(request) == (Decimal(100), Decimal(100))
    assert granted(request.number)["entity"] == (STARTS_ON, 300)
    assert granted(request.number)["programme"] == (STARTS_ON, 8_000)
    used = outstanding(request.number)
    drawn = Envelope.objects.filter(pk__in=used, unit="km2")
    held = {envelope.scope: used[envelope.pk].held for envelope in drawn}
    assert (held["entity"], held["programme"]) == (100, 100)


def test_envelopes_that_a_deferral_opened_early_are_put_right(programme, request):
    """The cell's envelope of the next quarter is open since the deferral, with 10,000 km²."""
    deferred = world.in_arbitration(programme, **LARGE)
    arbitration.defer(
        request_id=deferred.pk, user=programme.arbitrator, until=STARTS_ON, reason="Next quarter."
    )
    early = Envelope.objects.filter(period_starts_on=STARTS_ON, unit="km2")
    before = {envelope.scope: envelope.granted for envelope in early}

    request.getfixturevalue("revision")

    assert before == {"entity": 500, "programme": 10_000}
    assert {envelope.scope: envelope.granted for envelope in early.all()} == {
        "entity": 300,
        "programme": 8_000,
    }

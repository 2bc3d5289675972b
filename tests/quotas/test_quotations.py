import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orbitrage.shared.errors import Refusal
from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry, Quotation, QuotationCounter
from quotas.pricing import shrink
from quotas.services import QuotaRefused
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    ProgrammeRoleFactory,
    SensorFactory,
    UserFactory,
)
from tests.quotas.checks import NUMBER, NothingWritten, kinds
from tests.quotas.factories import (
    IN_QUARTER,
    QUARTER_END,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    cause,
    free_line,
    plan,
    priced_line,
)

pytestmark = pytest.mark.django_db
VALID_UNTIL = dt.date(2026, 3, 17)


def quote(asked, entity=None, number=NUMBER, on=IN_QUARTER) -> services.Issued:
    return services.issue_quotation(
        plan=asked,
        entity_id=(entity or EntityFactory()).pk,
        sensor_id=SensorFactory().pk,
        valid_until=VALID_UNTIL,
        on=on,
        cause=cause(number),
    )


def budget(unit: str) -> Envelope:
    return Envelope.objects.get(scope="budget", unit=unit)


def test_priced_part_stands_in_the_ledger_with_its_quotation():
    allowance, programme = AllowanceFactory(granted=500), EnvelopeFactory(granted=500)

    issued = quote(plan(free_line(100, allowance, programme), priced_line(20)))

    assert kinds(budget("km2")) == [("grant", 20, 0, 0), ("hold", 0, 20, 0)]
    assert kinds(budget("eur")) == [
        ("grant", Decimal("81.20"), 0, 0),
        ("hold", 0, Decimal("81.20"), 0),
    ]
    assert kinds(programme)[-1] == ("hold", 0, 100, 0)
    assert (selectors.charged_km2(NUMBER), selectors.charged_eur(NUMBER)) == (120, Decimal("81.20"))
    assert issued.plan.amounts() == {
        allowance.pk: 100,
        programme.pk: 100,
        budget("km2").pk: 20,
        budget("eur").pk: Decimal("81.20"),
    }


def test_quotation_freezes_its_priced_lines():
    issued = quote(plan(free_line(100, AllowanceFactory(granted=500)), priced_line(20)))

    quotation = Quotation.objects.get()
    assert quotation == issued.quotation
    assert (quotation.number, quotation.total_eur) == ("Q-2026-0001", Decimal("81.20"))
    assert [(line["source"], line["area_km2"], line["amount_eur"]) for line in quotation.lines] == [
        ("budget", "20", "81.20")
    ]


def test_envelope_of_the_day_is_opened_before_the_first_lock():
    """Whoever publishes figures locks the sensor first, then envelopes: the other order is a
    deadlock."""
    allowance = AllowanceFactory(granted=500)
    AllowancePolicyFactory(sensor=allowance.sensor, late_return="transfer")
    asked = plan(free_line(100, allowance), priced_line(20))
    services.hold_plan(plan=asked, cause=cause(), allotment="first_come")
    after = QUARTER_END + dt.timedelta(days=1)

    with CaptureQueriesContext(connection) as captured:
        services.issue_quotation(
            plan=asked,
            entity_id=allowance.entity_id,
            sensor_id=allowance.sensor_id,
            valid_until=VALID_UNTIL,
            on=after,
            cause=cause(on=after),
        )

    locks = [query["sql"] for query in captured if " FOR " in query["sql"]]
    opened = Envelope.objects.get(scope="entity", period_starts_on=after)
    assert kinds(opened)[0] == ("grant", 500, 0, 0)
    assert 'FROM "eligibility_sensor"' in locks[0]


def test_first_come_hold_of_the_submission_is_kept():
    allowance = AllowanceFactory(granted=500)
    asked = plan(free_line(100, allowance), priced_line(20))
    services.hold_plan(plan=asked, cause=cause(), allotment="first_come")

    quote(asked)

    assert [entry[0] for entry in kinds(allowance)] == ["grant", "hold"]


def test_numbers_follow_one_another_within_a_year():
    numbers = [
        quote(plan(priced_line(20)), number=f"R{n}", on=on).quotation.number
        for n, on in enumerate([IN_QUARTER, IN_QUARTER, dt.date(2027, 1, 1), IN_QUARTER])
    ]

    assert numbers == ["Q-2026-0001", "Q-2026-0002", "Q-2027-0001", "Q-2026-0003"]


def test_number_of_a_refused_quotation_is_given_again():
    allowance = AllowanceFactory(granted=10)

    with pytest.raises(QuotaRefused), transaction.atomic():
        quote(plan(free_line(100, allowance), priced_line(20)))

    assert not Envelope.objects.filter(scope="budget").exists()
    assert quote(plan(priced_line(20))).quotation.number == "Q-2026-0001"


def test_quotation_rolled_back_leaves_no_gap():
    with transaction.atomic():
        quote(plan(priced_line(20)))
        transaction.set_rollback(True)

    assert quote(plan(priced_line(20))).quotation.number == "Q-2026-0001"
    assert QuotationCounter.objects.get(year=2026).last == 1


def test_plan_without_a_price_is_not_quoted():
    asked = plan(free_line(60, AllowanceFactory(granted=500)))

    with NothingWritten() as refused:
        quote(asked)

    assert refused.refusals == (
        Refusal(
            "nothing_to_quote", "No part of the request has a price: there is nothing to quote."
        ),
    )


def test_second_open_quotation_of_a_request_is_refused():
    quote(plan(priced_line(20)))

    with NothingWritten() as refused:
        quote(plan(priced_line(30)))

    assert refused.refusals == (
        Refusal("quotation_already_open", "Quotation Q-2026-0001 is still open for this request."),
    )


def test_quotation_is_accepted_with_its_purchase_reference():
    quote(plan(priced_line(20)))

    services.accept_quotation(
        request_number=NUMBER, purchase_reference=" BC-2026-7 ", on=VALID_UNTIL
    )

    quotation = Quotation.objects.get()
    assert quotation.purchase_reference == "BC-2026-7"
    assert quotation.accepted_at is not None


@pytest.mark.parametrize(
    ("reference", "on", "refusals"),
    [
        (
            "BC-2026-7",
            dt.date(2026, 3, 18),
            [Refusal("quotation_expired", "Quotation Q-2026-0001 was valid until 17 March 2026.")],
        ),
        (
            "  ",
            VALID_UNTIL,
            [
                Refusal(
                    "purchase_reference_missing",
                    "A priced request is accepted with the reference of a purchase order.",
                )
            ],
        ),
    ],
)
def test_acceptance_out_of_time_or_without_reference_is_refused(reference, on, refusals):
    quote(plan(priced_line(20)))

    with NothingWritten() as refused:
        services.accept_quotation(request_number=NUMBER, purchase_reference=reference, on=on)

    assert list(refused.refusals) == refusals
    assert Quotation.objects.get().accepted_at is None


def test_acceptance_without_a_quotation_is_refused():
    with NothingWritten() as refused:
        services.accept_quotation(request_number=NUMBER, purchase_reference="BC", on=VALID_UNTIL)

    assert refused.refusals == (
        Refusal("quotation_missing", "Request R2026-000001 has no open quotation."),
    )


def test_declined_quotation_returns_all_that_was_granted():
    quote(plan(priced_line(20)))
    services.release_request(request_number=NUMBER, cause=cause())

    services.close_quotation(request_number=NUMBER, cause=cause())

    assert kinds(budget("km2"))[-1] == ("expire", -20, 0, 0)
    assert kinds(budget("eur"))[-1] == ("expire", Decimal("-81.20"), 0, 0)
    assert Quotation.objects.get().closed_at is not None


def test_after_the_last_refund_the_quotation_returns_the_rest():
    issued = quote(plan(priced_line(20)))
    services.consume_request(request_number=NUMBER, cause=cause())
    kept = shrink(issued.plan, Decimal(15))
    services.refund_request(request_number=NUMBER, cause=cause(), keep=kept)

    services.close_quotation(request_number=NUMBER, cause=cause())

    assert kinds(budget("km2"))[-2:] == [("refund", 0, 0, -5), ("expire", -5, 0, 0)]
    assert kinds(budget("eur"))[-2:] == [
        ("refund", 0, 0, Decimal("-20.30")),
        ("expire", Decimal("-20.30"), 0, 0),
    ]
    assert selectors.charged_km2(NUMBER) == 15


def test_quotation_still_held_is_not_closed():
    quote(plan(priced_line(20)))

    with NothingWritten() as refused:
        services.close_quotation(request_number=NUMBER, cause=cause())

    assert refused.refusals == (
        Refusal("quotation_still_held", "Quotation Q-2026-0001 is still held by its request."),
    )


def test_closing_without_a_quotation_does_nothing():
    assert services.close_quotation(request_number=NUMBER, cause=cause()) is None


def test_closing_returns_nothing_of_another_request():
    entity = EntityFactory()
    quote(plan(priced_line(20)), entity)
    quote(plan(priced_line(30)), entity, number="R2026-000002")
    services.release_request(request_number=NUMBER, cause=cause())

    services.close_quotation(request_number=NUMBER, cause=cause())

    assert (budget("km2").granted, budget("km2").held) == (30, 30)
    assert LedgerEntry.objects.filter(kind="expire", request_number="R2026-000002").count() == 0


def test_new_quotation_after_the_first_was_closed():
    entity = EntityFactory()
    quote(plan(priced_line(20)), entity)
    services.release_request(request_number=NUMBER, cause=cause())
    services.close_quotation(request_number=NUMBER, cause=cause())

    assert quote(plan(priced_line(10)), entity).quotation.number == "Q-2026-0002"
    assert (budget("km2").granted, budget("km2").held) == (10, 10)


def test_quotation_is_seen_by_its_entity_and_by_the_programme():
    entity = EntityFactory()
    quotation = quote(plan(priced_line(20)), entity).quotation
    quote(plan(priced_line(20)), number="R2026-000002")

    affiliate = AffiliationFactory(entity=entity).user
    assert list(Quotation.objects.visible_to(affiliate)) == [quotation]
    assert Quotation.objects.visible_to(ProgrammeRoleFactory().user).count() == 2
    assert not Quotation.objects.visible_to(UserFactory()).exists()
    assert not Quotation.objects.visible_to(AnonymousUser()).exists()


def test_quotation_beyond_what_the_budget_can_bear_with_others_is_refused():
    """16,000,000 × 4.06 = 64,960,000 €, twice in one year."""
    entity = EntityFactory()
    quote(plan(priced_line(16_000_000)), entity)

    with NothingWritten() as refused:
        quote(plan(priced_line(16_000_000)), entity, number="R2026-000002")

    assert refused.refusals == (
        Refusal(
            "amount_too_large",
            "The envelope would be granted 129,920,000 €; it must be less than 100,000,000 €.",
        ),
    )

"""`preview_funding`: which rows and envelopes make the plan. The arithmetic is in test_pricing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from quotas import selectors, services
from quotas.models import Envelope, LedgerEntry
from quotas.pricing import Source
from tests.eligibility.factories import (
    CellFactory,
    EntityFactory,
    OpenSensorFactory,
    ParameterFactory,
    SensorFactory,
)
from tests.quotas.factories import (
    IN_QUARTER,
    AllowanceFactory,
    AllowancePolicyFactory,
    EnvelopeFactory,
    IsisTariffFactory,
    PrefundedFactory,
    ProgrammePolicyFactory,
    QuotaPolicyFactory,
    TariffFactory,
    cause,
)
from tests.quotas.pricing_cases import split

pytestmark = pytest.mark.django_db
A_MONTH_AGO = timezone.localdate() - dt.timedelta(days=30)


@pytest.fixture
def entity():
    return EntityFactory()


@pytest.fixture
def policy():
    """Cap 100, allowance 500, programme 10,000 km²; 4.06 €/km², ISIS for science."""
    QuotaPolicyFactory()
    AllowancePolicyFactory()
    ProgrammePolicyFactory()
    TariffFactory()
    IsisTariffFactory()


def question(entity, area_km2, **fields):
    usual = {
        "entity_id": entity.pk,
        "is_scientific": False,
        "sensor_id": SensorFactory().pk,
        "request_kind": "archive",
        "acquisition_mode": "mono",
        "area_km2": Decimal(area_km2),
        "covered_km2": Decimal(0),
        "cell_id": CellFactory().pk,
        "on": IN_QUARTER,
    }
    return {**usual, **fields}


def preview(entity, area_km2, **fields):
    return selectors.preview_funding(
        selectors.FundingQuestion(**question(entity, area_km2, **fields))
    )


def test_preview_writes_nothing(entity, policy):
    preview(entity, 120)

    assert not Envelope.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_before_any_envelope_policy_says_what_will_be_free(entity, policy):
    plan = preview(entity, 120)

    assert split(plan) == [("free", 100), ("budget", 20)]
    assert [charge.scope for charge in plan.unopened("first_come")] == ["entity"]
    assert plan.shortfall_km2 == 0


def test_envelopes_opened_for_the_request_are_those_of_its_plan(entity, policy):
    asked = {"sensor_id": SensorFactory().pk, "request_kind": "archive", "on": IN_QUARTER}
    (allowance,) = services.ensure_envelopes(entity_id=entity.pk, **asked)
    programme = services.ensure_programme_envelope(cell_id=CellFactory().pk, **asked)

    plan = preview(entity, 60)

    assert plan.amounts() == {allowance.pk: 60, programme.pk: 60}


def test_what_others_hold_is_not_left(entity, policy):
    allowance = AllowanceFactory(entity=entity, granted=90)
    with_others = [services.Amount(allowance.pk, Decimal(60))]
    services.hold(amounts=with_others, cause=cause("R2026-000002"))

    assert split(preview(entity, 60)) == [("free", 30), ("budget", 30)]


def test_what_the_request_itself_holds_is_left_to_it(entity, policy):
    allowance = AllowanceFactory(entity=entity, granted=90)
    services.hold(amounts=[services.Amount(allowance.pk, Decimal(60))], cause=cause())

    assert split(preview(entity, 60, request_number="R2026-000001")) == [("free", 60)]


def test_shortfall_of_the_cell(entity, policy):
    EnvelopeFactory(granted=25)

    plan = preview(entity, 60)

    assert (plan.free_km2, plan.shortfall_km2) == (60, 35)


def test_shortfall_priced(entity, policy):
    EnvelopeFactory(granted=25)

    assert split(preview(entity, 60, is_shortfall_priced=True)) == [("free", 25), ("budget", 35)]


def test_envelope_of_another_period_entity_cell_or_sensor_is_not_drawn_on(entity, policy):
    AllowanceFactory(
        entity=entity, granted=1,
        period_starts_on=dt.date(2026, 4, 1), period_ends_on=dt.date(2026, 6, 30),
    )  # fmt: skip
    AllowanceFactory(granted=1)
    EnvelopeFactory(granted=1, cell=CellFactory(code="institutional"))
    AllowanceFactory(entity=entity, granted=1, sensor=SensorFactory(code="spot67"))

    assert preview(entity, 60).amounts() == {}
    assert len(preview(entity, 60).unopened()) == 2


def test_envelope_made_for_the_kind_comes_before_that_for_any(entity, policy):
    AllowanceFactory(entity=entity, granted=500)
    archive = AllowanceFactory(entity=entity, granted=20, request_kind="archive")

    plan = preview(entity, 60)

    assert plan.amounts("first_come") == {archive.pk: 20}


def test_prefunded_allotment_is_used_when_ticked(entity, policy):
    PrefundedFactory(entity=entity, granted=40)

    assert split(preview(entity, 60)) == [("free", 60)]
    assert split(preview(entity, 60, uses_prefunded=True)) == [("prefunded", 40), ("free", 20)]


@pytest.mark.parametrize(
    ("fields", "drawn_km2"),
    [({}, 60), ({"period_ends_on": dt.date(2026, 1, 31)}, 25), ({"request_kind": "tasking"}, 0)],
)
def test_own_prefunded_hold_stays_of_its_kind_and_after_its_end_alone(
    entity, policy, fields, drawn_km2
):
    """25 km² are held of a volume of 900."""
    volume = PrefundedFactory(entity=entity, granted=900, **fields)
    services.hold(amounts=[services.Amount(volume.pk, Decimal(25))], cause=cause())

    plan = preview(entity, 60, uses_prefunded=True, request_number="R2026-000001")

    assert plan.amounts().get(volume.pk, 0) == drawn_km2


def test_science_is_cofunded_and_billed_its_minimum(entity, policy):
    plan = preview(entity, 120, is_scientific=True)

    line = plan.lines[-1]
    assert (line.source, line.area_km2, line.billed_area_km2) == (Source.COFUNDED, 20, 100)
    assert plan.total_eur == 100


def test_tariff_of_the_kind_comes_before_that_for_any(entity, policy):
    TariffFactory(code="tasking", request_kind="tasking", rate_eur_per_km2=Decimal("5.22"))

    assert preview(entity, 120).total_eur == Decimal("81.20")
    assert preview(entity, 120, request_kind="tasking").total_eur == Decimal("104.40")


def test_packages_are_not_a_price_per_request(entity):
    TariffFactory(
        rate_eur_per_km2=Decimal("0.5"),
        package_eur=Decimal(20_000),
        package_area_km2=Decimal(40_000),
    )

    assert split(preview(entity, 60)) == [("unfunded", 60)]


def test_stereo_is_priced_double_and_counted_once(entity, policy):
    QuotaPolicyFactory(
        measure="price_multiplier", acquisition_mode="stereo", amount=2, unit="", period_kind=""
    )
    QuotaPolicyFactory(
        measure="quota_multiplier", acquisition_mode="stereo", amount=1, unit="", period_kind=""
    )

    assert preview(entity, 120).total_eur == Decimal("81.20")
    stereo = preview(entity, 120, acquisition_mode="stereo")
    assert (stereo.counted_km2, stereo.billed_km2, stereo.total_eur) == (120, 40, Decimal("162.40"))


def test_request_keeps_the_policy_of_its_submission(entity, policy):
    QuotaPolicyFactory(amount=Decimal(50), valid_from=dt.date(2026, 2, 1))

    assert preview(entity, 100, policy_on=dt.date(2026, 1, 15)).free_km2 == 100
    assert preview(entity, 100).free_km2 == 50
    assert preview(entity, 100).policy_valid_from == dt.date(2026, 2, 1)


def test_policy_of_a_cell_applies_to_it_alone(entity, policy):
    QuotaPolicyFactory(amount=Decimal(10), cell=CellFactory())

    assert preview(entity, 60).free_km2 == 10
    assert preview(entity, 60, cell_id=CellFactory(code="institutional").pk).free_km2 == 60


def test_without_allowance_the_plan_says_so(entity):
    TariffFactory()

    plan = preview(entity, 60)

    assert split(plan) == [("budget", 60)]
    assert [note.code for note in plan.notes] == ["no_allowance"]


def test_without_programme_envelope_the_plan_says_so(entity):
    AllowancePolicyFactory()

    plan = preview(entity, 60)

    assert plan.shortfall_km2 == 60
    assert [note.code for note in plan.notes] == ["no_programme_envelope", "shortfall"]


def test_open_data_draws_on_nothing(entity):
    plan = preview(entity, 900, sensor_id=OpenSensorFactory().pk)

    assert (split(plan), plan.counted_km2, plan.total_eur) == ([("open", 900)], 0, 0)


def test_area_finer_than_a_square_metre_is_rounded_once(entity, policy):
    assert preview(entity, "60.1234565").area_km2 == Decimal("60.123457")


@pytest.mark.parametrize("how_many", [1, 3])
def test_preview_asks_the_database_the_same_number_of_questions(
    entity, policy, how_many, django_assert_num_queries
):
    asked = question(entity, 60, request_number="R2026-000001")
    for n in range(how_many):
        kind = ("any", "archive", "tasking")[n]
        EnvelopeFactory(granted=10, request_kind=kind)
        QuotaPolicyFactory(request_kind=kind, valid_from=IN_QUARTER)

    # sensor, category of the entity, tariffs, policy, envelopes, what the request has
    with django_assert_num_queries(6):
        selectors.preview_funding(selectors.FundingQuestion(**asked))


def test_package_is_used_when_ticked(entity, policy):
    package = TariffFactory(
        code="package",
        rate_eur_per_km2=Decimal("0.50"),
        package_eur=20_000,
        package_area_km2=40_000,
    )
    PrefundedFactory(entity=entity, unit="eur", package=package, granted=30)

    plan = preview(entity, 170, uses_prefunded=True)

    assert split(plan) == [("free", 100), ("package", 60), ("budget", 10)]
    assert split(preview(entity, 170)) == [("free", 100), ("budget", 70)]


def test_of_two_packages_the_one_that_ends_first_is_used_first(entity, policy):
    package = TariffFactory(
        code="package",
        rate_eur_per_km2=Decimal("0.50"),
        package_eur=20_000,
        package_area_km2=40_000,
    )
    fields = {"entity": entity, "unit": "eur", "package": package}
    later = PrefundedFactory(**fields, granted=30, period_ends_on=dt.date(2026, 6, 30))
    sooner = PrefundedFactory(**fields, granted=10, period_starts_on=dt.date(2026, 1, 2))

    plan = preview(entity, 150, uses_prefunded=True)

    assert plan.amounts()[sooner.pk] == 10
    assert plan.amounts()[later.pk] == 15  # 30 km² × 0.50


def test_prefunded_volumes_are_used_one_after_the_other(entity, policy):
    first = PrefundedFactory(entity=entity, granted=30)
    second = PrefundedFactory(entity=entity, granted=500, period_starts_on=dt.date(2026, 1, 2))

    plan = preview(entity, 100, uses_prefunded=True)

    assert split(plan) == [("prefunded", 30), ("prefunded", 70)]
    assert plan.amounts() == {first.pk: 30, second.pk: 70}


def test_package_for_science_is_not_used_for_another_purpose(entity, policy):
    package = TariffFactory(
        code="package", is_scientific=True, package_eur=20_000, package_area_km2=40_000
    )
    PrefundedFactory(entity=entity, unit="eur", package=package, granted=30)

    plan = preview(entity, 110, uses_prefunded=True)

    assert split(plan) == [("free", 100), ("budget", 10)]


def test_tasking_outside_the_circle_draws_on_the_attempts_of_the_cell(entity, policy):
    attempts = EnvelopeFactory(request_kind="tasking", unit="attempts", granted=80)

    plan = preview(entity, 60, request_kind="tasking", outside_km2=Decimal(60))

    assert plan.amounts()[attempts.pk] == 1


def test_explanation_is_of_the_same_plan_and_writes_nothing(entity, policy):
    asked = selectors.FundingQuestion(**question(entity, 120))

    told = selectors.explain_funding(asked, [Decimal(120)])

    assert told.plan == selectors.preview_funding(asked)
    assert told.largest_free_km2 == 100
    assert [(after.scope, after.resets_on) for after in told.envelopes] == [
        ("entity", dt.date(2026, 4, 1)),
        ("programme", dt.date(2026, 4, 1)),
    ]
    assert not Envelope.objects.exists()


@pytest.fixture
def larger_cap():
    """From a month ago on, 150 km² are free instead of 100."""
    QuotaPolicyFactory(amount=Decimal(150), valid_from=A_MONTH_AGO)


def submitted_before(entity, area_km2):
    asked = question(entity, area_km2, policy_on=A_MONTH_AGO - dt.timedelta(days=1))
    return selectors.FundingQuestion(**asked)


def test_revision_shows_both_versions_and_that_of_the_submission_applies(
    entity, policy, larger_cap
):
    asked = submitted_before(entity, 170)

    revised = selectors.revised_policy(asked)

    assert split(revised.before) == [("free", 100), ("budget", 70)]
    assert split(revised.now) == [("free", 150), ("budget", 20)]
    assert not revised.applies
    assert selectors.preview_funding(asked) == revised.before


@pytest.mark.parametrize(("amount", "free_km2"), [(150, 150), (50, 100)])
def test_better_revision_applies_where_the_office_says_so_and_a_worse_one_never(
    entity, policy, amount, free_km2
):
    QuotaPolicyFactory(amount=Decimal(amount), valid_from=A_MONTH_AGO)
    ParameterFactory(code="better-revision-applies", amount=1, unit="choice")
    asked = submitted_before(entity, 170)

    assert selectors.preview_funding(asked).free_km2 == free_km2
    assert selectors.explain_funding(asked, []).plan.free_km2 == free_km2


def test_revision_that_changes_nothing_for_the_area_is_not_told(entity, policy, larger_cap):
    assert selectors.revised_policy(submitted_before(entity, 60)) is None


def test_envelope_to_be_opened_has_the_figure_of_the_first_day_of_its_period(entity, policy):
    """An allowance revised on 1 February is that of the quarter that begins in April."""
    AllowancePolicyFactory(amount=Decimal(40), valid_from=dt.date(2026, 2, 1))

    asked = question(entity, 60)
    opened = services.ensure_envelopes(
        entity_id=entity.pk,
        sensor_id=asked["sensor_id"],
        request_kind="archive",
        on=IN_QUARTER,
    )

    assert selectors.preview_funding(selectors.FundingQuestion(**asked)).free_km2 == 60
    assert opened[0].granted == 500

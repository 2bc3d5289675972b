import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.timezone import localdate

from eligibility.models import Cell, EligibilityRule, Parameter, RoutingRule, Sensor, UserCategory
from eligibility.policy_loading import (
    KINDS,
    Difference,
    PolicyFileRefused,
    load_rows,
    read_file,
    read_policy,
)
from quotas.models import Envelope, LedgerEntry

pytestmark = pytest.mark.django_db

PARAMETER = """
[defaults]
valid_from = 2020-01-01
source = "Example"
is_example = true

[[parameter]]
code = "offer-validity-days"
name_fr = "Validité"
name_en = "Validity"
unit = "days"
amount = {amount}
"""


@pytest.fixture
def write(tmp_path):
    def write_policy(text: str, name: str = "policy.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_file(tmp_path / name)

    return write_policy


def load_policy(*arguments) -> str:
    out = StringIO()
    call_command("load_policy", *arguments, stdout=out)
    return out.getvalue()


# --- the loader -----------------------------------------------------------------------------------


def test_row_takes_what_it_does_not_say_from_the_defaults(write):
    report = load_rows(write(PARAMETER.format(amount="30")))

    parameter = Parameter.objects.get()
    assert report.added == ["parameter offer-validity-days · 2020-01-01"]
    assert (parameter.amount, parameter.valid_from, parameter.is_example) == (
        Decimal(30),
        dt.date(2020, 1, 1),
        True,
    )


def test_loading_twice_changes_nothing(write):
    rows = write(PARAMETER.format(amount="30"))
    load_rows(rows)

    report = load_rows(rows)

    assert (report.added, report.unchanged, report.differences) == ([], 1, [])


def test_row_in_force_that_differs_is_reported_with_both_values_and_left_alone(write):
    load_rows(write(PARAMETER.format(amount="30")))

    report = load_rows(write(PARAMETER.format(amount="45.5")))

    assert report.differences == [
        Difference("parameter offer-validity-days · 2020-01-01", "amount", "30.000000", "45.5")
    ]
    assert Parameter.objects.get().amount == 30


def test_later_date_is_a_new_row(write):
    load_rows(write(PARAMETER.format(amount="30")))

    report = load_rows(write(PARAMETER.format(amount="45").replace("2020-01-01", "2024-01-01")))

    assert len(report.added) == 1
    assert list(Parameter.objects.order_by("valid_from").values_list("amount", flat=True)) == [
        30,
        45,
    ]


def test_row_that_is_not_in_force_yet_is_corrected(write):
    tomorrow = (localdate() + dt.timedelta(days=1)).isoformat()
    to_come = PARAMETER.replace("2020-01-01", tomorrow)
    load_rows(write(to_come.format(amount="30")))

    report = load_rows(write(to_come.format(amount="45")))

    assert (len(report.corrected), Parameter.objects.get().amount) == (1, 45)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[sensors]]\ncode = 'x'", "there is no table “sensors”"),
        ("[[cell]]\ncolour = 'red'", "cell.colour?"),
        ("[[routing_rule]]\nsensor = 'ikonos'", "no sensor is called “ikonos”"),
        ("[[cell", "policy.toml"),
    ],
)
def test_file_that_cannot_be_read_is_refused_by_its_name(write, text, said):
    from django.utils.translation import override

    with override("en"), pytest.raises(PolicyFileRefused) as refusal:
        load_rows(write(text))

    assert said in str(refusal.value)


def test_nothing_is_loaded_when_one_row_is_refused(write):
    rows = write(PARAMETER.format(amount="30") + "\n[[routing_rule]]\nsensor = 'ikonos'\n")

    with pytest.raises(PolicyFileRefused):
        load_rows(rows, sorted(KINDS, key=lambda kind: kind.table))

    assert not Parameter.objects.exists()


def test_folder_without_a_policy_is_refused(tmp_path):
    with pytest.raises(PolicyFileRefused):
        read_policy(tmp_path)


# --- the policy that is shipped -------------------------------------------------------------------


def test_policy_loads_twice_and_says_so():
    first, second = load_policy(), load_policy()

    assert " 0 differences" in first
    assert "Policy: 0 rows added" in second
    assert " 0 differences" in second


def test_programme_envelopes_are_funded_once_through_the_ledger():
    load_policy()
    load_policy()

    envelopes = Envelope.objects.filter(scope="programme", unit="km2")
    assert {
        (each.cell.code, each.sensor.code, each.granted, each.contract.reference)
        for each in envelopes
    } == {
        ("pleiades-science", "pleiades", 10_000, "EXAMPLE-PLEIADES"),
        ("institutional", "pleiades", 10_000, "EXAMPLE-PLEIADES"),
        ("spot-science", "spot67", 200_000, "EXAMPLE-SPOT"),
        ("institutional", "spot67", 200_000, "EXAMPLE-SPOT"),
    }
    assert LedgerEntry.objects.filter(kind="grant", envelope__in=envelopes).count() == 4


def test_difference_is_printed_and_left_alone():
    load_policy()
    Cell.objects.filter(code="institutional").update(email="cell@agency.example")

    printed = load_policy()

    assert (
        "differs    cell institutional: email is cell@agency.example here, "
        "institutional@orbitrage.example in the file" in printed
    )
    assert Cell.objects.get(code="institutional").email == "cell@agency.example"


def test_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError):
        load_policy(str(tmp_path / "nowhere"))


def test_sensors_of_the_programme():
    load_policy()

    assert list(Sensor.objects.order_by("code").values_list("code", "policy", "is_offered")) == [
        ("pleiades", "managed", True),
        ("pleiades-neo", "managed", False),
        ("sentinel1", "open", True),
        ("sentinel2", "open", True),
        ("sentinel3", "open", True),
        ("sentinel5p", "open", True),
        ("spot67", "managed", True),
    ]


@pytest.mark.parametrize(
    ("sensor", "is_scientific", "cell"),
    [
        ("pleiades", True, "pleiades-science"),
        ("spot67", True, "spot-science"),
        ("pleiades", False, "institutional"),
        ("spot67", False, "institutional"),
    ],
)
def test_routing_of_the_programme(sensor, is_scientific, cell):
    load_policy()

    rules = RoutingRule.objects.in_force(localdate()).filter(sensor__code=sensor).order_by("rank")
    fitting = [rule for rule in rules if rule.is_scientific in (None, is_scientific)]

    assert fitting[0].cell.code == cell


# Typed by hand from the programme's page of eligible users: archive and tasking, Pléiades and SPOT.
ELIGIBILITY = {
    "scientific-public": ("yes", "yes", "yes", "yes"),
    "institutional": ("yes", "yes", "yes", "yes"),
    "public-interest": ("yes", "yes", "yes", "yes"),
    "contractor": ("yes", "yes", "yes", "yes"),
    "company-rd": ("after_agreement",) * 4,
    "foreign-scientific": ("after_agreement",) * 4,
    "foreign-partner": ("no", "no", "no", "no"),
    "european-laboratory": ("yes", "yes", "no", "no"),
    "public": ("no", "no", "no", "no"),
}


def test_eligibility_of_every_category():
    load_policy()

    rules = {
        (rule.category.code, rule.sensor.code, rule.request_kind): rule.answer
        for rule in EligibilityRule.objects.in_force(localdate()).select_related(
            "category", "sensor"
        )
    }
    cases = [(sensor, kind) for sensor in ("pleiades", "spot67") for kind in ("archive", "tasking")]
    assert rules == {
        (category, sensor, kind): answer
        for category, answers in ELIGIBILITY.items()
        for (sensor, kind), answer in zip(cases, answers, strict=True)
    }
    assert set(UserCategory.objects.values_list("code", flat=True)) == set(ELIGIBILITY)


def test_every_row_names_a_source():
    load_policy()

    for kind in KINDS:
        assert not kind.model.objects.filter(source="").exists()


def test_figure_finer_than_its_unit_is_refused_with_its_row(tmp_path):
    (tmp_path / "72-quotas.toml").write_text(
        """
[[sensor]]
code = "pleiades"
name = "Pléiades"
operator = "Airbus DS"
policy = "managed"
valid_from = 2020-01-01
source = "Example"

[[quota_policy]]
sensor = "pleiades"
measure = "programme_envelope"
period_kind = "quarter"
unit = "eur"
amount = 250_000.005
valid_from = 2020-01-01
source = "Example"
""",
        encoding="utf-8",
    )

    with translation.override("en"), pytest.raises(CommandError) as refused:
        load_policy(str(tmp_path))

    assert refused.value.__cause__.codes == ("amount_too_precise",)
    assert str(refused.value) == (
        "72-quotas.toml: quota_policy pleiades · any · programme_envelope · eur · 2020-01-01:"
        " 250000.005 eur: 3 decimals; 2 at most in that unit."
    )
    assert not Sensor.objects.exists()

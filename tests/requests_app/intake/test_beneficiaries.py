"""Partners and contractors, one a line."""

from datetime import date

import pytest
from django.utils.translation import override

from orbitrage.shared.errors import Refusal
from quotas.pricing import FundingPlan
from requests_app.beneficiaries import (
    Contractor,
    beneficiary_refusals,
    contractor_refusals,
    contractors_in,
    lines_of,
)
from requests_app.documents import licence_record
from requests_app.selectors import plan_of
from tests.requests_app import world


def test_names_are_read_line_by_line():
    assert lines_of(" LEGOS \n\n IRD\r\n") == ["LEGOS", "IRD"]


@pytest.mark.parametrize(
    ("line", "contractor"),
    [
        ("Geomatics SARL; 2027-05-31", Contractor("Geomatics SARL", date(2027, 5, 31))),
        ("G; C-12; 2027-05-31", Contractor("G", date(2027, 5, 31), "C-12")),
        ("G; 2027-05-31; C-12; lot 2", Contractor("G", date(2027, 5, 31), "C-12; lot 2")),
    ],
)
def test_contractor_has_a_name_a_last_day_and_a_reference(line, contractor):
    assert contractors_in(line) == [contractor]
    assert contractor_refusals(line) == []


@pytest.mark.parametrize(
    "line", ["Geomatics", "; 2027-05-31", "G; May", "G; 2027-05-31; 2028-01-01"]
)
def test_contractor_without_one_name_and_one_day_is_refused(line):
    (refusal,) = contractor_refusals(line)

    assert refusal.code == "contractor_not_understood"
    assert line in refusal.message


def test_long_lists_and_long_names_are_refused_with_their_figures():
    text = "\n".join(["x" * 151, *("y" * 20)])

    with override("en"):
        too_long, too_many = beneficiary_refusals(text)

    assert too_long.code == "beneficiary_too_long"
    assert too_many == Refusal("too_many_beneficiaries", "21 names; 20 at most.")


@pytest.mark.django_db
def test_licence_names_them_with_the_project(programme):
    request = world.approved(
        programme, partners="LEGOS", contractors="G; 2027-05-31; C-12", project="Coasts 2030"
    )

    plan: FundingPlan | None = plan_of(request)
    assert plan is not None
    record = licence_record(request, plan)

    named = [(each.name, each.role, each.until, each.reference) for each in record.beneficiaries]
    assert record.project_title == "Coasts 2030"
    assert named == [
        ("G", "contractor", date(2027, 5, 31), "C-12"),
        ("LEGOS", "partner", None, ""),
    ]

"""What a licence allows, for machines, says what its words and its record say."""

import io
import json
from datetime import date

import pikepdf
import pytest

from licences.documents.pdf import licence_pdf
from licences.documents.policy import policy_of
from licences.kinds import kinds_in_force
from licences.records import Beneficiary
from orbitrage.shared.canonical import sha256_of
from tests.licences.factories import membership_record_of, region_record_of
from tests.licences.frozen import CODE, frozen, frozen_of


def rules_over(policy, code, of="permission"):
    return [
        rule for rule in policy[of] if any(each.endswith(f"#{code}") for each in rule["target"])
    ]


def constraints_of(rule):
    return {
        (each["leftOperand"], each["operator"]): each["rightOperand"] for each in rule["constraint"]
    }


def test_policy_is_an_agreement_with_the_licensee():
    policy = policy_of(frozen())

    assert (policy["@context"], policy["@type"]) == (
        "http://www.w3.org/ns/odrl.jsonld",
        "Agreement",
    )
    assert policy["uid"] == "https://orbitrage.example/licences/verify/PLE-DSP-2026-0042/"
    assert policy["assigner"] == "https://orbitrage.example/"
    assert policy["assignee"]["schema:name"] == "Commune de Plougastel"


def test_images_go_to_the_licensee_and_the_beneficiaries_named_and_are_not_sold():
    named = Beneficiary(name="Géolittomer", role="contractor", until=date(2027, 6, 30))

    policy = policy_of(frozen(beneficiaries=(named,)))

    (rule,) = rules_over(policy, "PRODUCT")
    recipients = constraints_of(rule)["recipient", "isAnyOf"]
    assert recipients == ["Commune de Plougastel", "Géolittomer"]
    assert rules_over(policy, "PRODUCT", "prohibition")[0]["action"] == ["sell", "distribute"]


def test_members_share_images_of_spot():
    (rule,) = rules_over(policy_of(frozen(kind="spot_member", sensor_code="spot67")), "PRODUCT")

    assert "members" in constraints_of(rule)["recipient", "isAnyOf"]


def test_derivative_works_are_published_with_the_attribution():
    (rule,) = rules_over(policy_of(frozen()), "DERIVATIVE")

    assert "distribute" in rule["action"]
    assert ("recipient", "isAnyOf") not in constraints_of(rule)
    credit = "© CNES {year}, distribution Airbus DS"
    assert rule["duty"] == [{"action": "attribute", "schema:creditText": credit}]


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds_in_force() if "VALUE_ADDED" in kind.policy]
)
def test_elevation_model_is_never_a_derivative_work(kind):
    make = region_record_of if kind.subject == "region" else None
    record = frozen_of(make(kind=kind.code)) if make else frozen(kind=kind.code)

    (rule,) = rules_over(policy_of(record), "ELEVATION_MODEL")

    assert rule["target"][0].endswith("#VALUE_ADDED")


def test_dates_are_those_of_the_licence():
    record = frozen() | {"valid_until": "2031-02-28"}

    (rule,) = rules_over(policy_of(record), "PRODUCT")

    said = constraints_of(rule)
    assert said["dateTime", "gteq"] == {"@value": "2026-03-01", "@type": "xsd:date"}
    assert said["dateTime", "lteq"] == {"@value": "2031-02-28", "@type": "xsd:date"}


def test_images_of_a_region_are_open_from_their_day():
    (rule,) = rules_over(policy_of(frozen_of(region_record_of())), "PRODUCT")

    said = constraints_of(rule)
    assert said["dateTime", "gteq"]["@value"] == "2027-01-01"
    assert ("recipient", "isAnyOf") not in said


def test_membership_gives_no_right_to_images():
    assert policy_of(frozen_of(membership_record_of())) is None


def test_policy_is_attached_to_the_document():
    record = frozen()

    data = licence_pdf(record, sha256=sha256_of(record), check_code=CODE, language="fr")

    with pikepdf.open(io.BytesIO(data)) as pdf:
        names = sorted(pdf.attachments)
        attached = pdf.attachments["PLE-DSP-2026-0042-policy.json"].get_file().read_bytes()
    assert names == ["PLE-DSP-2026-0042-policy.json", "PLE-DSP-2026-0042.json"]
    assert json.loads(attached) == policy_of(record)

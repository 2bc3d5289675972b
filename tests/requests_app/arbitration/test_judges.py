"""Who judges a dispute: nobody who registered one of its deliveries, nobody with an interest."""

import pytest

from requests_app.intake.services import deliveries
from requests_app.models import ImageryRequest
from requests_app.states import State
from requests_app.supply import services as supply
from requests_app.supply.services import disputes
from tests.eligibility.factories import AffiliationFactory, CellMemberFactory, ProgrammeRoleFactory
from tests.requests_app import world
from tests.requests_app.books import forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def second_officer(programme):
    return CellMemberFactory(cell=programme.cell, role="supply_officer").user


@pytest.fixture
def disputed(programme, second_officer):
    """The supply officer registered the first part, the second officer the rest."""
    request = world.partly_delivered(programme)
    supply.register_delivery(
        request_id=request.pk,
        user=second_officer,
        products=[world.product(world.square(), identifier="DS_PHR1A_2")],
        complete=True,
    )
    return deliveries.dispute(request_id=request.pk, user=programme.requester, reason="Clouds.")


def make_judge(programme, person, post):
    if post == "arbitrator":
        CellMemberFactory(cell=programme.cell, user=person, role="arbitrator")
    else:
        ProgrammeRoleFactory(user=person)
    return person


def uphold(request, judge):
    return disputes.uphold_delivery(request_id=request.pk, user=judge, reason="2 % of clouds.")


def test_registrars_are_all_who_registered_a_delivery(programme, disputed, second_officer):
    found = ImageryRequest.objects.get(pk=disputed.pk).registrar_ids

    assert found == {programme.supply_officer.pk, second_officer.pk}


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_registered_the_first_part_does_not_judge(programme, disputed, post):
    judge = make_judge(programme, programme.supply_officer, post)

    with forbidden():
        uphold(disputed, judge)


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_registered_the_last_part_does_not_judge(programme, disputed, second_officer, post):
    judge = make_judge(programme, second_officer, post)

    with forbidden():
        uphold(disputed, judge)


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_belongs_to_the_entity_does_not_judge(programme, disputed, post):
    judge = make_judge(programme, AffiliationFactory(entity=programme.entity).user, post)

    with forbidden():
        uphold(disputed, judge)


@pytest.mark.parametrize("post", ["arbitrator", "secretariat"])
def test_who_registered_nothing_and_has_no_interest_judges(programme, disputed, post):
    judge = make_judge(programme, AffiliationFactory().user, post)

    assert uphold(disputed, judge).state == State.CLOSED

"""The requester answers the cell by asking for a new acquisition in place of an archive image."""

from datetime import date
from decimal import Decimal

import pytest

from quotas.models import Envelope, QuotaPolicy
from requests_app.intake import services as intake
from tests.requests_app import after, world
from tests.requests_app.books import balances, held

pytestmark = pytest.mark.django_db


def test_it_draws_on_the_allowance_of_its_own_kind(programme):
    """Policy gives new acquisitions 50 km² a quarter, apart from the 500 km² of the rest."""
    QuotaPolicy.objects.create(
        sensor=programme.sensor,
        request_kind="tasking",
        measure="entity_allowance",
        period_kind="quarter",
        unit="km2",
        amount=50,
        valid_from=date(2020, 1, 2),
        source="test",
    )
    request = after.asked(programme)
    intake.update_draft(
        request_id=request.pk,
        user=programme.requester,
        sensor=programme.sensor,
        answers=world.ANSWERS | world.tasking(),
    )

    intake.answer(request_id=request.pk, user=programme.requester, text="A new acquisition.")

    allowances = Envelope.objects.filter(scope="entity").order_by("request_kind")
    assert list(allowances.values_list("request_kind", "granted", "held")) == [
        ("any", 500, 0),
        ("tasking", 50, 50),
    ]
    assert balances(request.number) == held(entity=Decimal(50))

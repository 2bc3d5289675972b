"""Lines of grants, and the envelopes they are about."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from quotas import models
from quotas.rules import GrantLine
from tests.eligibility.factories import EntityFactory
from tests.quotas.factories import AllowanceFactory, SupplyContractFactory

NEXT_YEAR = timezone.localdate().year + 1
START, END = dt.date(NEXT_YEAR, 1, 1), dt.date(NEXT_YEAR, 12, 31)
PERIOD = {"period_starts_on": START, "period_ends_on": END}
SIRETS = ("13000000000017", "13000000000025", "13000000000033")


def allowance(n=0, **fields):
    entity = EntityFactory(siret=SIRETS[n])
    return AllowanceFactory(entity=entity, **PERIOD, **fields)


def line(envelope, amount=10, number=2, **fields) -> GrantLine:
    owner = envelope.cell.code if envelope.cell else envelope.entity.siret
    about = {
        "number": number,
        "scope": envelope.scope,
        "owner": owner,
        "sensor": envelope.sensor.code,
        "request_kind": envelope.request_kind,
        "unit": envelope.unit,
        "starts_on": envelope.period_starts_on,
        "amount": Decimal(amount),
        "reason": "Committee",
    }
    return GrantLine(**about | fields)


def ceiling(unit="km2", amount=1000):
    contract = SupplyContractFactory()
    models.SupplyCeiling.objects.create(contract=contract, unit=unit, amount=amount)
    return contract

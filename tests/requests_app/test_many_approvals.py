"""Many approvals at once, the worker killed in between: no number lost or given twice, one file per
document, each the one its row says; what is undone gives its number back."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections, transaction

from eligibility.models import Sensor, Terms
from licences.models import Licence, LicenceCounter, LicenceFile
from orbitrage.shared import outbox
from orbitrage.shared.documents import files
from orbitrage.shared.models import OutboxMessage
from requests_app.arbitration import services as arbitration
from requests_app.models import ImageryRequest
from tests.eligibility.factories import (
    AffiliationFactory,
    EntityFactory,
    MembershipFactory,
    TermsAcceptanceFactory,
)
from tests.requests_app import world
from tests.sizes import size
from tests.workers import child_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.serial,
    pytest.mark.prove,
]

APPROVALS = size(small=60, large=1_000)
KILLS = size(small=2, large=10)
THREADS = 8
OF_ONE_ENTITY = 5
UNDONE_EACH = 7
PATIENCE_S = size(small=240, large=2_400)
LEASE_HERE_S = 3


def another_member(found: world.Programme) -> world.Programme:
    """The same programme with another entity and another requester."""
    entity = EntityFactory(category=found.entity.category)
    MembershipFactory(entity=entity, sensors=list(Sensor.objects.all()))
    requester = AffiliationFactory(entity=entity).user
    for terms in Terms.objects.exclude(kind="site"):
        TermsAcceptanceFactory(
            terms=terms, entity=entity, user=found.people["legal_representative"]
        )
    return replace(found, entity=entity, people=found.people | {"requester": requester})


def recommended(programme: world.Programme) -> list[ImageryRequest]:
    """Of small areas, on behalf of so many entities that no rule of one of them is in the way."""
    requests = []
    for number in range(APPROVALS):
        if number % OF_ONE_ENTITY == 0:
            member = another_member(programme)
        west, south = 0.1 * (number % 40), 43 + 0.1 * (number // 40)
        aoi = world.square(west=west, south=south, size_deg=0.01)
        requests.append(world.in_arbitration(member, aoi=aoi, agrees_to_enlargement=True))
    return requests


def approve(request: ImageryRequest, programme: world.Programme, *, undone_first: bool) -> None:
    """Approved; some once more before, in a transaction that is then undone."""
    try:
        if undone_first:
            with transaction.atomic():
                arbitration.approve(request_id=request.pk, user=programme.arbitrator)
                transaction.set_rollback(True)
        arbitration.approve(request_id=request.pk, user=programme.arbitrator)
    finally:
        connections.close_all()


def kill_now_and_then(worker, is_over: threading.Event, killed: list[int]) -> None:
    """Kill the process that prints, at any moment, as long as something is to be printed."""
    chance = random.Random(7)
    try:
        while len(killed) < KILLS and not is_over.is_set():
            time.sleep(chance.uniform(0.3, 2.0))
            if OutboxMessage.objects.filter(state="leased").exists() and (pid := child_of(worker)):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
    finally:
        connections.close_all()


def all_is_printed() -> bool:
    waiting = OutboxMessage.objects.filter(topic="licences.render").exclude(state="done")
    assert not waiting.filter(state="dead").exists()
    outbox.wake_worker()
    return not waiting.exists()


def test_many_approvals_give_each_a_number_and_its_documents(
    committed_programme, start_worker, storage, proof
):
    requests = recommended(committed_programme)
    worker = start_worker()
    is_over, killed = threading.Event(), []
    killer = threading.Thread(target=kill_now_and_then, args=(worker, is_over, killed))
    killer.start()

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        for future in [
            pool.submit(
                approve, request, committed_programme, undone_first=number % UNDONE_EACH == 0
            )
            for number, request in enumerate(requests)
        ]:
            future.result()
    wait_until_printed()
    is_over.set()
    killer.join()

    licences = Licence.objects.order_by("sequence")
    assert [licence.sequence for licence in licences] == list(range(1, APPROVALS + 1))
    assert len({licence.number for licence in licences}) == APPROVALS
    assert LicenceCounter.objects.get().last == APPROVALS
    assert {request.number for request in requests} == {each.request_number for each in licences}
    rows = list(LicenceFile.objects.all())
    assert len({(row.licence_id, row.version, row.language) for row in rows}) == len(rows)
    assert len(rows) == 2 * APPROVALS
    for row in rows:
        files.read(row.storage_name, row.sha256)
    kept = {str(path.relative_to(storage)) for path in storage.rglob("*.pdf")}
    assert kept == {row.storage_name for row in rows}
    assert len(killed) == KILLS
    undone = len(range(0, APPROVALS, UNDONE_EACH))
    proof(f"approvals by {THREADS} threads, {undone} undone first, {KILLS} kills", APPROVALS)


def wait_until_printed() -> None:
    """The leases of the killed run out after some seconds here, not after some minutes: longer than
    a licence takes, and one that is printed twice is kept once."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if all_is_printed():
            return
        leased = list(OutboxMessage.objects.filter(state="leased"))
        time.sleep(LEASE_HERE_S)
        for message in leased:
            still = OutboxMessage.objects.filter(pk=message.pk, lease_token=message.lease_token)
            still.filter(state="leased").update(lease_until=message.created_at)
    left = OutboxMessage.objects.exclude(state="done").values_list("key", "state", "last_error")
    raise AssertionError(f"not printed after {PATIENCE_S} s: {list(left[:5])}")

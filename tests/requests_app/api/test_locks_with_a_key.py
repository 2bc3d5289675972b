"""A call with a key is one transaction: no envelope is opened, nor its sensor locked, within it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import pytest
from django.db import connections, transaction

from eligibility.models import Sensor, User
from quotas.models import Envelope
from requests_app.models import ImageryRequest
from requests_app.transitions import lock_request
from tests.concurrency import PATIENCE_S, backend_pid, start_in_thread, wait_until_blocked
from tests.requests_app import world
from tests.requests_app.api.calling import Program, secret_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]

REQUEST_LOCK = 'SELECT "requests_app_imageryrequest"'


def sensor_is_free(sensor) -> bool:
    """Whether somebody else can open envelopes of it at this moment."""
    free = Sensor.objects.select_for_update(no_key=True, skip_locked=True)
    with transaction.atomic():
        return free.filter(pk=sensor.pk).exists()


def while_it_waits(request, call, look):
    """What ``look`` finds while ``call`` waits for the request, which another session has locked;
    then what the call is answered."""
    pids, is_locked, may_go_on = {}, Event(), Event()

    def hold():
        with transaction.atomic():
            lock_request(request.pk)
            pids["holder"] = backend_pid()
            is_locked.set()
            assert may_go_on.wait(timeout=PATIENCE_S * 2)

    def wait():
        pids["caller"] = backend_pid()
        return call()

    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            start_in_thread(pool, hold)
            assert is_locked.wait(timeout=PATIENCE_S)
            answer = start_in_thread(pool, wait)
            while "caller" not in pids:
                assert not answer.done()
            wait_until_blocked(pid=pids["caller"], by=pids["holder"], at=REQUEST_LOCK)
            found = look()
        finally:
            may_go_on.set()
    connections.close_all()
    return found, answer.result()


@dataclass(frozen=True)
class Case:
    """A move that opens envelopes of ``sensor``."""

    request: ImageryRequest
    person: User
    move: str
    said: dict[str, object] | None
    sensor: Sensor


def submitted(found):
    return Case(world.draft(found), found.requester, "submit", None, found.sensor)


def deferred(found):
    request = world.in_arbitration(found)
    said = {"until": world.in_days(300).isoformat(), "reason": "Next year."}
    return Case(request, found.arbitrator, "defer", said, found.sensor)


def offered(_found):
    """SPOT 6/7 in place of Pléiades, by the cell that serves both."""
    found = world.programme(category="institutional", cell="institutional")
    request, spot = world.in_arbitration(found), Sensor.objects.get(code="spot67")
    return Case(request, found.arbitrator, "offer", {"sensor_id": spot.pk}, spot)


@pytest.mark.parametrize("make", [submitted, deferred, offered])
def test_envelopes_are_opened_before_the_request_is_locked(committed_programme, make):
    case = make(committed_programme)
    before = Envelope.objects.count()
    secret = secret_of(case.person)
    Program(secret).get("/sensors")

    def call():
        address = f"/requests/{case.request.number}/do/{case.move}"
        return Program(secret).post(address, case.said, key="k-1")

    def look():
        return sensor_is_free(case.sensor), Envelope.objects.count() > before

    found, answer = while_it_waits(case.request, call, look)

    assert found == (True, True)
    assert answer.status_code == 200

"""A deadlock is retried once, and nothing else is."""

from threading import Barrier

import pytest
from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from orbitrage.shared.errors import DomainError, Refusal
from orbitrage.shared.models import OutboxMessage
from orbitrage.shared.transactions import retried_once
from tests.concurrency import in_parallel


class Service:
    """Fails with each of ``errors`` in turn, then succeeds."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def undone(cause):
    error = OperationalError("undone")
    error.__cause__ = cause
    return error


def run(service):
    return retried_once(lambda: service())()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cause", [DeadlockDetected(), SerializationFailure()])
def test_what_the_database_undid_is_tried_again(cause):
    service = Service(undone(cause))

    assert (run(service), service.calls) == ("done", 2)


@pytest.mark.django_db(transaction=True)
def test_it_is_tried_again_once():
    service = Service(undone(DeadlockDetected()), undone(DeadlockDetected()))

    with pytest.raises(OperationalError):
        run(service)
    assert service.calls == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error",
    [undone(LockNotAvailable()), OperationalError("away"), DomainError(Refusal("no", "No."))],
    ids=["lock timeout", "connection", "refusal"],
)
def test_other_failures_are_not_tried_again(error):
    service = Service(error)

    with pytest.raises(type(error)):
        run(service)
    assert service.calls == 1


@pytest.mark.django_db
def test_inside_a_wider_transaction_nothing_is_tried_again():
    service = Service(undone(DeadlockDetected()))

    with pytest.raises(OperationalError):
        run(service)
    assert service.calls == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.concurrency
def test_two_services_that_deadlock_both_end():
    first, second = (
        OutboxMessage.objects.create(topic="test", key=key, payload={}) for key in "ab"
    )
    both_hold_one = Barrier(2)
    tries = []

    def touch(here, there):
        @retried_once
        @transaction.atomic
        def service():
            tries.append(here.key)
            OutboxMessage.objects.select_for_update().get(pk=here.pk)
            if tries.count(here.key) == 1:
                both_hold_one.wait(timeout=5)
            OutboxMessage.objects.select_for_update().get(pk=there.pk)
            return here.key

        return service

    results = in_parallel([touch(first, second), touch(second, first)])

    assert [future.result() for future in results] == ["a", "b"]
    assert len(tries) == 3

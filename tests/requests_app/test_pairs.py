"""Two files of one entity and one cell, moved at random at the same instant, again and again."""

from collections import Counter
from random import Random
from threading import Barrier

import pytest

from quotas.selectors import discrepancies
from requests_app import transitions
from requests_app.models import ImageryRequest
from tests.concurrency import PATIENCE_S, deadlocks, in_parallel
from tests.requests_app.walk import (
    WAYS,
    Walk,
    new_file,
    open_ample_envelopes,
    ways_of,
)
from tests.sizes import PROVE, size

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.concurrency,
    pytest.mark.prove,
]


@pytest.fixture
def begun(monkeypatch) -> Counter[int]:
    """How often each file was locked to be moved: twice for one move, had it been retried."""
    lock_request = transitions.lock_request
    begun = Counter()

    def lock_and_count(request_id):
        begun[request_id] += 1
        return lock_request(request_id)

    monkeypatch.setattr(transitions, "lock_request", lock_and_count)
    return begun


def test_pairs_of_moves_never_deadlock_and_are_never_retried(committed_programme, begun, proof):
    programme, pairs = committed_programme, size(small=30, large=1_000)
    open_ample_envelopes(programme)
    begun.clear()
    both_begin = Barrier(2)
    before = deadlocks()

    def move_files(seed):
        chance = Random(None if PROVE else seed)

        def work():
            request, moves = new_file(programme), Counter()
            for _ in range(pairs):
                if request.state not in WAYS:
                    request = new_file(programme)
                way = chance.choice(ways_of(request))
                both_begin.wait(PATIENCE_S)
                way(Walk(programme, request, chance))
                moves[request.pk] += 1
                request = ImageryRequest.objects.get(pk=request.pk)
            return moves

        return work

    futures = in_parallel([move_files(1), move_files(2)])

    moves = [future.result() for future in futures]
    assert begun == moves[0] + moves[1]
    assert begun.total() == 2 * pairs
    assert deadlocks() == before
    assert discrepancies() == []
    proof("pairs of moves of two files at once, without a deadlock and without a retry", pairs)

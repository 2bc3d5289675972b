"""Processes that move files, killed at any instant: every file stands wholly before or wholly after
its transition, and the books agree."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

import pytest
from django.db import connections

from quotas.selectors import discrepancies
from tests.clusters import Cluster, cluster_of_its_own
from tests.requests_app import world
from tests.requests_app.walk import open_ample_envelopes
from tests.requests_app.walkers import Walker
from tests.requests_app.wholeness import side
from tests.sizes import size

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.serial,  # one cluster for all of them
    pytest.mark.prove,
    # The processes use nothing but what they open themselves.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]

USUAL_S = 0.06
"""How long a transition takes, before one was seen."""


@dataclass
class Kills:
    """Two walkers on the same envelopes; the one that is struck is replaced."""

    programme: world.Programme
    chance: Random = field(default_factory=Random)
    files: list[list[int]] = field(default_factory=lambda: [[], []])
    walkers: list[Walker] = field(default_factory=list)
    inside: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def start(self, which: int) -> Walker:
        return Walker.start(self.programme, self.files[which], self.chance.getrandbits(32))

    def start_all(self) -> None:
        connections.close_all()
        self.walkers = [self.start(which) for which in range(2)]

    def freeze(self, *walkers: Walker) -> None:
        """Each at an instant of its own, and see whether a transaction is open."""
        for walker in walkers:
            for _ in range(self.chance.randint(1, 3)):
                walker.next_transition()
        for walker in walkers:
            self.wait_for_an_instant(walker)
            walker.freeze()
            self.inside += walker.is_inside()

    def wait_for_an_instant(self, walker: Walker) -> None:
        """One time in five any instant; else one that is likely to fall amid what is written."""
        is_aimed = self.chance.random() >= 0.2
        if is_aimed:
            walker.wait_until_inside()
        walker.hear_all()
        usual_s = Walker.usual_s.get(walker.last.transition, USUAL_S)
        time.sleep(self.chance.uniform(0, 0.3 * usual_s if is_aimed else usual_s))

    def judge(self, which: int) -> None:
        walker = self.walkers[which]
        walker.wait_until_gone()
        said = walker.last_transition()
        self.files[which] = [said.request_id]
        where = side(said.request_id, said.transition, said.rows)
        self.outcomes[said.transition, where] += 1
        assert discrepancies() == []

    def strike(self, end: Callable[[Walker], None]) -> None:
        which = self.chance.randrange(2)
        self.freeze(self.walkers[which])
        end(self.walkers[which])
        self.judge(which)
        self.walkers[which] = self.start(which)

    def stop_all(self) -> None:
        for walker in self.walkers:
            walker.kill()
            walker.process.join()

    def tell(self, proof: Callable[[str, int], None], what: str) -> None:
        """Where the strikes fell; of many, three in five where a transaction was open."""
        struck = self.outcomes.total()
        proof(f"{what}: every file wholly before or wholly after its transition", struck)
        proof(f"{what}: inside an open transaction", self.inside)
        for side_of_it in ("before", "after"):
            fell = {name: n for (name, where), n in self.outcomes.items() if where == side_of_it}
            shares = ", ".join(f"{name} {n}" for name, n in sorted(fell.items()))
            proof(f"{what}, file wholly {side_of_it}: {shares}", sum(fell.values()))
        assert self.inside >= size(small=0, large=struck * 6 // 10)


@pytest.fixture(scope="module")
def cluster(django_db_setup, django_db_blocker) -> Iterator[Cluster]:
    with django_db_blocker.unblock(), cluster_of_its_own() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def walked_programme(cluster) -> world.Programme:
    programme = world.programme()
    open_ample_envelopes(programme)
    return programme


@pytest.fixture
def kills(walked_programme) -> Iterator[Kills]:
    kills = Kills(walked_programme)
    kills.start_all()
    yield kills
    kills.stop_all()


def test_killed_process_leaves_every_file_before_or_after(kills, proof):
    for _ in range(size(small=6, large=200)):
        kills.strike(Walker.kill)

    kills.tell(proof, "process killed")


def test_ended_session_leaves_every_file_before_or_after(kills, proof):
    for _ in range(size(small=2, large=50)):
        kills.strike(Walker.end_session)

    kills.tell(proof, "session terminated")


def test_power_cut_leaves_every_file_before_or_after(kills, cluster, proof):
    for _ in range(size(small=1, large=15)):
        kills.freeze(*kills.walkers)
        connections.close_all()
        cluster.stop("immediate")
        for walker in kills.walkers:
            walker.thaw()
        cluster.start()
        for which in range(len(kills.walkers)):
            kills.judge(which)
        kills.start_all()

    kills.tell(proof, "cluster stopped at once")

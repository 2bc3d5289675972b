"""What the secretariat does by hand: its reason, its second person, and nobody else."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from eligibility.models import Parameter
from orbitrage.shared.errors import Refusal
from quotas import services
from quotas.models import LedgerEntry, QuotaAct, Unit
from tests.eligibility.factories import ProgrammeRoleFactory, UserFactory
from tests.quotas.checks import NothingWritten, balances, kinds
from tests.quotas.factories import LONG_AGO, AllowanceFactory, EnvelopeFactory

pytestmark = pytest.mark.django_db

RUNNING = {"period_ends_on": dt.date(2099, 12, 31)}


@pytest.fixture(autouse=True)
def threshold():
    """A second person from 50 of each unit."""
    names = {"name_fr": "Seuil", "name_en": "Threshold", "valid_from": LONG_AGO, "source": "test"}
    for unit in Unit.values:
        code = f"second-person-from-{unit}"
        Parameter.objects.create(code=code, unit=unit, amount=50, **names)


def grant(user, envelope, amount, reason="Agreed by the committee."):
    facts = {"envelope_id": envelope.pk, "amount": Decimal(amount)}
    return services.propose_act(user=user, kind="grant", facts=facts, reason=reason)


def test_small_act_is_done_at_once_with_its_author(secretary):
    envelope = EnvelopeFactory(granted=100, **RUNNING)

    act = grant(secretary, envelope, "49.999999")

    entry = LedgerEntry.objects.latest("pk")
    assert balances(envelope) == (Decimal("149.999999"), 0, 0)
    assert (entry.decision, entry.author, entry.second_author) == (act.decision, secretary, None)
    assert (act.done_at is None, act.reason) == (False, "Agreed by the committee.")
    assert entry.reason == "act:grant"


@pytest.mark.parametrize("unit", Unit.values)
def test_every_unit_has_an_amount_from_which_a_second_person_is_needed(secretary, unit):
    envelope = EnvelopeFactory(unit=unit, **RUNNING)

    acts = [grant(secretary, envelope, 49), grant(secretary, envelope, 50)]

    assert [act.is_waiting for act in acts] == [False, True]
    assert balances(envelope) == (49, 0, 0)


def test_large_act_waits_for_a_second_person(secretary, colleague):
    envelope = EnvelopeFactory(granted=100, **RUNNING)

    act = grant(secretary, envelope, 50)
    before = balances(envelope)
    services.confirm_act(act_id=act.pk, user=colleague)

    entry = LedgerEntry.objects.latest("pk")
    assert (before, balances(envelope)) == ((100, 0, 0), (150, 0, 0))
    assert (entry.author, entry.second_author) == (secretary, colleague)


@pytest.mark.parametrize(
    ("amount", "rate", "waits"),
    [(1, 50, True), ("49.999999", 1, False), (50, "0.1", True), (7, "7.1", False)],
)
def test_conversion_takes_a_second_person_for_what_it_takes_or_gives(
    secretary, amount, rate, waits
):
    archive = EnvelopeFactory(request_kind="archive", granted=100, **RUNNING)
    tasking = EnvelopeFactory(request_kind="tasking", cell=archive.cell, **RUNNING)
    facts = {"from_envelope_id": archive.pk, "to_envelope_id": tasking.pk}
    facts |= {"amount": Decimal(amount), "rate": Decimal(rate)}

    act = services.propose_act(user=secretary, kind="convert", facts=facts, reason="Asked for.")

    assert act.is_waiting == waits
    assert (balances(tasking)[0] == 0) == waits


def test_whoever_proposed_does_not_confirm(secretary):
    act = grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 50)

    with NothingWritten() as refused:
        services.confirm_act(act_id=act.pk, user=secretary)

    assert refused.codes == ["same_person"]


@pytest.mark.parametrize("end", [services.confirm_act, services.withdraw_act])
def test_act_ends_once(secretary, colleague, end):
    act = grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 50)
    end(act_id=act.pk, user=colleague)

    for again in (services.confirm_act, services.withdraw_act):
        with NothingWritten() as refused:
            again(act_id=act.pk, user=colleague)
        assert refused.codes == ["act_ended"]


def test_withdrawn_act_moves_nothing(secretary):
    envelope = EnvelopeFactory(granted=100, **RUNNING)
    act = grant(secretary, envelope, 50)

    services.withdraw_act(act_id=act.pk, user=secretary)

    assert balances(envelope) == (100, 0, 0)
    assert not QuotaAct.objects.waiting().exists()


def test_correction_always_takes_a_second_person(secretary, colleague):
    envelope = EnvelopeFactory(granted=100, **RUNNING)
    entry = LedgerEntry.objects.get()

    act = services.propose_act(
        user=secretary,
        kind="correct",
        facts={"entry_id": entry.pk, "granted": Decimal(-1)},
        reason="101 was meant to be 100.",
    )
    before = balances(envelope)
    services.confirm_act(act_id=act.pk, user=colleague)

    assert (before, balances(envelope)) == ((100, 0, 0), (99, 0, 0))
    assert LedgerEntry.objects.latest("pk").corrects == entry


def test_act_is_confirmed_under_the_rules_of_then(secretary, colleague):
    giver, taker = (AllowanceFactory(granted=n, **RUNNING) for n in (100, None))
    facts = {"from_envelope_id": giver.pk, "to_envelope_id": taker.pk, "amount": Decimal(80)}
    act = services.propose_act(user=secretary, kind="transfer", facts=facts, reason="Asked for.")
    services.propose_act(
        user=secretary,
        kind="reduce",
        facts={"envelope_id": giver.pk, "amount": Decimal(40)},
        reason="Cut.",
    )

    with NothingWritten() as refused:
        services.confirm_act(act_id=act.pk, user=colleague)

    assert refused.codes == ["envelope_in_use"]
    act.refresh_from_db()
    assert (act.done_at, act.confirmed_by) == (None, None)


@pytest.mark.parametrize("kind", ["grant", "transfer", "convert"])
def test_nothing_is_granted_to_an_envelope_whose_period_is_over(secretary, kind):
    """It would be lost the night after."""
    over = EnvelopeFactory(request_kind="archive", granted=100)
    taker = EnvelopeFactory(request_kind="tasking", cell=over.cell)
    facts = {"from_envelope_id": over.pk, "to_envelope_id": taker.pk, "amount": Decimal(10)}
    if kind == "grant":
        facts = {"envelope_id": taker.pk, "amount": Decimal(10)}
    if kind == "convert":
        facts["rate"] = Decimal(1)

    with NothingWritten() as refused, transaction.atomic():
        services.propose_act(user=secretary, kind=kind, facts=facts, reason="Agreed.")

    assert refused.refusals == (Refusal("period_over", "The period was over on 31 March 2026."),)
    assert not QuotaAct.objects.exists()


def test_what_is_left_of_a_period_that_is_over_may_go_to_one_that_runs(secretary):
    giver, taker = AllowanceFactory(granted=100), AllowanceFactory(**RUNNING)
    facts = {"from_envelope_id": giver.pk, "to_envelope_id": taker.pk, "amount": Decimal(10)}

    services.propose_act(user=secretary, kind="transfer", facts=facts, reason="Agreed.")

    assert (balances(giver), balances(taker)) == ((90, 0, 0), (10, 0, 0))


@pytest.mark.parametrize("scope", ["prefunded", "budget"])
def test_paid_volume_is_granted_whenever(secretary, scope):
    envelope = AllowanceFactory(scope=scope)

    grant(secretary, envelope, 10)

    assert balances(envelope) == (10, 0, 0)


def test_act_without_a_reason_is_refused(secretary):
    envelope = EnvelopeFactory(granted=100, **RUNNING)

    with NothingWritten() as refused:
        grant(secretary, envelope, 10, reason=" ")

    assert refused.codes == ["reason_missing"]
    assert not QuotaAct.objects.exists()


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [("grant", -1, "amount_not_positive"), ("reduce", 500, "reduction_beyond_grant")],
)
def test_refused_act_is_not_kept_even_where_it_would_wait(secretary, kind, amount, code):
    facts = {"envelope_id": EnvelopeFactory(granted=100, **RUNNING).pk, "amount": Decimal(amount)}

    with NothingWritten() as refused, transaction.atomic():
        services.propose_act(user=secretary, kind=kind, facts=facts, reason="Agreed.")

    assert refused.codes == [code]
    assert not QuotaAct.objects.exists()


@pytest.mark.parametrize("role", [None, "observer"])
def test_nobody_else_acts(secretary, role):
    somebody = ProgrammeRoleFactory(role=role).user if role else UserFactory()
    envelope = EnvelopeFactory(granted=100, **RUNNING)
    waiting = grant(secretary, envelope, 60)

    for attempt in (
        lambda: grant(somebody, envelope, 10),
        lambda: services.confirm_act(act_id=waiting.pk, user=somebody),
        lambda: services.withdraw_act(act_id=waiting.pk, user=somebody),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert kinds(envelope) == [("grant", 100, 0, 0)]


def test_acts_are_seen_by_secretariat_and_observers(secretary):
    grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 60)
    observer = ProgrammeRoleFactory(role="observer").user

    seen = {
        user: QuotaAct.objects.visible_to(user).count()
        for user in (secretary, observer, UserFactory())
    }

    assert list(seen.values()) == [1, 1, 0]


@pytest.mark.parametrize(
    "change",
    [{"facts": {}}, {"kind": "reduce"}, {"reason": "Another."}, {"done_at": None}],
)
def test_act_is_frozen(secretary, change):
    act = grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 10)

    with pytest.raises(IntegrityError, match="keeps what was proposed"), transaction.atomic():
        QuotaAct.objects.filter(pk=act.pk).update(**change)


def test_reason_of_an_act_may_be_emptied(secretary):
    act = grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 10)

    assert QuotaAct.objects.filter(pk=act.pk).update(reason=None) == 1


def test_act_is_not_deleted(secretary):
    act = grant(secretary, EnvelopeFactory(granted=100, **RUNNING), 10)

    with pytest.raises(IntegrityError, match="keeps what was proposed"), transaction.atomic():
        act.delete()

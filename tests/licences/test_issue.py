from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import repeat
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from licences import services
from licences.kinds import KindUnknown
from licences.models import Licence, LicenceCounter, LicenceFile
from orbitrage.shared.canonical import sha256_of
from orbitrage.shared.models import OutboxMessage
from tests.concurrency import second_waits_for_first
from tests.eligibility.factories import CellFactory, EntityFactory
from tests.licences.factories import issued, record_of, revoked
from tests.sizes import size

YEAR = timezone.localdate().year


@pytest.mark.django_db
def test_licence_is_frozen_with_its_number():
    entity, cell, decision = EntityFactory(), CellFactory(), uuid4()

    licence = services.issue(
        record=record_of(), decision=decision, entity_id=entity.pk, cell_id=cell.pk
    )

    licence.refresh_from_db()
    assert licence.number == f"PLE-DSP-{YEAR}-0001"
    assert (licence.year, licence.sequence, licence.state) == (YEAR, 1, "issued")
    assert (licence.entity, licence.cell, licence.decision) == (entity, cell, decision)
    assert licence.record["number"] == licence.number
    assert licence.record["licensee"]["name"] == "Commune de Plougastel"
    assert licence.record["area_km2"] == "3.587461"
    assert licence.record["verify_address"].endswith(f"/licences/verify/{licence.number}/")
    assert licence.record_sha256 == sha256_of(licence.record)
    assert len(licence.check_code) == 32


@pytest.mark.django_db
def test_document_is_asked_for_in_the_same_transaction():
    licence = services.issue(record=record_of(), decision=uuid4(), entity_id=EntityFactory().pk)

    message = OutboxMessage.objects.get()
    assert message.topic == "licences.render"
    assert message.key == f"licences.render:{licence.number}"
    assert message.payload == {"licence_id": licence.pk}


@pytest.mark.django_db
def test_each_kind_counts_on_its_own():
    numbers = [
        issued().number,
        issued(kind="spot_member").number,
        issued().number,
        issued(kind="sentinel_notice").number,
        issued(kind="pleiades_scientific").number,
    ]

    assert numbers == [
        f"PLE-DSP-{YEAR}-0001",
        f"SPOT-MBR-{YEAR}-0001",
        f"PLE-DSP-{YEAR}-0002",
        f"SEN-NOT-{YEAR}-0001",
        f"PLE-SCI-{YEAR}-0001",
    ]


@pytest.mark.django_db(transaction=True)
def test_licence_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        services.issue(record=record_of(), decision=uuid4(), entity_id=EntityFactory().pk)

    assert not Licence.objects.exists()


@pytest.mark.django_db
def test_unknown_kind_writes_nothing():
    with pytest.raises(KindUnknown):
        services.issue(
            record=record_of(kind="unknown"), decision=uuid4(), entity_id=EntityFactory().pk
        )

    assert not LicenceCounter.objects.exists()


@pytest.mark.django_db
def test_one_decision_gives_one_licence():
    decision, entity = uuid4(), EntityFactory()
    services.issue(record=record_of(), decision=decision, entity_id=entity.pk)

    with pytest.raises(IntegrityError, match="decision"), transaction.atomic():
        services.issue(record=record_of(), decision=decision, entity_id=entity.pk)

    assert LicenceCounter.objects.get().last == 1


@pytest.mark.django_db
def test_rolled_back_licence_gives_its_number_back():
    issued()

    with transaction.atomic():
        lost = services.issue(record=record_of(), decision=uuid4(), entity_id=EntityFactory().pk)
        transaction.set_rollback(True)

    assert issued().sequence == lost.sequence == 2


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_second_licence_waits_for_the_number_of_the_first():
    entity = EntityFactory()
    issued(entity=entity)

    def give():
        return services.issue(record=record_of(), decision=uuid4(), entity_id=entity.pk).sequence

    race = second_waits_for_first(give, give, at="licences_licencecounter")

    race.assert_second_waited()
    assert (race.winner.result(), race.loser.result()) == (2, 3)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_under_threads_and_rollbacks(proof):
    entity_id = EntityFactory().pk
    each = size(small=8, large=125)

    def give_some(thread: int, entity_id: int) -> None:
        try:
            for turn in range(each):
                _give_or_undo(entity_id, undo=(turn + thread) % 3 == 0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(give_some, range(8), repeat(entity_id)))

    kept = list(Licence.objects.order_by("sequence").values_list("sequence", flat=True))
    assert kept == list(range(1, len(kept) + 1))
    assert len(kept) > 8 * each // 2
    assert LicenceCounter.objects.get().last == len(kept)
    proof("licence numbers without gap: approvals by 8 threads, a third undone", 8 * each)


def _give_or_undo(entity_id: int, *, undo: bool) -> None:
    with transaction.atomic():
        services.issue(record=record_of(), decision=uuid4(), entity_id=entity_id)
        transaction.set_rollback(undo)


@pytest.mark.django_db
def test_revoked_licence_keeps_its_number():
    licence = issued()
    decision = uuid4()

    taken_back = services.revoke(
        request_number=licence.request_number, reason="Window over.", decision=decision
    )

    licence.refresh_from_db()
    assert taken_back == [licence]
    assert (licence.state, licence.revocation_reason) == ("revoked", "Window over.")
    assert licence.revocation_decision == decision
    assert issued().sequence == licence.sequence + 1


@pytest.mark.django_db
def test_revoking_again_changes_nothing():
    licence = revoked()

    again = services.revoke(
        request_number=licence.request_number, reason="Other.", decision=uuid4()
    )

    assert again == []
    assert Licence.objects.get().revocation_reason == "Acquisition failed."


@pytest.mark.django_db
def test_revocation_without_a_reason_is_refused():
    licence = issued()

    with (
        pytest.raises(IntegrityError, match="licence_revoked_says_when_and_why"),
        transaction.atomic(),
    ):
        services.revoke(request_number=licence.request_number, reason="", decision=uuid4())

    assert Licence.objects.get().state == "issued"


@pytest.mark.parametrize(
    ("first_day", "years", "last_day"),
    [
        (date(2026, 3, 31), 1, date(2027, 3, 30)),
        (date(2026, 1, 1), 5, date(2030, 12, 31)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2027, 3, 1), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 0, None),
    ],
)
def test_right_ends_on_the_eve_of_its_anniversary(first_day, years, last_day):
    assert services._last_day(first_day, years) == last_day


# --- What the database refuses --------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"record": {"licensee": "somebody else"}},
        {"area_km2": 1000},
        {"number": "PLE-DSP-2026-9999"},
        {"check_code": "0" * 32},
        {"request_number": "R2026-999999"},
    ],
)
def test_issued_licence_is_frozen(change):
    licence = issued()

    with pytest.raises(IntegrityError, match="licence_is_frozen"), transaction.atomic():
        Licence.objects.filter(pk=licence.pk).update(**change)


@pytest.mark.django_db
def test_revoked_licence_does_not_come_back():
    licence = revoked()

    with pytest.raises(IntegrityError, match="licence_is_frozen"), transaction.atomic():
        Licence.objects.filter(pk=licence.pk).update(
            state="issued", revoked_at=None, revocation_reason="", revocation_decision=None
        )


@pytest.mark.django_db
def test_licence_cannot_be_deleted():
    licence = issued()

    with pytest.raises(IntegrityError, match="licence_is_frozen"), transaction.atomic():
        licence.delete()


@pytest.mark.django_db
def test_superseded_licence_names_its_successor():
    licence = issued()

    with (
        pytest.raises(IntegrityError, match="licence_superseded_names_its_successor"),
        transaction.atomic(),
    ):
        Licence.objects.filter(pk=licence.pk).update(state="superseded")


@pytest.mark.django_db
def test_number_cannot_be_given_twice():
    first = issued()
    fields = {
        field.attname: getattr(first, field.attname)
        for field in Licence._meta.concrete_fields
        if not field.primary_key
    }

    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Licence.objects.create(**fields | {"decision": uuid4(), "sequence": 2})
    with pytest.raises(IntegrityError, match="licence_sequence_unique"), transaction.atomic():
        Licence.objects.create(**fields | {"decision": uuid4(), "number": "OTHER"})


@pytest.mark.django_db
def test_counter_moves_by_one():
    issued()

    with pytest.raises(IntegrityError, match="licence_counter_moves_by_one"), transaction.atomic():
        LicenceCounter.objects.update(last=7)


@pytest.mark.django_db
def test_file_given_out_cannot_be_changed_or_removed():
    file = LicenceFile.objects.create(
        licence=issued(), version=1, language="fr", sha256="0" * 64, size_bytes=1, storage_name="a"
    )

    for change in (
        lambda: LicenceFile.objects.filter(pk=file.pk).update(sha256="1" * 64),
        file.delete,
    ):
        with (
            pytest.raises(IntegrityError, match="licence_file_is_append_only"),
            transaction.atomic(),
        ):
            change()

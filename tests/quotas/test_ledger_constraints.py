"""What the database itself refuses, whoever writes."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from quotas.models import Envelope, LedgerEntry, Quotation, QuotationFile, QuotationReferences
from tests.eligibility.factories import CellFactory, EntityFactory, UserFactory
from tests.quotas.factories import (
    AllowanceFactory,
    EnvelopeFactory,
    PackageFactory,
    QuotaPolicyFactory,
    QuotationIssuerFactory,
)

pytestmark = pytest.mark.django_db
LONG_BEFORE = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)


def post(envelope, kind, granted=0, held=0, consumed=0, **fields) -> LedgerEntry:
    fields.setdefault("decision", uuid4())
    return LedgerEntry.objects.create(
        envelope=envelope,
        kind=kind,
        d_granted=Decimal(granted),
        d_held=Decimal(held),
        d_consumed=Decimal(consumed),
        **fields,
    )


def roomy_envelope() -> Envelope:
    """100 held and 100 consumed of 300, so that no sign is refused for lack of anything."""
    envelope = EnvelopeFactory(granted=300)
    post(envelope, "hold", held=200)
    post(envelope, "consume", held=-100, consumed=100)
    return envelope


def test_entry_moves_its_envelope_and_carries_the_balances_after_it():
    envelope = EnvelopeFactory(granted=100)

    entry = post(envelope, "hold", held=60)

    envelope.refresh_from_db()
    entry.refresh_from_db()
    assert (envelope.granted, envelope.held, envelope.consumed) == (100, 60, 0)
    assert (entry.granted_after, entry.held_after, entry.consumed_after) == (100, 60, 0)
    assert (entry.sequence, envelope.last_sequence) == (2, 2)


def test_what_an_entry_claims_of_balances_and_time_is_overwritten():
    envelope = EnvelopeFactory(granted=100)

    entry = post(envelope, "hold", held=60, sequence=99, granted_after=Decimal(999), at=LONG_BEFORE)

    entry.refresh_from_db()
    assert (entry.sequence, entry.granted_after) == (2, 100)
    assert entry.at.year > 2001


ALLOWED = [
    ("grant", (1, 0, 0)),
    ("expire", (-1, 0, 0)),
    ("transfer", (1, 0, 0)),
    ("transfer", (-1, 0, 0)),
    ("convert", (1, 0, 0)),
    ("convert", (-1, 0, 0)),
    ("hold", (0, 1, 0)),
    ("adjust", (0, 1, 0)),
    ("adjust", (0, -1, 0)),
    ("release", (0, -1, 0)),
    ("consume", (0, -1, 1)),
    ("consume_more", (0, 0, 1)),
    ("refund", (0, 0, -1)),
]
REFUSED = [
    (kind, signs)
    for kind in dict(ALLOWED)
    for signs in [
        (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1), (0, -1, 1),
        (0, 1, -1), (0, -2, 1), (0, -1, 2), (1, 1, 0), (-1, 0, 1), (1, -1, 1), (0, 0, 0),
    ]
    if (kind, signs) not in ALLOWED
]  # fmt: skip


@pytest.mark.parametrize(("kind", "signs"), ALLOWED)
def test_each_kind_moves_in_its_own_direction(kind, signs):
    envelope = roomy_envelope()

    post(envelope, kind, *signs)

    after = Envelope.objects.get(pk=envelope.pk)
    assert (after.granted, after.held, after.consumed) == tuple(
        start + sign for start, sign in zip((300, 100, 100), signs, strict=True)
    )


@pytest.mark.parametrize(("kind", "signs"), REFUSED)
def test_no_kind_moves_otherwise(kind, signs):
    envelope = roomy_envelope()

    with pytest.raises(IntegrityError, match="entry_signs_follow_kind"), transaction.atomic():
        post(envelope, kind, *signs)


def test_unknown_kind_is_refused():
    with pytest.raises(IntegrityError, match="entry_signs_follow_kind"):
        post(roomy_envelope(), "gift", granted=1)


def test_correction_by_two_persons_that_names_the_entry_is_taken():
    envelope = EnvelopeFactory(granted=100)
    wrong = LedgerEntry.objects.get(envelope=envelope)

    post(
        envelope, "correct", granted=-10,
        corrects=wrong, author=UserFactory(), second_author=UserFactory(),
    )  # fmt: skip

    assert Envelope.objects.get(pk=envelope.pk).granted == 90


@pytest.mark.parametrize("missing", ["corrects", "author", "second_author"])
def test_correction_without_its_entry_or_a_second_person_is_refused(missing):
    envelope = EnvelopeFactory(granted=100)
    fields = {
        "corrects": LedgerEntry.objects.get(envelope=envelope),
        "author": UserFactory(),
        "second_author": UserFactory(),
    }
    fields[missing] = None

    with pytest.raises(IntegrityError, match="entry_correction_by_two_persons"):
        post(envelope, "correct", granted=-10, **fields)


def test_correction_by_one_person_twice_is_refused():
    envelope = EnvelopeFactory(granted=100)
    author = UserFactory()

    with pytest.raises(IntegrityError, match="entry_correction_by_two_persons"):
        post(
            envelope, "correct", granted=-10, author=author, second_author=author,
            corrects=LedgerEntry.objects.get(envelope=envelope),
        )  # fmt: skip


def test_envelope_is_never_overdrawn():
    envelope = EnvelopeFactory(granted=100)
    post(envelope, "hold", held=60)

    with pytest.raises(IntegrityError, match="envelope_not_overdrawn"):
        post(envelope, "hold", held=Decimal("40.000001"))


def test_grant_is_not_cut_below_what_is_held_and_consumed():
    envelope = EnvelopeFactory(granted=100)
    post(envelope, "hold", held=60)

    with pytest.raises(IntegrityError, match="envelope_not_overdrawn"):
        post(envelope, "expire", granted=-41)


@pytest.mark.parametrize(("kind", "deltas"), [("release", (0, -1, 0)), ("refund", (0, 0, -1))])
def test_nothing_goes_below_zero(kind, deltas):
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(IntegrityError, match="envelope_not_negative"):
        post(envelope, kind, *deltas)


def test_a_decision_posts_one_entry_of_a_kind_on_an_envelope():
    envelope = EnvelopeFactory(granted=100)
    decision = uuid4()
    post(envelope, "hold", held=10, decision=decision)

    with pytest.raises(IntegrityError, match="entry_once_per_decision"):
        post(envelope, "hold", held=10, decision=decision)


def test_entry_is_never_updated():
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(IntegrityError, match="append-only"):
        LedgerEntry.objects.filter(envelope=envelope).update(reason="other")


def test_entry_is_never_deleted():
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(IntegrityError, match="append-only"):
        LedgerEntry.objects.filter(envelope=envelope)._raw_delete("default")


@pytest.mark.parametrize("column", ["granted", "held", "consumed", "last_sequence"])
def test_balance_is_never_written_directly(column):
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(IntegrityError, match="moved by ledger entries"):
        Envelope.objects.filter(pk=envelope.pk).update(**{column: F(column) + 1})


def test_stale_envelope_saved_whole_is_refused():
    envelope = EnvelopeFactory()
    post(envelope, "grant", granted=100)

    with pytest.raises(IntegrityError, match="moved by ledger entries"):
        envelope.save()


def test_bulk_update_of_balances_is_refused():
    envelope = EnvelopeFactory(granted=100)
    envelope.granted = Decimal(500)

    with pytest.raises(IntegrityError, match="moved by ledger entries"):
        Envelope.objects.bulk_update([envelope], ["granted"])


def test_bare_sql_on_balances_is_refused():
    envelope = EnvelopeFactory(granted=100)

    with pytest.raises(IntegrityError, match="moved by ledger entries"), connection.cursor() as c:
        c.execute("UPDATE quotas_envelope SET granted = 500 WHERE id = %s", [envelope.pk])


def test_envelope_is_opened_empty():
    with pytest.raises(IntegrityError, match="moved by ledger entries"):
        Envelope.objects.create(
            scope="programme", cell=CellFactory(), sensor=EnvelopeFactory().sensor,
            request_kind="archive", period_starts_on="2026-01-01", period_ends_on="2026-03-31",
            unit="km2", allotment="arbitrated", granted=Decimal(100),
        )  # fmt: skip


def test_other_columns_of_an_envelope_may_change():
    envelope = EnvelopeFactory(granted=100)

    envelope.allotment = "first_come"
    envelope.save(update_fields=["allotment"])

    assert Envelope.objects.get(pk=envelope.pk).allotment == "first_come"


def test_envelope_with_entries_keeps_its_owner():
    envelope = AllowanceFactory(granted=100)

    with pytest.raises(IntegrityError, match="stays what it was opened as"):
        Envelope.objects.filter(pk=envelope.pk).update(entity=EntityFactory())


@pytest.mark.parametrize(
    "owners",
    [
        {"scope": "programme", "cell": None},
        {"scope": "entity"},
        {"scope": "budget", "cell": None},
    ],
)
def test_envelope_belongs_to_the_owner_of_its_scope(owners):
    with pytest.raises(IntegrityError, match="envelope_belongs_to_its_scope"):
        EnvelopeFactory(**owners)


def test_two_envelopes_of_the_same_owner_period_and_unit_are_refused():
    envelope = AllowanceFactory()

    with pytest.raises(IntegrityError, match="envelope_unique"):
        AllowanceFactory(entity=envelope.entity, sensor=envelope.sensor)


def test_entry_of_an_envelope_that_is_not_there_is_refused():
    with pytest.raises(IntegrityError, match="does not exist"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO quotas_ledgerentry (envelope_id, kind, d_granted, d_held, d_consumed,"
            " decision, request_number, reason) VALUES (-1, 'grant', 1, 0, 0, %s, '', '')",
            [uuid4()],
        )


def a_quotation(**fields) -> Quotation:
    usual = {
        "number": "Q-2026-0001", "year": 2026, "sequence": 1, "request_number": "R2026-000001",
        "lines": [], "total_eur": Decimal("81.20"), "valid_until": "2026-03-31",
    }  # fmt: skip
    entity = fields.pop("entity", None) or EntityFactory()
    return Quotation.objects.create(decision=uuid4(), entity=entity, **usual | fields)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("total_eur", 1),
        ("number", "Q-2026-0002"),
        ("lines", [1]),
        ("valid_until", "2099-01-01"),
        ("record", {"number": "Q-2026-0002"}),
    ],
)
def test_quotation_keeps_what_it_said(column, value):
    quotation = a_quotation()

    with pytest.raises(IntegrityError, match="keeps its number"):
        Quotation.objects.filter(pk=quotation.pk).update(**{column: value})


def test_quotation_is_of_a_request_or_of_a_package():
    with pytest.raises(IntegrityError, match="quotation_of_a_request_or_a_package"):
        a_quotation(request_number="")


def test_package_has_one_open_quotation_of_an_entity():
    package, entity = PackageFactory(), EntityFactory()
    a_quotation(request_number="", package=package, entity=entity)

    with pytest.raises(IntegrityError, match="quotation_one_open_per_package"):
        a_quotation(
            request_number="", package=package, entity=entity, number="Q-2026-0002", sequence=2
        )


def test_payment_without_its_invoice_is_refused():
    with pytest.raises(IntegrityError, match="quotation_payment_names_its_invoice"):
        QuotationReferences.objects.create(
            quotation=a_quotation(), author=UserFactory(), document_version=1, paid_on="2026-03-01"
        )


@pytest.mark.parametrize("act", ["update", "delete"])
def test_journal_of_references_is_only_added_to(act):
    row = QuotationReferences.objects.create(
        quotation=a_quotation(), author=UserFactory(), document_version=1, invoice_number="F-1"
    )
    rows = QuotationReferences.objects.filter(pk=row.pk)

    with pytest.raises(IntegrityError, match="stays"):
        rows.update(invoice_number="F-2") if act == "update" else rows.delete()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_file_given_out_for_a_quotation_stays(act):
    file = QuotationFile.objects.create(
        quotation=a_quotation(), version=1, language="fr", sha256="0" * 64, size_bytes=1,
        storage_name="a.pdf",
    )  # fmt: skip
    rows = QuotationFile.objects.filter(pk=file.pk)

    with pytest.raises(IntegrityError, match="stays"):
        rows.update(sha256="1" * 64) if act == "update" else rows.delete()


def test_issuer_has_a_siret_of_14_digits_or_none():
    QuotationIssuerFactory(siret="")

    with pytest.raises(IntegrityError, match="quotation_issuer_siret_has_14_digits"):
        QuotationIssuerFactory(siret="123", valid_from="2026-01-01")


def test_quotation_is_never_deleted():
    quotation = a_quotation()

    with pytest.raises(IntegrityError, match="keeps its number"):
        quotation.delete()


@pytest.mark.parametrize(("unit", "amount"), [("eur", "0.005"), ("attempts", "1.5")])
def test_figure_of_policy_is_not_finer_than_its_unit(unit, amount):
    with pytest.raises(IntegrityError, match="quota_policy_as_fine_as_its_unit"):
        QuotaPolicyFactory(unit=unit, amount=Decimal(amount))


@pytest.mark.parametrize(
    ("unit", "amount"),
    [("eur", "0.01"), ("attempts", "2"), ("km2", "0.000001"), ("", "1.000001")],
)
def test_figure_of_policy_may_be_as_fine_as_its_unit(unit, amount):
    assert QuotaPolicyFactory(unit=unit, amount=Decimal(amount)).pk

"""Files of grants as spreadsheets, hurried people and attackers write them."""

import datetime as dt
from decimal import Decimal

import pytest

from quotas.grant_files import LINES_MAXIMUM, FileRefused, decoded, read_grants
from quotas.rules import GrantLine, fingerprint, totals_by_unit

HEADING = "scope;owner;sensor;kind;unit;starts_on;amount;reason"
LINE = "entity;13000000000017;pleiades;any;km2;2027-01-01;250,5;Committee"


def read(*lines, heading=HEADING):
    return read_grants("\n".join((heading, *lines)))


def line(**fields) -> str:
    cells = dict(zip(HEADING.split(";"), LINE.split(";"), strict=True)) | fields
    return ";".join(cells.values())


def refused_line(**fields) -> list[str]:
    found = read(line(**fields))
    assert found.lines == ()
    ((number, refusals),) = [(each.number, each.refusals) for each in found.refused]
    assert number == 2
    return [refusal.code for refusal in refusals]


def refused_file(text) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read_grants(text)
    return list(refused.value.codes)


EXPECTED = GrantLine(
    number=2,
    scope="entity",
    owner="13000000000017",
    sensor="pleiades",
    request_kind="any",
    unit="km2",
    starts_on=dt.date(2027, 1, 1),
    amount=Decimal("250.5"),
    reason="Committee",
)


def test_line_is_read():
    assert read(LINE).lines == (EXPECTED,)


def test_line_is_kept_without_its_reason_and_comes_back():
    kept = EXPECTED.as_facts()

    assert "reason" not in kept
    assert GrantLine.from_facts(kept) == GrantLine.from_facts(EXPECTED.as_facts())
    assert GrantLine.from_facts(kept).amount == Decimal("250.5")


# --- As programs write it -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADING}\r\n{LINE}\r\n",
        f"{HEADING}\r{LINE}\r",
        f"\ufeff{HEADING}\n{LINE}",
        f"{HEADING.upper()};;\n{LINE};;\n;;;\n",
        f"{HEADING.replace(';', chr(9))}\n{LINE.replace(';', chr(9))}",
        f'{HEADING.replace(";", ",")}\n{LINE.replace("250,5", "250.5").replace(";", ",")}',
        f'{HEADING.replace(";", ",")}\n{LINE.replace("250,5", "X").replace(";", ",").replace("X", chr(34) + "250,5" + chr(34))}',
        f"{HEADING}\n{LINE.replace('2027-01-01', '01/01/2027')}",
        f"{HEADING}\n{LINE.replace('km2', 'km²')}",
        f"{HEADING}\n{LINE.replace('13000000000017', '130 000 000 00017')}",
        f"{HEADING}\n{LINE.replace('entity', ' Entity ')}",
        "reason;amount;starts_on;unit;kind;sensor;owner;scope\n" + ";".join(reversed(LINE.split(";"))),
    ],
)  # fmt: skip
def test_same_line_in_other_clothes(text):
    assert read_grants(text).lines == (EXPECTED,)


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", b""), ("cp1252", b""), ("utf-16", b"")],
)
def test_accents_survive_their_encoding(encoding, mark):
    text = f"{HEADING}\n{line(reason='Décidé en comité')}"

    assert read_grants(decoded(text.encode(encoding))).lines[0].reason == "Décidé en comité"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("1 250,5", "1250.5"),
        ("1\u202f250,5", "1250.5"),
        ("1\u00a0250", "1250"),
        ("0,000001", "0.000001"),
        ("12.50000000", "12.5"),
        ("99999999.999999", "99999999.999999"),
    ],
)
def test_amounts(typed, amount):
    assert read(line(amount=typed)).lines[0].amount == Decimal(amount)


# --- Files that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04rest of a workbook", "file_is_a_workbook"),
        (b"\xd0\xcf\x11\xe0an old one", "file_is_a_workbook"),
        (b"scope\x00owner", "file_unreadable"),
        (b"\xff\xfea", "file_unreadable"),
        (b"\x81\x8d\x8f", "file_unreadable"),
    ],
)
def test_bytes_that_are_no_text(data, code):
    with pytest.raises(FileRefused) as refused:
        decoded(data)

    assert refused.value.codes == (code,)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["file_empty"]),
        (" \n\n", ["file_empty"]),
        (HEADING, ["file_empty"]),
        (LINE, ["columns_missing"]),
        ("scope;owner", ["columns_missing"]),
        (f"{HEADING};colour\n{LINE};red", ["columns_unknown"]),
        (f"{HEADING};amount\n{LINE};1", ["columns_repeated"]),
        (f'{HEADING}\n"{LINE}', ["file_unreadable"]),
        (f"{HEADING}\n{'x' * 200_000}", ["file_unreadable"]),
    ],
)
def test_files_that_hold_no_grants(text, codes):
    assert refused_file(text) == codes


def test_too_many_lines_are_refused_and_the_most_are_not():
    lines = [line(owner=f"{n:014d}") for n in range(LINES_MAXIMUM + 1)]

    assert len(read(*lines[:-1]).lines) == LINES_MAXIMUM
    assert refused_file("\n".join((HEADING, *lines))) == ["too_many_lines"]


# --- Lines that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "-Infinity", "1e30", "=1+1", "@SUM(1)", "0x10", "1.5.5", "1,000.5", "٣", "½", "ten", "1'000"],
)  # fmt: skip
def test_no_amount(amount):
    assert refused_line(amount=amount) == ["amount_unreadable"]


def test_thousands_in_a_file_of_commas_are_not_guessed():
    cells = LINE.replace("250,5", '"1,250"').replace(";", ",")

    (refused,) = read(cells, heading=HEADING.replace(";", ",")).refused

    assert [refusal.code for refusal in refused.refusals] == ["amount_unreadable"]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"amount": "0"}, ["amount_not_positive"]),
        ({"amount": "-5"}, ["amount_not_positive"]),
        ({"amount": "9" * 400}, ["amount_too_large"]),
        ({"amount": "100000000"}, ["amount_too_large"]),
        ({"amount": "0,0000001"}, ["amount_too_precise"]),
        ({"amount": "1,005", "unit": "eur"}, ["amount_too_precise"]),
        ({"amount": "1,5", "unit": "attempts"}, ["amount_too_precise"]),
        ({"amount": ""}, ["cell_missing"]),
        ({"reason": ""}, ["cell_missing"]),
        ({"reason": "x" * 201}, ["reason_too_long"]),
        ({"scope": "budget"}, ["scope_unknown"]),
        ({"kind": "radar"}, ["kind_unknown"]),
        ({"unit": "ha"}, ["unit_unknown"]),
        ({"starts_on": "01-02-2027"}, ["day_unreadable"]),
        ({"starts_on": "31/02/2027"}, ["day_unreadable"]),
        ({"starts_on": "9999-12-31"}, ["day_unreadable"]),
        ({"starts_on": "46388"}, ["day_unreadable"]),
        ({"scope": "x", "unit": "y", "amount": "z"}, ["scope_unknown", "unit_unknown", "amount_unreadable"]),
    ],
)  # fmt: skip
def test_lines_that_are_refused(fields, codes):
    assert refused_line(**fields) == codes


def test_line_longer_than_its_heading():
    (refused,) = read(f"{LINE};more").refused

    assert [refusal.code for refusal in refused.refusals] == ["line_too_long"]


def test_same_envelope_twice_names_the_first_line():
    found = read(LINE, line(amount="1"))

    assert [each.number for each in found.lines] == [2]
    ((refusal,),) = [each.refusals for each in found.refused]
    assert (refusal.code, refusal.message) == (
        "line_repeated", "Line 2 is about the same envelope: grant it once.",
    )  # fmt: skip


def test_period_that_ends_before_it_begins():
    (refused,) = read(f"{LINE};2026-12-31", heading=f"{HEADING};ends_on").refused

    assert [refusal.code for refusal in refused.refusals] == ["dates_reversed"]


def test_one_bad_line_leaves_the_others():
    found = read(line(amount="x"), "", LINE)

    assert ([each.number for each in found.lines], found.refused[0].number) == ([4], 2)


# --- The fingerprint ------------------------------------------------------------------------------


def test_fingerprint_is_of_what_is_granted_however_it_is_written():
    two = line(owner="13000000000025")
    one_way = read(LINE, two).lines
    other_way = read(two, line(amount="250.500", reason="Another word")).lines

    assert fingerprint(one_way) == fingerprint(other_way)
    assert fingerprint(one_way) != fingerprint(
        read(LINE, line(owner="13000000000025", amount="1")).lines
    )


def test_totals_by_unit():
    lines = read(LINE, line(owner="2", amount="1"), line(unit="eur", amount="2,50")).lines

    assert totals_by_unit(lines) == {"eur": Decimal("2.50"), "km2": Decimal("251.5")}

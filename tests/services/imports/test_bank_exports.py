"""Exports in the shapes of many banks: the verdict and the amount of every line, and what is recorded in the end.

`expected.csv` names every line; the files are made up, with the headers, signs and encodings that the banks use.
"""

import csv
from collections import Counter
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import pytest

from tests.factories import a_booking
from webapp.models import Booking, Upload, UploadKind
from webapp.money import decimals
from webapp.services.audit import Actor
from webapp.services.imports import statement_lines, statement_matching, statements, uploads
from webapp.services.imports.statement_matching import Fit, Match

pytestmark = pytest.mark.usefixtures("app")
FILES = Path(__file__).parents[2] / "files" / "statements"
DESK = Actor("Rosa Silva", may_undo=True)
with (FILES / "expected.csv").open(encoding="utf-8", newline="") as table:
    EXPECTED = {name: list(rows) for name, rows in groupby(csv.DictReader(table), key=lambda row: row["file"])}


def bookings_of(currency: str) -> dict[str, Booking]:
    """The two bookings that the files name."""
    unit = 100 if decimals(currency) == 0 else 1
    amounts = {"BK-2001": Decimal(145 * unit), "BK-2002": Decimal(60 * unit)}
    return {name: a_booking(reference=name, amount=amount, currency=currency) for name, amount in amounts.items()}


def upload_of(name: str) -> Upload:
    """The file as a clerk brings it in, who says of one that is not UTF-8 that it is in Western Europe's encoding."""
    data = (FILES / name).read_bytes()
    upload, _ = uploads.store(UploadKind.STATEMENT, name, data, by=DESK)
    if uploads.is_undecided(upload):
        uploads.read_as(upload, "cp1252")
    return upload


def seen(upload: Upload) -> list[Match]:
    return statement_matching.match(statement_lines.read(upload))


@pytest.mark.parametrize("name", EXPECTED)
def test_every_line_of_a_banks_export_is_judged_and_read(name: str) -> None:
    bookings_of(EXPECTED[name][0]["currency"])
    wanted = [
        (int(row["line"]), row["verdict"], Decimal(row["amount"]) if row["amount"] else None) for row in EXPECTED[name]
    ]

    found = [(one.line.number, one.fit.value, one.line.amount) for one in seen(upload_of(name))]

    # What stands below the table, such as a disclaimer, is no line of it and must be refused.
    assert [line for line in found if line[0] <= wanted[-1][0]] == wanted
    assert all(fit == "wrong" for number, fit, _ in found if number > wanted[-1][0])


@pytest.mark.parametrize("name", EXPECTED)
def test_confirming_all_that_is_ticked_records_no_more_than_came_in(name: str) -> None:
    bookings = bookings_of(EXPECTED[name][0]["currency"])
    upload = upload_of(name)
    certain = [row for row in EXPECTED[name] if row["verdict"] == Fit.EXACT]

    statements.confirm(upload, [one.token for one in seen(upload) if one.fit is Fit.EXACT], by=DESK)

    recorded = [payment.amount for booking in bookings.values() for payment in booking.payments]
    assert Counter(recorded) == Counter(Decimal(row["amount"]) for row in certain)


def test_there_are_many_banks_and_each_verdict_is_among_them() -> None:
    verdicts = {row["verdict"] for rows in EXPECTED.values() for row in rows}

    assert len(EXPECTED) >= 25
    assert set(EXPECTED) == {path.name for path in FILES.glob("*.csv")} - {"expected.csv"}
    assert verdicts >= {Fit.EXACT, Fit.DIFFERS, Fit.NONE, Fit.ASK, Fit.CURRENCY, Fit.NOT_FINAL, Fit.OUT, Fit.WRONG}

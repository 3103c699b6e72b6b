"""Exports in the shapes of many booking tools: what each line becomes, is asked about, or is refused for.

`desks.csv` says where the desk of each file stands and what a clerk chooses on the page; `expected.csv` names every
line. The files are made up, with the headers, dates and amounts that the tools write.
"""

import csv
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import time_machine

from webapp.models import Upload, UploadKind
from webapp.money import plain
from webapp.services.audit import Actor
from webapp.services.imports import booking_lines, columns, uploads
from webapp.services.imports.booking_fields import FIELDS
from webapp.services.imports.booking_lines import Line

pytestmark = pytest.mark.usefixtures("app")
FILES = Path(__file__).parents[2] / "files" / "bookings"
DESK = Actor("Rosa Silva", may_undo=True)


def rows_of(name: str) -> list[dict[str, str]]:
    with (FILES / name).open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


DESKS = {row["file"]: row for row in rows_of("desks.csv")}
EXPECTED = {name: list(rows) for name, rows in groupby(rows_of("expected.csv"), key=lambda row: row["file"])}


def upload_of(desk: dict[str, str]) -> Upload:
    """The file as the clerk of its desk brings it in, with what they choose on the page."""
    data = (FILES / desk["file"]).read_bytes()
    found, _ = uploads.store(UploadKind.BOOKINGS, desk["file"], data, by=DESK)
    form = found.columns | dict([desk["columns"].split("=")] if desk["columns"] else [])
    form |= {"all_in": desk["currency"]}
    if not columns.missing(FIELDS, form):
        uploads.choose(found, form | {"days": desk["days"]})
    return found


def told(line: Line) -> dict[str, str]:
    """One line as `expected.csv` has it."""
    new = line.new
    if new is None:
        return {"verdict": "refused", "fields": " ".join(sorted(name or "line" for name in line.errors))}
    facts: dict[str, Any] = {
        "reference": new.reference, "name": new.name, "phone": new.phone or "", "email": new.email or "",
        "service": new.service, "starts": f"{new.starts_at:%Y-%m-%dT%H:%MZ}", "guests": str(new.party_size),
        "amount": f"{plain(new.amount, new.currency)} {new.currency}", "status": line.status.value,
    }  # fmt: skip
    return {"verdict": "warned" if line.warnings else "right", **facts}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.settings(timezone=desk["zone"], default_phone_region=desk["region"]))
        for name, desk in DESKS.items()
    ],
)
@time_machine.travel("2026-11-25 12:00:00+00:00", tick=True)
def test_every_line_of_a_tools_export_is_right_asked_about_or_refused(name: str) -> None:
    upload = upload_of(DESKS[name])
    wanted = [{key: value for key, value in row.items() if value and key != "file"} for row in EXPECTED[name]]
    if wanted[0]["verdict"] == "columns":
        assert " ".join(field.name for field in columns.missing(FIELDS, upload.columns)) == wanted[0]["fields"]
        return

    found = [{"line": str(line.number), **told(line)} for line in booking_lines.read(upload)]

    assert [{key: value for key, value in one.items() if value} for one in found] == wanted


def test_there_are_many_tools_and_each_verdict_is_among_them() -> None:
    verdicts = {row["verdict"] for rows in EXPECTED.values() for row in rows}

    assert len(EXPECTED) >= 15
    assert set(EXPECTED) == set(DESKS) == {path.name for path in FILES.glob("*.csv")} - {"expected.csv", "desks.csv"}
    assert verdicts == {"right", "warned", "refused", "columns"}

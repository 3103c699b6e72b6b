"""CSV that opens everywhere and runs nowhere."""

import csv
import io
from datetime import UTC, datetime

import pytest

from webapp.services import csv_writer

pytestmark = pytest.mark.usefixtures("app")


def lines(*rows: list[csv_writer.Cell]) -> list[list[str]]:
    text = b"".join(csv_writer.stream(["A", "B"], [rows])).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_it_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert b"".join(csv_writer.stream(["Name"], [])) == b"\xef\xbb\xbfName\r\n"


@pytest.mark.parametrize(
    "typed",
    ["=1+1", "+44 7700", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "﹢1",
    "﹣1", "﹫A", " =1",
     "\u3000＝1", "\u200b=1", "\ufeff＝cmd", "\u202e=1"],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(typed: str) -> None:
    assert lines([typed, "x"])[1] == [f"'{typed}", "x"]


@pytest.mark.parametrize("typed", ['Say "hi"', "a, b", "two\nlines", "محمد", "5-2=3"])
def test_what_is_harmless_is_kept_as_it_was_typed(typed: str) -> None:
    assert lines([typed, ""])[1] == [typed, ""]


@pytest.mark.parametrize("phone", ["+14155550100", "+447700900184", "+4915112345678"])
def test_a_phone_number_is_kept_as_it_is_dialled(phone: str) -> None:
    """A plus and digits run nothing; an apostrophe in front of it is one more thing to delete before it is dialled."""
    assert lines([phone, "x"])[1] == [phone, "x"]


@pytest.mark.parametrize(
    "typed", ["+1+cmd|' /C calc'!A0", "+1415555010a", "+1 415", "+1-2", "+12345", "+1234567890123456"]
)
def test_what_only_begins_like_a_phone_number_is_text(typed: str) -> None:
    assert lines([typed, "x"])[1] == [f"'{typed}", "x"]


@pytest.mark.settings(timezone="Europe/Berlin")
def test_a_moment_is_a_day_and_a_time_of_the_business() -> None:
    moment = datetime(2026, 7, 1, 22, 30, 5, 999, tzinfo=UTC)

    assert csv_writer.moment(moment) == ("2026-07-02", "00:30:05")
    assert csv_writer.moment(None) == ("", "")


def test_numbers_are_numbers() -> None:
    assert lines(["120.00", -3], [None, 0])[1:] == [["120.00", "-3"], ["", "0"]]


def test_batches_are_written_as_they_come() -> None:
    pieces = csv_writer.stream(["A"], ([[number]] for number in (1, 2)))

    assert [next(pieces), next(pieces)] == [b"\xef\xbb\xbfA\r\n", b"1\r\n"]

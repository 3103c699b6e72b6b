"""CSV files as people have them; each that cannot be read gets a sentence."""

import pytest

from webapp.services.imports import csv_reader
from webapp.services.imports.csv_reader import UnreadableError

TEXT = "Name;Amount\nZoë Brännström;12,50\nJonas;3,00\n"


def read(data: bytes) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    table = csv_reader.read(csv_reader.decode(data), most_rows=100)
    return table.headers, [row.cells for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    headers, rows = read(TEXT.encode(encoding))

    assert headers == ("Name", "Amount")
    assert rows == [("Zoë Brännström", "12,50"), ("Jonas", "3,00")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_any_usual_delimiter_and_line_ending_is_read(mark: str, end: str) -> None:
    text = end.join((mark.join(("Name", "Text")), mark.join(("Ann", "a, b; c")) if mark not in ",;" else f"Ann{mark}c"))

    assert read(text.encode())[1][0][0] == "Ann"


def test_what_a_bank_says_above_its_table_is_left_out() -> None:
    headers, rows = read(b"Account;DE12\nFrom;To\n\nDate;Text;Amount\n1.1.2026;x;5,00\n2.1.2026;y;6,00\n")

    assert headers == ("Date", "Text", "Amount")
    assert rows[0] == ("1.1.2026", "x", "5,00")


def test_a_row_knows_its_line_in_the_file() -> None:
    table = csv_reader.read('a,b\n"x\ny",2\n\n5,6\n', most_rows=9)

    assert [(row.number, row.cells) for row in table.rows] == [(2, ("x\ny", "2")), (5, ("5", "6"))]


def test_headers_are_told_apart_and_short_and_long_rows_fitted() -> None:
    headers, rows = read(b"a,a,\n1\n1,2,3,4\n1,2,3\n")

    assert headers == ("a", "a (2)", "Column 3")
    assert rows == [("1", "", ""), ("1", "2", "3"), ("1", "2", "3")]


def test_a_formula_is_text() -> None:
    assert read(b'a,b\n=HYPERLINK(1),"@cmd"\n')[1] == [("=HYPERLINK(1)", "@cmd")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty"),
        (b" \r\n\t\n", "This file is empty"),
        (b"a,b\n", "only a header"),
        (b"just some words\nand more\n", "No columns were found"),
        (bytes(range(256)) * 4, "no text file"),
        (b"a,b\n1,\x002\n", "no text file"),
        (b"PK\x03\x04 and so on", "an Excel file"),
        (b"%PDF-1.7", "a PDF"),
        (b'a,b\n"1,2\n3,4\n', "quotation mark in line 2"),
        (b'a,b\n"1"x,2\n', "quotation mark in line 2"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "10,000 columns"),
        (b"a,b\n" + b"x" * 6000 + b",1\n", "too long"),
        (b"a,b\n" + b"1,2\n" * 101, "101 lines; 100 are taken at once"),
        (b"\xff\xfea\x00b", "says it is utf-16"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        read(data)

"""CSV files as people have them; each that cannot be read gets a sentence."""

import pytest

from webapp.services.parsing import csv_reader
from webapp.services.parsing.csv_reader import UnreadableError

TEXT = "Name;Amount\nZoë Brännström;12,50\nJonas;3,00\n"


def read(data: bytes) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    table = csv_reader.read(csv_reader.decode(data), most_rows=100)
    return table.headers, [row.cells for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_encoding_that_proves_itself_is_read(encoding: str) -> None:
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


def test_headers_are_told_apart() -> None:
    assert read(b"a,a,\n1,2,3\n")[0] == ("a", "a (2)", "Column 3")


def test_a_formula_is_text() -> None:
    assert read(b'a,b\n=HYPERLINK(1),"@cmd"\n')[1] == [("=HYPERLINK(1)", "@cmd")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "This file is empty"),
        (b" \r\n\t\n", "This file is empty"),
        (b"a,b\n", "only a header"),
        (b"just some words\nand more\n", "No columns were found"),
        (bytes(range(256)) * 4, "not a text file"),
        (b"a,b\n1,\x002\n", "not a text file"),
        (b"PK\x03\x04 and so on", "an Excel file"),
        (b"%PDF-1.7", "a PDF"),
        (b'Name,"Amo"unt"\nAnn,2\nBen,4\n', "Line 1 must name the columns. A quotation mark"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1\n", "10,000 columns"),
        (b"a,b\n" + b"1,2\n" * 101, "101 lines; at most 100"),
        (b"\xff\xfea\x00b", "says it is utf-16"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        read(data)


WIDTHS = [  # The file, and how many cells each wrong line has.
    ("Name,Currency,Amount\nAnn,USD,1,200.00\n", {2: 4}),
    ("Name,Amount\nAnn,1,200.00\nBen,2,300.00\nCem,3,400.00\n", {2: 3, 3: 3, 4: 3}),
    ("Name,Amount\nAnn,12,50\nBen,7\n", {2: 3}),
    ("Name,Amount,Notes\nAnn,1,200.00,\nBen,2,300.00,\n", {2: 4, 3: 4}),
    ("Name;Text;Amount\nAnn;a;b;5\nBen;x;6\n", {2: 4}),
    ("Name\tText\tAmount\nAnn\tx\t5\nBen\t6\n", {3: 2}),
    ("Name,Text,Amount\nAnn,x,5\nTotal,5\n", {3: 2}),
    ("Name,Text,Amount\nAnn,x,5\nend of file\n", {3: 1}),
    ("Bank;DE12\nName;Text;Amount\nAnn;x;5\nBen;y;z;6\n", {4: 4}),
    ('Name,Text,Amount\nAnn,"a, b",5\nBen,a, b,6\n', {3: 4}),
    ("Name,Text\nAnn,x,\nBen,y\n", {2: 3}),
    ("Name,Amount\nAnn,5,,,,,,,,\nBen,6\n", {2: 10}),
]


@pytest.mark.parametrize(("text", "wrong"), WIDTHS)
def test_a_line_of_another_width_than_the_header_is_wrong_and_never_cut(text: str, wrong: dict[int, int]) -> None:
    table = csv_reader.read(text, most_rows=100)

    assert {row.number: len(row.cells) for row in table.rows if row.wrong} == wrong
    assert all(f"has {len(row.cells)} cell" in row.wrong for row in table.rows if row.wrong)
    assert all(len(row.cells) == len(table.headers) for row in table.rows if not row.wrong)


@pytest.mark.parametrize(
    "text",
    [
        "Name;Amount;\nAnn;5;\nBen;6;\n",
        "Name;Amount\nAnn;5;\nBen;6;\n",
        "Name,Amount,\nAnn,5,\nBen,6,\n",
        "Name,Amount\nAnn,5,\nBen,6,\n",
        '"Name" , "Amount"\n"Ann", "5"\n"Ben" ,"6"\n',
    ],
)
def test_a_delimiter_at_the_end_of_every_line_is_no_fault(text: str) -> None:
    table = csv_reader.read(text, most_rows=9)

    assert [row.cells[:2] for row in table.rows] == [("Ann", "5"), ("Ben", "6")]
    assert not any(row.wrong for row in table.rows)


ODD = [  # Lines below "Name,Text,Amount"; the wrong ones begin with "bad".
    '"bad","Pay "ISSUER LTD" now","5"\nAnn,x,6\nBen,y,7',
    '"bad","never closed,5\nAnn,x,6\nBen,y,7',
    'bad,"never closed,5\n"Ann","x","6"\n"Ben","y","7"',
    'bad,"never closed,5\nAnn,x,6\nBen,y,7',
    '"bad"x,a,5\nAnn,x,6\nBen,y,7',
    'bad,"5" screw",5\nAnn,x,6\nBen,y,7',
    'bad,"a \\"b\\" c",5\nAnn,x,6\nBen,y,7',
    'Ann,x,6\nBen,y,7\nbad,x,"8',
    'bad,",5\nAnn,x,6\nbad,",5\nBen,y,7',
    f'bad,"{"x" * 6000}",5\nAnn,x,6\nBen,y,7',
    f"bad,{'x' * 6000},5\nAnn,x,6\nBen,y,7",
    'bad,"x,5\nAnn,"a, b",6\nBen,"c\nd",7',
]


@pytest.mark.parametrize("lines", ODD)
def test_an_odd_line_is_marked_and_swallows_no_other(lines: str) -> None:
    rows = csv_reader.read(f"Name,Text,Amount\n{lines}\n", most_rows=9).rows

    assert all(row.wrong for row in rows if row.cells[0] == "bad")
    assert [(row.cells[0], row.cells[2]) for row in rows if not row.wrong] == [("Ann", "6"), ("Ben", "7")]


def test_a_closing_mark_lines_below_is_said_and_nothing_is_taken_from_between() -> None:
    rows = csv_reader.read('Name,Text,Amount\nAnn,"open,5\nBen,y,7\nCem",8\nDan,z,9\n', most_rows=9).rows

    assert [(row.number, row.wrong[:14]) for row in rows] == [(2, "Lines 2 to 4 a"), (5, "")]


def test_a_text_of_several_lines_in_quotation_marks_is_one_cell() -> None:
    (row,) = csv_reader.read('Name,Text,Amount\nAnn,"first, second\nthird ""x"", ""y""\n\n",5\n', most_rows=9).rows

    assert row.cells == ("Ann", 'first, second\nthird "x", "y"', "5")


def test_thousands_of_open_quotation_marks_take_little_time() -> None:
    table = csv_reader.read("Name,Text\n" + 'Ann,"x\n' * 5000, most_rows=5000)

    assert all(row.wrong for row in table.rows)


@pytest.mark.parametrize("many", range(1, 7))
def test_a_table_may_be_shorter_than_what_stands_above_it(many: int) -> None:
    above = "\n".join(("Account;DE12 3456", "Owner;Harbour Tours", "Period;May", "Balance;1.234,00 EUR", "Note;none"))
    lines = "\n".join(f"0{n}.05.2026;Hart;BK-{n};12,00" for n in range(1, many + 1))

    table = csv_reader.read(f"{above}\nDate;Payer;Text;Amount\n{lines}\n", most_rows=9)

    assert table.headers == ("Date", "Payer", "Text", "Amount")
    assert len(table.rows) == many

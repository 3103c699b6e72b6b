"""Lines of bank files that are no certain payment: each kind is held back with its reason."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_booking
from webapp.models import Booking, Upload, UploadKind
from webapp.services.audit import Actor
from webapp.services.imports import statement_lines, statement_matching, statements, uploads
from webapp.services.imports.statement_matching import Fit, Match

pytestmark = pytest.mark.usefixtures("app")
DESK = Actor("Rosa Silva", may_undo=True)
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"


def a_file(content: str) -> Upload:
    return uploads.store(UploadKind.STATEMENT, "f.csv", content.encode(), by=DESK)[0]


def seen(content: str) -> list[Match]:
    return statement_matching.match(statement_lines.read(a_file(content)))


def only(content: str) -> Match:
    (one,) = seen(content)
    return one


@pytest.fixture
def booking(app: object) -> Booking:
    return a_booking(reference="BK-1", amount=Decimal(145), currency="EUR")


@pytest.mark.usefixtures("booking")
@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Datum;Naam / Omschrijving;Af Bij;Bedrag (EUR);Mededelingen", "20260501;Hart;Af;145,00;Refund BK-1"),
        ("Datum;Omschrijving;Bedrag;Debet/Credit", "2026-05-01;BK-1;145,00;Debet"),
        ("Buchungstag;Verwendungszweck;Umsatz;Soll/Haben", "01.05.2026;BK-1;145,00;S"),
        ("Buchungstag;Verwendungszweck;Umsatz;S/H", "01.05.2026;BK-1;145,00;Soll"),
        ("Date,Details,Amount,Dr/Cr", "2026-05-01,BK-1,145.00,DR"),
        ("Date,Details,Amount,Type", "2026-05-01,BK-1,145.00,Debit"),
        ("Date,Details,Amount,D/K", "2026-05-01,BK-1,145.00,D"),
        ("Date,Details,Amount,CreditDebitIndicator", "2026-05-01,BK-1,145.00,DBIT"),
        ("Date,Details,Amount,Sign", "2026-05-01,BK-1,145.00,-"),
        ("Date,Details,Amount,Sens", "2026-05-01,BK-1,145.00,Débit"),
        ("Date,Details,Amount,Whatever", "2026-05-01,BK-1,145.00,Withdrawal"),
        ("Date,Details,Credit,Debit", "2026-05-01,BK-1,,145.00"),
        ("Date,Details,Paid in,Paid out", "2026-05-01,BK-1,,145.00"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00Dr"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00 DB"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00-"),
        ("Date,Details,Amount", "2026-05-01,BK-1,(145.00)"),
        *(("Date;Details;Amount", f"2026-05-01;BK-1;{dash}145,00") for dash in DASHES),
    ],
)  # fmt: skip
def test_money_out_is_not_offered(header: str, line: str) -> None:
    assert only(f"{header}\n{line}").fit is Fit.OUT


@pytest.mark.usefixtures("booking")
@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Datum;Omschrijving;Af Bij;Bedrag (EUR)", "20260501;BK-1;Bij;145,00"),
        ("Buchungstag;Verwendungszweck;Umsatz;S/H", "01.05.2026;BK-1;145,00;H"),
        ("Date,Details,Amount,Dr/Cr", "2026-05-01,BK-1,145.00,CR"),
        ("Date,Details,Amount,D/K", "2026-05-01,BK-1,145.00,K"),
        ("Date,Details,Credit,Debit", "2026-05-01,BK-1,145.00,"),
        ("Date,Details,Credit,Debit", "2026-05-01,BK-1,145.00,0.00"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00Cr"),
        ("Date,Details,Amount", "2026-05-01,BK-1,€145.00"),
        ("Date,Details,Amount,State", "2026-05-01,BK-1,145.00,COMPLETED"),
        ("Date,Details,Amount,Transaction Type", "2026-05-01,BK-1,145.00,Credit Transfer"),
        ("Date,Details,Amount,Booked?,Reversed", "2026-05-01,BK-1,145.00,true,no"),
        ("Buchungstag;Verwendungszweck;Betrag;Waehrung;Info", "01.05.26;BK-1;145,00;EUR;Umsatz gebucht"),
    ],
)  # fmt: skip
def test_money_in_that_is_certain_fits(header: str, line: str) -> None:
    assert only(f"{header}\n{line}").fit is Fit.EXACT


@pytest.mark.usefixtures("booking")
@pytest.mark.parametrize(
    ("header", "line", "fit"),
    [
        ("Date,Details,Amount,State", "2026-05-01,BK-1,145.00,REVERTED", Fit.NOT_FINAL),
        ("Date,Details,Amount,State", "2026-05-01,BK-1,145.00,PENDING", Fit.NOT_FINAL),
        ("Date,Details,Amount,Status", "2026-05-01,BK-1,145.00,Declined", Fit.NOT_FINAL),
        ("Date,Details,Amount,Status", "2026-05-01,BK-1,145.00,En attente", Fit.NOT_FINAL),
        ("Date,Details,Amount,Estado", "2026-05-01,BK-1,145.00,Pendiente", Fit.NOT_FINAL),
        ("Date,Details,Amount,Stato", "2026-05-01,BK-1,145.00,In sospeso", Fit.NOT_FINAL),
        ("Date,Details,Amount,Status", "2026-05-01,BK-1,145.00,Storniert", Fit.NOT_FINAL),
        ("Buchungstag;Verwendungszweck;Betrag;Info", "01.05.26;BK-1;145,00;Umsatz vorgemerkt", Fit.NOT_FINAL),
        ("Buchungstag;Verwendungszweck;Betrag;Anmerkung", "01.05.26;BK-1;145,00;Umsatz vorgemerkt", Fit.ASK),
        ("Date,Details,Amount,Remark", "2026-05-01,BK-1,145.00,cancelled", Fit.ASK),
        ("Date,Details,Amount", "2026-05-01,PENDING transfer BK-1,145.00", Fit.ASK),
        ("Date,Details,Amount", "2026-05-01,Refund BK-1,145.00", Fit.ASK),
        ("Date;Details;Amount", "2026-05-01;Rücklastschrift BK-1;145,00", Fit.ASK),
        ("Date,Details,Amount,Transaction Type", "2026-05-01,BK-1,145.00,Direct Debit", Fit.ASK),
        ("Date,Details,Amount,Transaction Type", "2026-05-01,BK-1,145.00,Outgoing transfer", Fit.ASK),
        ("Date;Details;Amount;Art", "2026-05-01;BK-1;145,00;Rückgabe Lastschrift", Fit.ASK),
        ("Date,Details,Amount,Completed", "2026-05-01,BK-1,145.00,No", Fit.ASK),
        ("Date,Details,Amount,Booked?", "2026-05-01,BK-1,145.00,false", Fit.ASK),
        ("Date,Details,Amount,Is reversed", "2026-05-01,BK-1,145.00,Yes", Fit.ASK),
    ],
)  # fmt: skip
def test_a_transfer_that_may_not_have_happened_is_held_back(header: str, line: str, fit: Fit) -> None:
    one = only(f"{header}\n{line}")

    assert one.fit is fit
    assert one.why_not
    assert not one.may_confirm


@pytest.mark.usefixtures("booking")
def test_an_unknown_state_is_asked_about_and_a_missing_day_is_not_booked() -> None:
    states = seen("Date,Details,Amount,State\n2026-05-01,BK-1,145.00,COMPLETED\n2026-05-02,x,1.00,ZWISCHENSTAND")
    days = seen("Started Date,Completed Date,Description,Amount\n2026-05-01,2026-05-01,x,1.00\n2026-05-01,,BK-1,145.00")

    assert [one.fit for one in states] == [Fit.EXACT, Fit.ASK]
    assert days[1].fit is Fit.NOT_FINAL


@pytest.mark.usefixtures("booking")
@pytest.mark.parametrize(
    ("header", "line", "fit"),
    [
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00 USD", Fit.CURRENCY),
        ("Date,Details,Amount", "2026-05-01,BK-1,$145.00", Fit.CURRENCY),
        ("Date,Details,Amount", "2026-05-01,BK-1,JPY 145", Fit.CURRENCY),
        ("Date;Details;Amount;Waehrung", "2026-05-01;BK-1;145,00;USD", Fit.CURRENCY),
        ("Date;Details;Amount;Währung", "2026-05-01;BK-1;145,00;CHF", Fit.CURRENCY),
        ("Date;Details;Amount (GBP)", "2026-05-01;BK-1;145,00", Fit.CURRENCY),
        ("Date,Details,Amount,Devise", "2026-05-01,BK-1,145.00,GBP", Fit.CURRENCY),
        ("Date,Details,Amount,Currency", "2026-05-01,BK-1,145.00 USD,EUR", Fit.WRONG),
        ("Date,Details,Amount,Currency", "2026-05-01,BK-1,145.00,XYZ", Fit.WRONG),
        ("Date,Details,Amount,Currency", "2026-05-01,BK-1,145.00,€", Fit.EXACT),
        ("Date,Details,Amount,Currency", "2026-05-01,BK-1,145.00,eur", Fit.EXACT),
        ("Date,Details,Amount (EUR),Currency", "2026-05-01,BK-1,145.00,USD", Fit.WRONG),
    ],
)  # fmt: skip
def test_a_currency_that_differs_is_never_recorded(header: str, line: str, fit: Fit) -> None:
    assert only(f"{header}\n{line}").fit is fit


@pytest.mark.usefixtures("booking")
@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("Date,Details,Amount", "2026-05-01,BK-1,1,145.00"),
        ("Date,Details,Amount", "2026-05-01,Hart, Amelia BK-1,145.00"),
        ("Date,Details,Amount", "2026-05-01,145.00"),
        ("Date,Details,Amount,Dr/Cr", "2026-05-01,BK-1,-145.00,CR"),
        ("Date,Details,Amount,Dr/Cr", "2026-05-01,BK-1,145.00 DR,CR"),
        ("Date,Details,Amount,Dr/Cr", "2026-05-01,BK-1,145.00,ZZ"),
        ("Date,Details,Credit,Debit", "2026-05-01,BK-1,145.00,145.00"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00 REV"),
        ("Date,Details,Amount", "2026-05-01,BK-1,1.45E+02"),
        ("Date,Details,Amount", "2026-05-01,BK-1,145.00 / 20.00"),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_itself_cannot_be_read(header: str, line: str) -> None:
    one = only(
        f"{header}\n2026-05-01{',' * header.count(',')}\n{line}" if header.count(",") < 0 else f"{header}\n{line}"
    )

    assert one.fit is Fit.WRONG
    assert one.line.wrong


def test_empty_cells_at_the_end_of_a_line_mean_nothing(booking: Booking) -> None:
    assert only("Date;Details;Amount\n2026-05-01;BK-1;145,00;").fit is Fit.EXACT
    assert only("Date;Details;Amount;\n2026-05-02;BK-1;145,00;").fit is Fit.EXACT


def confirm(content: str) -> list[str]:
    upload = a_file(content)
    tokens = [one.token for one in statement_matching.match(statement_lines.read(upload)) if one.may_confirm]
    return [done.refusal for done in statements.confirm(upload, tokens, by=DESK)]


def test_the_banks_own_number_decides_alone(booking: Booking) -> None:
    header = "Transaction ID,Date,Details,Amount"
    confirm(f"{header}\nTX-7781,2026-05-01,Early text BK-1,100.00")

    again = only(f"{header}\nTX-7781,2026-05-03,BK-1 other text,100.00")
    other_sum = only(f"{header}\nTX-7781,2026-05-03,BK-1 other text,101.00")
    another = only(f"{header}\nTX-7782,2026-05-01,Early text BK-1,45.00")

    assert [again.fit, other_sum.fit, another.fit] == [Fit.RECORDED, Fit.ASK, Fit.EXACT]
    assert not other_sum.may_choose
    assert not again.why_not and "was recorded before" in other_sum.why_not
    assert [payment.amount for payment in booking.payments] == [Decimal(100)]


def test_a_running_number_or_one_that_stands_twice_decides_nothing(booking: Booking) -> None:
    confirm("ID,Date,Details,Amount\n1,2026-05-01,BK-1,100.00")

    assert only("ID,Date,Details,Amount\n1,2026-06-01,BK-1 rest,45.00").fit is Fit.EXACT
    twice = seen("ID,Date,Details,Amount\nBATCH-77,2026-06-01,BK-1,20.00\nBATCH-77,2026-06-01,x,25.00")
    assert [one.fit for one in twice] == [Fit.ASK, Fit.ASK]


def test_a_clerk_can_choose_the_booking_of_a_doubtful_line_once(booking: Booking) -> None:
    upload = a_file("Date,Details,Amount\n2026-05-01,PENDING transfer,145.00")

    first, again = (statements.confirm_by_hand(upload, 2, "BK-1", by=DESK) for _ in range(2))

    assert (first.refusal, again.refusal) == ("", statements.ALREADY)
    assert [payment.amount for payment in booking.payments] == [Decimal(145)]


@pytest.mark.parametrize(
    "line",
    ["2026-05-01,BK-1,-145.00,,", "2026-05-01,BK-1,145.00,REVERTED,", "2026-05-01,BK-1,145.00 USD,,",
     "2026-05-01,BK-1,145.00,,USD", "2026-05-01,BK-1,0.00,,", "2026-05-01,BK-1,145.00 ?,,"],
)  # fmt: skip
def test_no_hand_records_money_that_did_not_come(booking: Booking, line: str) -> None:
    upload = a_file(f"Date,Details,Amount,State,Currency\n{line}\n2026-05-02,y,1.00,COMPLETED,EUR")

    done = statements.confirm_by_hand(upload, 2, "BK-1", by=DESK)

    assert done.refusal
    assert booking.payments == []


Outgoing = tuple[int, str, bool, int]  # Cents, mark, whether it stands behind, in which column.
OUT_MARKS = st.sampled_from([*DASHES, "DR", "Dr", "dr.", "DB", "D", "S", "Soll", "Debit", "Af", "(", "["])


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 30_000), OUT_MARKS, st.booleans(), st.integers(0, 3)), min_size=1, max_size=6
    )
)
def test_no_file_makes_a_payment_out_of_an_outgoing_line(
    rows: list[tuple[int, str, bool, int]], booking: Booking
) -> None:
    lines = []
    for n, (cents, mark, behind, where) in enumerate(rows):
        digits = f"{cents / 100:.2f}"
        closed = {"(": f"({digits})", "[": f"[{digits}]"}.get(mark)
        signed = closed or (f"{digits} {mark}" if behind else f"{mark}{digits}")
        cells = [(signed, "", ""), (digits, mark if not closed else "Debit", ""), ("", "", digits), (signed, "", "")][
            where
        ]
        lines.append(f"2026-05-{n + 1:02};BK-1;{cells[0]};{cells[1]};{cells[2]}")

    found = seen("\n".join(("Date;Text;Amount;Dr/Cr;Debit", *lines)))

    assert not any(one.may_confirm or one.may_choose for one in found)

"""What the lines of a bank statement pay, and recording them: once, whatever is posted how often."""

from decimal import Decimal

import pytest

from tests.factories import a_booking, a_payment
from webapp.extensions import db
from webapp.models import Audit, BookingStatus, Payment, PaymentState, Upload, UploadKind
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.bookings import undo
from webapp.services.imports import reference_matching, statement_lines, statement_matching, statements, uploads
from webapp.services.imports.statement_matching import Fit, Match

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
DESK = Actor("Rosa Silva", may_undo=True)


def a_statement(*lines: str, header: str = "Date;Text;Amount") -> Upload:
    content = "\n".join((header, *lines)).encode()
    return uploads.store(UploadKind.STATEMENT, "june.csv", content, by=DESK)[0]


def seen(upload: Upload) -> list[Match]:
    return statement_matching.match(statement_lines.read(upload))


def confirm(upload: Upload) -> list[str]:
    tokens = [one.token for one in seen(upload) if one.may_confirm]
    return [done.refusal for done in statements.confirm(upload, tokens, by=DESK)]


@pytest.mark.parametrize(
    "text", ["BK-7FA", "bk 7fa", "BK7FA thanks", "b k-7 FA", "ref:BK–7FA.", "for Bk-7fA/June", "XX BK 7 FA"]
)
def test_a_reference_is_found_with_other_spaces_case_and_dashes(text: str) -> None:
    wanted = a_booking(reference="BK-7FA")
    a_booking(reference="BK-7FB")

    assert reference_matching.find([text]) == [[wanted.id]]


def test_a_reference_that_is_part_of_a_longer_one_does_not_count() -> None:
    a_booking(reference="2391")
    longer = a_booking(reference="BK-2391")

    assert reference_matching.find(["BK-2391 and more", "nothing here"]) == [[longer.id], []]


def test_each_line_is_seen_as_what_it_is() -> None:
    a_booking(reference="BK-1", amount=Decimal(120))
    a_booking(reference="BK-2", amount=Decimal(50))
    a_booking(amount=Decimal("77.70"))
    a_booking(BookingStatus.CANCELLED, reference="BK-4")
    lines = ("2026-11-01;bk1;120,00", "2026-11-01;BK-2;20,00", "2026-11-01;Ann;77,70", "2026-11-01;BK-4;120,00",
             "2026-11-01;rent;-900,00", "2026-11-01;x;abc", "2026-13-01;x;5,00", "2026-11-01;who;1,00")  # fmt: skip

    fits = [one.fit for one in seen(a_statement(*lines))]

    assert fits == [Fit.EXACT, Fit.DIFFERS, Fit.WEAK, Fit.NONE, Fit.OUT, Fit.WRONG, Fit.WRONG, Fit.NONE]


def test_an_amount_that_two_bookings_wait_for_is_not_guessed() -> None:
    a_booking(amount=Decimal(33))
    a_booking(amount=Decimal(33))

    assert [one.fit for one in seen(a_statement("2026-11-01;Ann;33,00"))] == [Fit.NONE]


def test_the_second_of_two_lines_for_one_booking_is_more_than_is_due() -> None:
    a_booking(reference="BK-1", amount=Decimal(120))

    first, second = seen(a_statement("2026-11-01;BK-1;120,00", "2026-11-02;BK-1;120,00"))

    assert (first.fit, second.fit, second.too_much) == (Fit.EXACT, Fit.DIFFERS, Decimal(120))


def test_a_line_in_another_currency_is_not_recorded() -> None:
    a_booking(reference="BK-1", currency="GBP")

    (one,) = seen(a_statement("2026-11-01;BK-1;120,00;EUR", header="Date;Text;Amount;Currency"))

    assert not one.may_confirm and "this line is in EUR" in one.why_not


def test_nothing_is_written_before_a_line_is_confirmed() -> None:
    a_booking(reference="BK-1")

    seen(a_statement("2026-11-01;BK-1;120,00"))

    assert db.session.query(Payment).count() == 0


def test_a_confirmed_line_verifies_the_payment_that_was_submitted() -> None:
    booking = a_booking(reference="BK-1")
    payment = a_payment(booking, reference="TX-9")
    upload = a_statement("2026-11-01;BK-1;120,00")

    refusals = confirm(upload)

    assert refusals == [""]
    assert (payment.status, payment.reference) == (PaymentState.VERIFIED, "TX-9")
    assert [message.event for message in booking.messages] == ["payment_verified"] * 3
    assert upload.accepted_at is not None


def test_a_confirmed_line_without_a_payment_becomes_one_with_the_lines_reference() -> None:
    booking = a_booking(reference="BK-1")

    confirm(a_statement("2026-11-01;Hart BK-1;120,00"))

    (payment,) = booking.payments
    assert (payment.method, payment.reference) == ("Bank transfer", "2026-11-01 Hart BK-1")
    assert payment.status is PaymentState.VERIFIED


@pytest.mark.parametrize("submitted", [True, False])
def test_the_same_line_in_another_file_is_recorded_already(submitted: bool) -> None:
    booking = a_booking(reference="BK-1")
    if submitted:
        a_payment(booking)
    confirm(a_statement("2026-11-01;BK-1;120,00"))

    (one,) = seen(a_statement("2026-11-01;BK-1;120,00", ""))

    assert (one.fit, one.payment) == (Fit.RECORDED, booking.payments[0])


def test_two_lines_alike_in_one_file_are_two_payments_and_known_again_as_two() -> None:
    booking = a_booking(reference="BK-1", amount=Decimal(120))
    upload = a_statement("2026-11-01;BK-1;60,00", "2026-11-01;BK-1;60,00")
    confirm(upload)

    confirm(upload)

    assert [payment.amount for payment in booking.payments] == [Decimal(60), Decimal(60)]
    assert {one.fit for one in seen(upload)} == {Fit.RECORDED}


def test_a_line_that_is_confirmed_twice_is_one_payment_and_no_error() -> None:
    booking = a_booking(reference="BK-1")
    upload = a_statement("2026-11-01;BK-1;120,00")
    tokens = [one.token for one in seen(upload)]

    refusals = [statements.confirm(upload, tokens * 2, by=DESK)[0].refusal for _ in range(2)]

    assert refusals == ["", ""]
    assert len(booking.payments) == 1 and len(booking.messages) == 3


def test_a_line_of_a_booking_that_has_gone_on_is_refused_alone() -> None:
    first, second = a_booking(reference="BK-1"), a_booking(reference="BK-2")
    upload = a_statement("2026-11-01;BK-1;120,00", "2026-11-01;BK-2;120,00")
    tokens = [one.token for one in seen(upload)]
    bookings.confirm(first, by=Actor("Martin Keller"))

    refused, done = statements.confirm(upload, tokens, by=DESK)

    assert "Martin Keller confirmed this booking just before you" in refused.refusal
    assert (done.refusal, len(first.payments), len(second.payments)) == ("", 0, 1)


@pytest.mark.parametrize(
    "token", ["", "x", "2.1", "2.x.1", "9.1.1", "2.999.1", "2.1.99", "²." + "1.1", "2.1." + "9" * 30]
)
def test_a_token_that_nobody_gave_records_nothing(token: str) -> None:
    a_booking(reference="BK-1")
    upload = a_statement("2026-11-01;BK-1;120,00")

    statements.confirm(upload, [token], by=DESK)

    assert db.session.query(Payment).count() == 0


def test_a_recorded_line_can_be_taken_back_on_its_booking() -> None:
    booking = a_booking(reference="BK-1")
    upload = a_statement("2026-11-01;BK-1;120,00")
    confirm(upload)
    act = db.session.query(Audit).filter_by(action="payment_verified").one()

    undo.undo(booking, act.id, by=DESK)

    assert booking.payments[0].status is PaymentState.SUBMITTED
    assert [one.fit for one in seen(upload)] == [Fit.RECORDED]


def test_a_long_line_has_a_reference_of_its_own_that_can_be_kept() -> None:
    lines = statement_lines.read(a_statement(f"2026-11-01;{'x' * 200} a;1,00", f"2026-11-01;{'x' * 200} b;1,00"))

    assert len({line.reference for line in lines}) == 2
    assert max(len(line.reference) for line in lines) <= 100


@pytest.mark.parametrize(
    ("amount", "fit"),
    [
        ("1.355,90€", Fit.EXACT), ("1.355,90 €", Fit.EXACT), ("1.355,90 EUR", Fit.EXACT), ("+1.355,90", Fit.EXACT),
        ("1355,90", Fit.EXACT), ("1 355,90", Fit.EXACT), ("1.000", Fit.DIFFERS), ("1,355.90", Fit.EXACT),
        ("0,00", Fit.OUT), ("-0,00", Fit.OUT), ("0", Fit.OUT), ("", Fit.WRONG), ("1.35,90", Fit.WRONG),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_the_whole_column_is_written(amount: str, fit: Fit) -> None:
    a_booking(reference="BK-1", amount=Decimal("1355.90"), currency="EUR")

    found = seen(a_statement("01.05.2026;Miete;-12,50", f"02.05.2026;BK-1;{amount}", header="Datum;Text;Betrag"))

    assert found[1].fit is fit


@pytest.mark.parametrize("text", ["EVENT-0005", "EVENT 005", "EVENT-000005", "EVENT-5"])
def test_a_reference_with_other_zeros_is_offered_by_its_amount_and_not_ticked(text: str) -> None:
    a_booking(reference="EVENT-00005", amount=Decimal(77), currency="EUR")

    (one,) = seen(a_statement(f"2026-05-01;{text};77,00"))

    assert one.fit is Fit.WEAK


@pytest.mark.parametrize("line", ["Refund BK-1;145,00;", "BK-1;145,00;Pending", "BK-1;-145,00;", "BK-1;145,00 USD;"])
def test_a_form_that_ticks_a_line_which_is_held_back_records_nothing(line: str) -> None:
    booking = a_booking(reference="BK-1", amount=Decimal(145), currency="EUR")
    upload = a_statement(f"2026-05-01;{line}", "2026-05-02;other;1,00;Completed", header="Date;Text;Amount;State")

    (done,) = statements.confirm(upload, [f"2.{booking.id}.{booking.version}"], by=DESK)

    assert done.refusal
    assert booking.payments == []


@pytest.mark.parametrize(
    ("payer", "amount", "fit"),
    [
        ("Ivan Horvat", "120,00", Fit.NAME),
        ("HORVAT, IVAN", "120,00", Fit.NAME),
        ("Iván Horvát und Frau", "50,00", Fit.NAME),
        ("Horvat", "12,00", Fit.NONE),
        ("Ivana Horvat", "12,00", Fit.NONE),
        ("Jelena Kovac", "12,00", Fit.NONE),  # She owes nothing.
        ("Marko Babic", "12,00", Fit.NONE),  # His booking is cancelled.
    ],
)
def test_a_line_that_names_only_the_guest_is_matched_by_name(payer: str, amount: str, fit: Fit) -> None:
    wanted = a_booking(name="Ivan Horvat", reference="BK-1")
    a_payment(a_booking(name="Jelena Kovac"), PaymentState.VERIFIED)
    a_booking(BookingStatus.CANCELLED, name="Marko Babic")
    header = "Date;Auftraggeber / Begünstigter;Text;Amount"

    (one,) = seen(a_statement(f"2026-11-01;{payer};Tour;{amount}", header=header))

    assert one.fit is fit
    assert (one.booking and one.booking.id) == (wanted.id if fit is Fit.NAME else None)
    assert one.line.payer == payer


def test_of_several_bookings_of_a_guest_the_amount_decides_or_a_person() -> None:
    a_booking(name="Ivan Horvat", reference="BK-1", amount=Decimal(120))
    a_booking(name="Ivan Horvat", reference="BK-2", amount=Decimal(50))

    fitting, other = seen(a_statement("2026-11-01;Ivan Horvat;50,00", "2026-11-02;Ivan Horvat;70,00"))

    assert (fitting.fit, fitting.booking and fitting.booking.reference) == (Fit.NAME, "BK-2")
    assert (other.fit, other.may_choose) == (Fit.NONE, True)
    assert "several bookings: BK-1, BK-2" in other.why_not


def test_a_match_by_name_is_never_ticked_already_and_recorded_when_ticked() -> None:
    booking = a_booking(name="Ivan Horvat", reference="BK-1")
    upload = a_statement("2026-11-01;Ivan Horvat;120,00")

    assert seen(upload)[0].fit is not Fit.EXACT
    assert confirm(upload) == [""]
    assert booking.due == 0

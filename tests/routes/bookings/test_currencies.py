"""What a clerk types in any currency is kept to its last decimal, and shown on pages and in files as it is written."""

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.conftest import Browser
from tests.factories import a_booking, a_payment
from tests.routes.bookings.test_forms import change_form, many, new_form
from tests.support.forms import fields_of
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, Payment
from webapp.services.timeline import entries as timeline

# Typed into a form; as a file has it; as a page shows it.
TABLE = [
    ("EUR", "1.200,50", "1200.50", "€1,200.50"),
    ("USD", "$30", "30.00", "$30.00"),
    ("HUF", "990", "990.00", "HUF 990.00"),
    ("JPY", "¥50,000", "50000", "¥50,000"),
    ("JPY", "50,000", "50000", "¥50,000"),
    ("KRW", "50000", "50000", "₩50,000"),
    ("CLP", "12.345", "12345", "CLP 12,345"),
    ("VND", "1.000.000", "1000000", "₫1,000,000"),
    ("ISK", "9900 ISK", "9900", "ISK 9,900"),
    ("KWD", "12.3450", "12.345", "KWD 12.345"),
    ("BHD", "1.5", "1.500", "BHD 1.500"),
    ("TND", "80", "80.000", "TND 80.000"),
    ("KWD", "12.345", "12.345", "KWD 12.345"),
    ("OMR", "1234.567", "1234.567", "OMR 1,234.567"),
    ("JOD", "7,25", "7.250", "JOD 7.250"),
    ("IQD", "1500.25", "1500.250", "IQD 1,500.250"),
    ("LBP", "89500.50", "89500.50", "LBP 89,500.50"),
    ("CLF", "1.2345", "1.2345", "CLF 1.2345"),
]


@pytest.mark.parametrize(("code", "typed", "plain", "shown"), TABLE)
def test_an_amount_goes_through_form_page_and_file(
    front_desk: Browser, manager: Browser, code: str, typed: str, plain: str, shown: str
) -> None:
    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, amount=typed, currency=code))
    page = front_desk.get("/bookings/ZOE-1").text.replace("\N{NO-BREAK SPACE}", " ")
    file = manager.act("/bookings/export", htmx=False).data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(file))

    assert answer.status_code == 303, answer.text
    assert shown in page
    assert (row["Amount"], row["Currency"]) == (plain, code)
    form = fields_of(front_desk.get("/bookings/ZOE-1/change").text, "/bookings/ZOE-1/change")
    assert form["was-amount"] == plain


@pytest.mark.parametrize(("code", "typed", "plain", "shown"), TABLE)
def test_a_payment_goes_through_form_and_page(
    front_desk: Browser, code: str, typed: str, plain: str, shown: str
) -> None:
    booking = a_booking(currency=code, amount=Decimal(plain))
    form = {"method": "Cash", "amount": typed, "reference": "R-17"}

    answer = front_desk.act(f"/bookings/{booking.reference}/payments", htmx=False, **form)

    assert answer.status_code == 303, answer.text
    assert shown in front_desk.get("/payments").text.replace("\N{NO-BREAK SPACE}", " ")


REFUSED = [
    ("EUR", "100 USD", "another currency"), ("EUR", "$30", "another currency"), ("EUR", "£ 30", "another currency"),
    ("EUR", "JPY 100", "another currency"), ("JPY", "€5000", "another currency"), ("KWD", "12 BHD", "another currency"),
    ("JPY", "5000.50", "JPY"), ("ISK", "12,5", "ISK"), ("KWD", "1.23456", "KWD"), ("EUR", "120.0055", "EUR"),
    ("EUR", "1,234", "two ways"), ("KWD", "1,234", "two ways"),
    ("EUR", "-5", "below zero"), ("EUR", "(5)", "below zero"), ("EUR", "free", "such as"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "typed", "said"), REFUSED)
def test_both_forms_refuse_what_is_not_certain_to_be_that_much(
    front_desk: Browser, code: str, typed: str, said: str
) -> None:
    booking = a_booking(currency=code)
    paid = {"method": "Cash", "amount": typed, "reference": "R-17"}
    changed = change_form(front_desk, booking, amount=typed)

    answers = [
        front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, amount=typed, currency=code)),
        front_desk.act(f"/bookings/{booking.reference}/change", htmx=False, **changed),
        front_desk.act(f"/bookings/{booking.reference}/payments", htmx=False, **paid),
    ]

    assert [(answer.status_code, said in answer.text) for answer in answers] == [(422, True)] * 3
    assert (many(), db.session.query(Payment).count()) == (1, 0)


@pytest.mark.parametrize("code", ["XXX", "ABC", "DEM"])
def test_the_form_takes_only_currencies_that_are_paid_in(front_desk: Browser, code: str) -> None:
    answer = front_desk.act("/bookings/new", htmx=False, **new_form(front_desk, currency=code))

    assert (answer.status_code, f"{code} is no currency" in answer.text, many()) == (422, True, 0)


def test_what_is_due_stands_in_the_payment_form_as_it_can_be_typed(front_desk: Browser) -> None:
    booking = a_booking(currency="JPY", amount=Decimal(5000))
    a_payment(booking, amount=Decimal(5000))

    assert 'value="5000"' in front_desk.get(f"/bookings/{booking.reference}/payments/new").text


def test_a_change_of_an_amount_is_told_in_the_bookings_currency(front_desk: Browser) -> None:
    booking = a_booking(currency="KWD", amount=Decimal(120))
    form = change_form(front_desk, booking, amount="12.345")
    front_desk.act(f"/bookings/{booking.reference}/change", htmx=False, **form)

    db.session.rollback()
    changed = db.session.scalars(select(Audit).where(Audit.action == Action.BOOKING_CHANGED)).one()

    (step,) = timeline.steps(changed, db.session.query(Booking).one())
    assert (step.old, step.new) == ("KWD\N{NO-BREAK SPACE}120.000", "KWD\N{NO-BREAK SPACE}12.345")

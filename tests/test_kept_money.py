"""Amounts in the database: exact in every currency, moved from hundredths and back without loss."""

from decimal import Decimal

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import a_booking, a_payment
from webapp.extensions import db
from webapp.models import Booking, Payment

KEPT = ["0", "0.0001", "12.345", "120.00", "5000", "999999999.9999", "0.1", "1.2345"]


@pytest.mark.both_databases
def test_an_amount_is_kept_exactly(app: Flask) -> None:
    ids = {amount: a_payment(a_booking(amount=Decimal(amount)), amount=Decimal(amount)).id for amount in KEPT}
    db.session.expire_all()

    for amount, payment_id in ids.items():
        payment = db.session.get_one(Payment, payment_id)
        assert (payment.amount, payment.booking.amount) == (Decimal(amount), Decimal(amount))
    assert db.session.scalar(sa.select(sa.func.sum(Booking.amount))) == sum(map(Decimal, KEPT))


def test_what_is_finer_than_any_currency_is_never_rounded(app: Flask) -> None:
    with pytest.raises(sa.exc.StatementError, match="more than four decimals"):
        a_booking(amount=Decimal("0.00001"))


def raw(table: str) -> int:
    with db.engine.begin() as connection:
        return int(connection.execute(sa.text(f"SELECT amount FROM {table}")).scalar_one())


@pytest.mark.both_databases
def test_hundredths_become_ten_thousandths_and_go_back(app: Flask) -> None:
    a_payment(a_booking(amount=Decimal("120.55")), amount=Decimal("20.05"))
    db.session.remove()

    flask_migrate.downgrade(revision="0004")
    assert (raw("booking"), raw("payment")) == (12_055, 2_005)
    flask_migrate.upgrade()

    assert (raw("booking"), raw("payment")) == (1_205_500, 200_500)
    assert db.session.query(Payment).one().amount == Decimal("20.05")


@pytest.mark.both_databases
def test_going_back_refuses_to_round(app: Flask) -> None:
    a_payment(a_booking(currency="KWD"), amount=Decimal("12.345"))
    db.session.remove()

    with pytest.raises(ValueError, match="1 amounts in payment are finer than hundredths"):
        flask_migrate.downgrade(revision="0004")

    assert raw("payment") == 123_450

"""Texts to guests: days and amounts as their readers write them, and the sum of the very payment they are about."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import a_booking, a_payment
from webapp.extensions import db
from webapp.models import Booking, ChannelName, Event, Message, Payment
from webapp.services import payments, texts
from webapp.services.audit import Actor
from webapp.services.messages import truth
from webapp.services.texts import Paid, Wording, catalog, validation, versions, whatsapp_templates
from webapp.services.texts.catalog import Place

FRIDAY = datetime(2027, 3, 5, 12, 0, tzinfo=UTC)
CLERK = Actor("Rosa Silva")


def verified(booking: Booking, amount: int | str) -> Payment:
    """A payment that a clerk verified, and its guest was told of."""
    payment = a_payment(booking, amount=Decimal(amount))
    payments.verify(payment, by=CLERK)
    return payment


def told(booking: Booking, channel: ChannelName = ChannelName.SMS) -> Message:
    """The newest message on a channel."""
    of = select(Message).where(Message.booking_id == booking.id, Message.channel == channel)
    return db.session.scalars(of.order_by(Message.id.desc()).limit(1)).one()


# Language; Friday, 5 March 2027 at 13:00; 1200 EUR; 5000 JPY; 12.345 KWD.
TABLE = [
    ("en", "Friday 5 March 2027, 13:00", "€1,200.00", "¥5,000", "KWD 12.345"),
    ("en-US", "Friday, March 5, 2027, 13:00", "€1,200.00", "¥5,000", "KWD 12.345"),
    ("de", "Freitag, 5. März 2027, 13:00", "1.200,00 €", "5.000 ¥", "12,345 KWD"),
    ("de-CH", "Freitag, 5. März 2027, 13:00", "EUR 1'200.00", "¥ 5'000", "KWD 12.345"),
    ("fr", "vendredi 5 mars 2027, 13:00", "1 200,00 €", "5 000 JPY", "12,345 KWD"),
    ("es", "viernes, 5 de marzo de 2027, 13:00", "1.200,00 €", "5.000 JPY", "12,345 KWD"),
    ("it", "venerdì 5 marzo 2027, 13:00", "1.200,00 €", "5.000 JPY", "12,345 KWD"),
    ("nl", "vrijdag 5 maart 2027, 13:00", "€ 1.200,00", "JP¥ 5.000", "KWD 12,345"),
    ("pl", "piątek, 5 marca 2027, 13:00", "1 200,00 €", "5 000 JPY", "12,345 KWD"),
    ("pt-BR", "sexta-feira, 5 de março de 2027 13:00", "€ 1.200,00", "JP¥ 5.000", "KWD 12,345"),
    ("tr", "5 Mart 2027 Cuma 13:00", "€1.200,00", "¥5.000", "KWD 12,345"),
    ("ar", "الجمعة، 5 مارس 2027، 13:00", "\u200f1,200.00 €", "\u200f5,000 JP¥", "\u200f12.345 د.ك.\u200f"),
    ("he", "יום שישי, 5 במרץ 2027, 13:00", "\u200f1,200.00 \u200f€", "\u200f5,000 \u200f¥", "\u200f12.345 \u200fKWD"),
    ("zh", "2027年3月5日星期五 13:00", "€1,200.00", "JP¥5,000", "KWD 12.345"),
    ("ja", "2027年3月5日金曜日 13:00", "€1,200.00", "￥5,000", "KWD 12.345"),
    ("sv", "fredag 5 mars 2027 13:00", "1 200,00 €", "5 000 JPY", "12,345 KWD"),
    ("de-XX", "Freitag, 5. März 2027, 13:00", "1.200,00 €", "5.000 ¥", "12,345 KWD"),
    ("tlh", "Friday 5 March 2027, 13:00", "€1,200.00", "¥5,000", "KWD 12.345"),
]


@pytest.mark.settings(timezone="Europe/Berlin")
@pytest.mark.parametrize(("language", "when", "euros", "yen", "dinars"), TABLE)
def test_days_and_amounts_are_written_in_the_texts_language(
    app: Flask, language: str, when: str, euros: str, yen: str, dinars: str
) -> None:
    sums = {"EUR": Decimal(1200), "JPY": Decimal(5000), "KWD": Decimal("12.345")}
    said = {code: texts.facts(a_booking(currency=code, amount=sums[code]), language)["amount"] for code in sums}

    assert texts.when(FRIDAY, language) == when
    assert said == {"EUR": euros, "JPY": yen, "KWD": dinars}


@pytest.mark.parametrize("language", ["en", "fr", "de-CH", "sv", "pl", "en-US"])
def test_an_amount_costs_no_second_sms(language: str) -> None:
    assert not set(texts.money_of(Decimal("1234567.5"), "EUR", language)) & set("\u00a0\u202f\u2019")


@pytest.mark.settings(timezone="Europe/Berlin")
def test_a_message_has_the_form_of_its_text_and_not_of_its_guest(app: Flask) -> None:
    """A German text for a German guest; a guest whose language has no text reads English, days and sums as well."""
    place = Place(Event.PAYMENT_VERIFIED, ChannelName.SMS, "de")
    wording = Wording("{{ reference }}: {{ payment_amount }} für {{ when }}. Offen: {{ still_due }}.")
    versions.save(place, wording, by=CLERK, seen=0)
    bodies = []
    for language in ("de", "de-AT", "pt-BR"):
        booking = a_booking(language=language, currency="EUR", amount=Decimal(2400), starts_at=FRIDAY)
        verified(booking, 1200)
        bodies.append(told(booking).body)

    assert "1.200,00 € für Freitag, 5. März 2027, 13:00. Offen: 1.200,00 €." in bodies[0]
    assert bodies[1].partition(":")[2] == bodies[0].partition(":")[2]
    assert "received €1,200.00" in bodies[2]


# What a booking of 200 EUR was paid before and now, and what its guest reads of this payment.
PARTS = [
    ([], 100, "received €100.00", "€100.00 is still due"),
    ([100], 100, "received €100.00", ""),
    ([], 200, "received €200.00", ""),
    ([50], 25, "received €25.00", "€125.00 is still due"),
    ([], 250, "received €250.00", "€50.00 more than it costs"),
    ([200], "0.5", "received €0.50", "€0.50 more than it costs"),
]
DUE = ("is still due", "more than it costs")


@pytest.mark.parametrize(("before", "now", "received", "left"), PARTS)
def test_a_verified_payment_is_told_by_its_own_sum(
    app: Flask, before: list[int], now: int | str, received: str, left: str
) -> None:
    booking = a_booking(currency="EUR", amount=Decimal(200))
    for amount in (*before, now):
        verified(booking, amount)

    for channel in ChannelName:
        message = told(booking, channel)
        for text in filter(None, (message.body, message.html)):
            assert received in text
            assert left in text
            assert sum(said in text for said in DUE) == bool(left)


@pytest.mark.parametrize(("act", "said"), [("reject", "payment of €80.00"), ("reverse", "payment of €80.00")])
def test_a_payment_that_is_not_there_is_told_by_its_sum_and_leaves_it_due(app: Flask, act: str, said: str) -> None:
    booking = a_booking(currency="EUR", amount=Decimal(200))
    verified(booking, 100)
    payment = verified(booking, 80) if act == "reverse" else a_payment(booking, amount=Decimal(80))
    getattr(payments, act)(payment, by=CLERK, reason="No money came")

    for channel in ChannelName:
        assert said in told(booking, channel).body
        assert "€100.00 is still due" in told(booking, channel).body


def test_a_message_that_is_sent_again_in_another_way_tells_of_the_same_payment(app: Flask) -> None:
    booking = a_booking(currency="EUR", amount=Decimal(200))
    first, _second = verified(booking, 30), verified(booking, 70)
    of_first = next(m for m in booking.messages if "€30.00" in m.body)

    again = truth.paid_of(of_first)

    assert (truth.payment_of(of_first), again) == (first, Paid(Decimal(30), Decimal(100)))


def test_an_approved_template_gets_its_saved_variables_and_no_empty_sum(app: Flask) -> None:
    """A template has no conditions, and WhatsApp takes no empty variable: nothing due is said as 0."""
    names = ["name", "reference", "amount", "still_due", "overpaid"]
    whatsapp_templates.set_whatsapp(Event.PAYMENT_VERIFIED, "en", "HX" + "a" * 32, names)
    booking = a_booking(currency="EUR", amount=Decimal(200))
    verified(booking, 200)

    given = told(booking, ChannelName.WHATSAPP).content_variables

    assert given == {"1": "Amelia Hart", "2": booking.reference, "3": "€200.00", "4": "€0.00", "5": "€0.00"}


def test_a_new_template_has_the_sum_of_the_payment_among_its_variables(app: Flask) -> None:
    assert whatsapp_templates.set_whatsapp(Event.PAYMENT_VERIFIED, "en", "HX" + "b" * 32) == [
        "name", "payment_amount", "reference", "still_due", "overpaid",
    ]  # fmt: skip


def test_a_text_of_a_payment_that_names_only_the_bookings_total_is_warned_of(app: Flask) -> None:
    """What was written before there was `payment_amount` goes on as it was: `amount` is what the booking costs."""
    place = Place(Event.PAYMENT_VERIFIED, ChannelName.SMS, "en")
    old, new = "{{ reference }}: {{ amount }} received.", "{{ reference }}: {{ payment_amount }} of {{ amount }}."

    assert "what the whole booking costs" in catalog.preview(place, Wording(old)).warning
    assert catalog.preview(place, Wording(old)).errors == {}
    assert catalog.preview(place, Wording(new)).warning == ""
    assert validation.warning(Wording(old), Event.BOOKING_CONFIRMED) == ""


def test_only_texts_about_payments_may_name_one(app: Flask) -> None:
    place = Place(Event.BOOKING_CONFIRMED, ChannelName.SMS, "en")

    errors = catalog.preview(place, Wording("{{ reference }} {{ payment_amount }}")).errors

    assert "{{ payment_amount }} is not known." in errors["body"]

"""Money that has certainly come: in cash, by a line of a statement, or as a gateway says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.factories import a_booking, a_payment
from webapp.errors import Conflict, Invalid, Outrun
from webapp.models import Event, PaymentState
from webapp.services import bookings, payments
from webapp.services.audit import Actor
from webapp.services.bookings import undo

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
DESK, GATEWAY = Actor("Rosa Silva", may_undo=True), Actor("Stripe", form_key="evt_1")
CASH = {"method": "Cash", "amount": Decimal("120.00"), "reference": ""}
CARD = {"method": "Card", "amount": Decimal("120.00"), "reference": "pi_1"}


def test_it_is_verified_and_the_guest_told_of_its_sum_at_once() -> None:
    booking = a_booking()

    act = payments.receive(booking, **CASH, by=DESK)

    assert [(p.id, p.status) for p in booking.payments] == [(act.payment_id, PaymentState.VERIFIED)]
    assert {m.event for m in booking.messages} == {Event.PAYMENT_VERIFIED}
    assert all("£120.00" in m.body for m in booking.messages)


def test_a_proof_verifies_the_payment_that_waits_for_it() -> None:
    booking = a_booking()
    _other, waiting = a_payment(booking, reference="pi_0"), a_payment(booking, reference="pi_1")

    payments.receive(booking, **CARD, proof="PI_1 succeeded", by=GATEWAY)

    assert waiting.status is PaymentState.VERIFIED
    assert len(booking.payments) == 2


def test_without_a_proof_what_waits_stays_as_it_is() -> None:
    booking = a_booking()
    waiting = a_payment(booking)

    payments.receive(booking, **CASH, by=DESK)

    assert waiting.status is PaymentState.SUBMITTED
    assert len(booking.payments) == 2


def test_an_event_that_comes_twice_counts_once() -> None:
    booking = a_booking()

    acts = {payments.receive(booking, **CARD, proof="", by=GATEWAY).id for _ in range(2)}

    assert len(acts) == len(booking.payments) == 1


def test_undone_it_leaves_no_payment_and_its_act_on_record() -> None:
    booking = a_booking()
    act = payments.receive(booking, **CASH, by=DESK)

    undo.undo(booking, act.id, by=DESK)

    assert bookings.get(booking.reference).payments == []
    assert (act.payment_id, act.detail["amount"], act.detail["method"]) == (None, "120.00 GBP", "Cash")


def test_undone_a_proven_payment_waits_again() -> None:
    booking = a_booking()
    waiting = a_payment(booking)

    act = payments.receive(booking, **CARD, proof="", by=replace(GATEWAY, may_undo=True))
    undo.undo(booking, act.id, by=DESK)

    assert waiting.status is PaymentState.SUBMITTED


@pytest.mark.parametrize(
    ("status", "changes", "error"),
    [
        ("cancelled", {}, Conflict),
        ("pending", {"amount": Decimal("0.001")}, Invalid),
        ("pending", {"expected_version": 7}, Outrun),
    ],
)
def test_what_cannot_be_received_changes_nothing(
    status: str, changes: dict[str, object], error: type[Exception]
) -> None:
    booking = a_booking(status)

    with pytest.raises(error):
        payments.receive(booking, **(CASH | changes), by=DESK)

    assert (booking.payments, booking.messages, booking.version) == ([], [], 1)


def test_the_same_cash_twice_within_a_minute_is_refused() -> None:
    booking = a_booking()
    payments.receive(booking, **CASH, by=DESK)

    with pytest.raises(Conflict, match="recorded less than a minute ago"):
        payments.receive(booking, **CASH, by=DESK)

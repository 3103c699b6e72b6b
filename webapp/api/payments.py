"""Submitting and deciding payments; each answers with the whole booking."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from webapp.api import answers
from webapp.api.auth import caller
from webapp.api.blueprint import bp
from webapp.api.reading import read
from webapp.api.schemas import DecisionIn, PaymentIn
from webapp.services import bookings, payments
from webapp.services.payments import view as payment_view


@bp.post("/bookings/<reference>/payments")
def submit_payment(reference: str) -> ResponseReturnValue:
    asked = read(PaymentIn)
    booking = bookings.get(reference)
    kept = payments.submit(booking, method=asked.method, amount=asked.amount, reference=asked.reference, by=caller())
    warnings = payment_view.warnings(payments.get(kept.id))
    return jsonify(answers.booking(bookings.get(reference), warnings=warnings)), 201


@bp.post("/bookings/<reference>/verify-payment")
def verify_payment(reference: str) -> ResponseReturnValue:
    asked = read(DecisionIn)
    payment = payments.submitted(bookings.get(reference), asked.payment_id)
    payments.verify(payment, by=caller(), expected_version=asked.version)
    return jsonify(answers.booking(bookings.get(reference)))


@bp.post("/bookings/<reference>/reject-payment")
def reject_payment(reference: str) -> ResponseReturnValue:
    asked = read(DecisionIn)
    payment = payments.submitted(bookings.get(reference), asked.payment_id)
    payments.reject(payment, by=caller(), reason=asked.reason or "", expected_version=asked.version)
    return jsonify(answers.booking(bookings.get(reference)))

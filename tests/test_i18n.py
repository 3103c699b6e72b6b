"""Sentences, dates and numbers in the language of whoever reads the answer, and English for what is stored."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.factories import a_booking, a_message
from webapp import clock, i18n, words
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Batch, BatchKind, BatchRow, BookingStatus, MessageStatus
from webapp.services.audit import BELLHOP
from webapp.services.failures import batch_runner, batches, selection

START = datetime(2027, 3, 5, 13, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "sentence", "day", "amount", "number"),
    [
        ("en-US", "Confirm", "Fri, 5 Mar 2027, 13:00", "€1,200.00", "1,200"),
        ("de-AT,de;q=0.8", "Bestätigen", "Fr., 5. März 2027, 13:00", "1.200,00 €", "1.200"),
        ("es", "Confirmar", "vie, 5 mar 2027, 13:00", "1.200,00 €", "1.200"),
        ("fi, es;q=0.5", "Confirmar", "vie, 5 mar 2027, 13:00", "1.200,00 €", "1.200"),
        ("fi", "Confirm", "Fri, 5 Mar 2027, 13:00", "€1,200.00", "1,200"),
        ("", "Confirm", "Fri, 5 Mar 2027, 13:00", "€1,200.00", "1,200"),
    ],
)
def test_an_answer_speaks_the_language_that_the_browser_wishes(
    app: Flask, monkeypatch: pytest.MonkeyPatch, wish: str, sentence: str, day: str, amount: str, number: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 26, tzinfo=UTC))
    with app.test_request_context("/bookings", headers={"Accept-Language": wish}):
        shown = (i18n.day_time(START), i18n.amount(Decimal(1200), "EUR"))

        assert i18n.gettext("Confirm") == sentence
        assert tuple(text.replace("\N{NO-BREAK SPACE}", " ") for text in shown) == (day, amount)
        assert i18n.ngettext("%(num)s message", "%(num)s messages", 1200).startswith(number)


@pytest.mark.parametrize("path", ["/api/v1/queue", "/healthz", "/metrics", "/webhooks/twilio/status/x"])
def test_a_program_reads_english(app: Flask, path: str) -> None:
    with app.test_request_context(path, headers={"Accept-Language": "de"}):
        assert words.MESSAGE["delivered"].label == "Delivered"


def test_in_english_holds_within_a_request_and_only_inside_its_block(app: Flask) -> None:
    with app.test_request_context("/bookings", headers={"Accept-Language": "de"}):
        before = words.MESSAGE["delivered"].label
        with i18n.in_english():
            inside = words.MESSAGE["delivered"].label, i18n.number(1200)

        assert (before, inside, words.MESSAGE["delivered"].label) == (
            "Zugestellt",
            ("Delivered", "1,200"),
            "Zugestellt",
        )


def test_what_a_batch_keeps_is_english_whoever_starts_it(app: Flask) -> None:
    """The first part is done within the click of somebody whose pages are German."""
    failed = a_message(a_booking(BookingStatus.CONFIRMED), status=MessageStatus.FAILED, error_code="30005")
    batch = batches.plan(BatchKind.RETRY, selection.ticked([str(failed.id)]), by=BELLHOP)
    with writing():
        failed.status = MessageStatus.DELIVERED
        db.session.get_one(Batch, batch.id).started_at = clock.now()
    with app.test_request_context("/messages", headers={"Accept-Language": "de"}):
        words.MESSAGE["delivered"].label  # noqa: B018  # The page has spoken German before.
        batch_runner.begin(batch.id)

    sentence: Any = db.session.scalars(db.select(BatchRow.sentence)).one()
    assert sentence == "This message is now “Delivered”: only a failed one can be sent again."

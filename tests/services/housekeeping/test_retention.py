"""What is too old goes with all that hangs on it; what is open, young or not ours to judge stays."""

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql, sqlite

from tests.factories import a_booking, a_message, an_attempt
from webapp.database import later, writing
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.models import (
    Alert,
    Attempt,
    Batch,
    BatchKind,
    BatchRow,
    Booking,
    ChannelName,
    Event,
    HourTally,
    Message,
    MessageStatus,
    Receipt,
    ReturnedMail,
    SandboxMessage,
    Upload,
    UploadKind,
)
from webapp.services.audit import Actor
from webapp.services.housekeeping import retention
from webapp.services.imports import uploads

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.settings(keep_days=30)]
OLD, YOUNG = -31 * 86_400, -29 * 86_400
CSV = b"Date,Amount,Text\n2026-01-02,120.00,BK-1\n"


def settled(age: float, status: MessageStatus = MessageStatus.DELIVERED, **given: Any) -> Message:
    facts = {"status": status, "first_due_at": later(age), "settled_at": later(age)} | given
    return a_message(**facts)


def add(*rows: Any) -> None:
    with writing():
        db.session.add_all(rows)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.both_databases
def test_an_old_message_goes_with_all_that_hangs_on_it() -> None:
    message = settled(OLD)
    attempt = an_attempt(message)
    batch = Batch(kind=BatchKind.RETRY, author="Rosa")
    add(
        batch,
        Receipt(attempt_id=attempt.id, provider_id="SM1", status="sent", source="callback"),
        SandboxMessage(token=attempt.token, provider_id="SM1", channel=ChannelName.SMS, to="", body="", reference=""),
    )
    add(BatchRow(batch_id=batch.id, message_id=message.id))  # fmt: skip

    assert retention.forget_old() == 1

    assert [count(model) for model in (Message, Attempt, Receipt, SandboxMessage, BatchRow)] == [0] * 5
    assert (count(Batch), count(Booking)) == (1, 1)
    assert retention.forget_old() == 0


@pytest.mark.both_databases
@pytest.mark.parametrize("status", [MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN])
def test_an_open_message_stays_however_old_it_is(status: MessageStatus) -> None:
    settled(OLD * 9, status)

    assert retention.forget_old() == 0 and count(Message) == 1


@pytest.mark.parametrize(
    ("first_due", "at", "stays"), [(OLD, OLD, False), (OLD, YOUNG, True), (YOUNG, YOUNG, True)],
)  # fmt: skip
def test_a_failure_stays_until_its_days_are_over(first_due: float, at: float, stays: bool) -> None:
    """Of one that was retried after weeks the failure counts, and not the first try."""
    settled(at, MessageStatus.FAILED, first_due_at=later(first_due))

    retention.forget_old()

    assert count(Message) == stays


@pytest.mark.settings(keep_days=0)
def test_with_no_days_set_messages_stay_for_ever() -> None:
    settled(OLD * 99)

    assert retention.forget_old() == 0 and count(Message) == 1


@pytest.mark.both_databases
def test_other_old_rows_go_and_younger_ones_stay() -> None:
    for age in (OLD, YOUNG):
        add(
            Alert(cause="no_worker", sentence="x", noticed_by="w", since=later(age), over_at=later(age)),
            Batch(kind=BatchKind.RETRY, author="Rosa", at=later(age)),
            Receipt(provider_id="SM1", status="sent", source="callback", received_at=later(age)),
        )
    add(Alert(cause="no_worker", sentence="still", noticed_by="w", since=later(OLD)))

    retention.forget_old()

    assert [count(model) for model in (Alert, Batch, Receipt)] == [2, 1, 1]


@pytest.mark.both_databases
def test_old_returned_mail_goes_whether_anybody_looked_or_not() -> None:
    for age in (OLD, YOUNG):
        for seen in (None, later(age)):
            add(ReturnedMail(digest=f"{age} {seen is None}", content=f"{age}", at=later(age), put_away_at=seen))

    retention.forget_old()

    db.session.rollback()
    assert db.session.scalars(select(ReturnedMail.content)).all() == [f"{YOUNG}"] * 2


def test_the_hourly_tallies_stay() -> None:
    add(HourTally(hour=later(OLD * 9), channel=ChannelName.SMS, event=Event.TEST, taken_at=later(OLD)))

    retention.forget_old()

    assert count(HourTally) == 1


def test_the_lines_of_an_old_file_go_and_come_back_with_the_file() -> None:
    def take() -> tuple[Upload, bool]:
        return uploads.store(UploadKind.STATEMENT, "bank.csv", CSV, by=Actor("Rosa"))

    upload, _ = take()
    with writing():
        db.session.get_one(Upload, upload.id).at = later(OLD)
    retention.forget_old()

    with pytest.raises(NotFound, match="were deleted"):
        uploads.get(UploadKind.STATEMENT, upload.id)
    assert take()[1] is False
    retention.forget_old()
    assert uploads.get(UploadKind.STATEMENT, upload.id).content.startswith("Date")


def test_a_call_whose_time_is_over_leaves_the_rest_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "SECONDS", 0.0)
    booking = a_booking()
    for _ in range(5):
        settled(OLD, booking=booking)

    assert [retention.forget_old() for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.both_databases
def test_old_messages_are_found_by_the_index_on_their_due_time() -> None:
    is_sqlite = db.engine.dialect.name == "sqlite"
    dialect = sqlite.dialect() if is_sqlite else postgresql.dialect()
    sql = str(retention.old_messages().compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    if not is_sqlite:  # A table of a few rows is read as a whole.
        db.session.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"))
    plan = " ".join(str(row[-1]) for row in db.session.execute(text(f"EXPLAIN {'QUERY PLAN' * is_sqlite} {sql}")))

    assert "ix_message_first_due_at" in plan and "SORT" not in plan.upper().replace("B-TREE FOR ORDER", "SORT")

"""Many failures at once: bound to what was seen, each done once whatever happens, in the order of the lanes."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from tests.factories import a_booking, a_message
from tests.services.delivery.test_draining import fresh
from tests.services.failures.test_retry import a_failure
from tests.support.scripted import Post
from webapp import clock
from webapp.channels.base import Permanent
from webapp.database import writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import (
    Action,
    Audit,
    Batch,
    BatchKind,
    BatchRow,
    BookingStatus,
    ChannelName,
    Message,
    MessageStatus,
    OptOut,
)
from webapp.services import delivery
from webapp.services.audit import Actor
from webapp.services.failures import batch_runner, batch_view, batches, resolve, retry, selection

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ADA, THEO = Actor("Ada Moreau"), Actor("Theo Brandt")
RETRY = BatchKind.RETRY


def a_plan(*failures: Message, kind: BatchKind = RETRY) -> Batch:
    made = batches.plan(kind, selection.ticked(str(m.id) for m in failures), by=ADA)
    assert made is not None
    return made


def started(*failures: Message, kind: BatchKind = RETRY) -> Batch:
    """Planned and started, and nothing of it done yet."""
    batch = a_plan(*failures, kind=kind)
    assert batches.start(batch, by=ADA)
    return batch


def work() -> None:
    """Turn after turn, until what was started is finished: one is bounded by time."""
    while batch_runner.go_on():
        pass


def rows(batch: Batch) -> dict[int, tuple[str, str]]:
    found = db.session.execute(select(BatchRow).where(BatchRow.batch_id == batch.id)).scalars()
    return {row.message_id: (row.outcome, row.sentence) for row in found}


def retried() -> list[int | None]:
    """Of which messages it is written down that they were sent again, in that order."""
    acts = select(Audit.message_id).where(Audit.action == Action.MESSAGE_RETRIED).order_by(Audit.id)
    return list(db.session.scalars(acts))


def test_they_wait_in_their_old_places_with_fresh_tries() -> None:
    failures = [a_failure() for _ in range(3)]

    batch = started(*failures)
    work()

    assert {(fresh(m).status, fresh(m).tries_used, fresh(m).retried_by) for m in failures} == {
        (MessageStatus.WAITING, 0, "Ada Moreau")
    }
    assert [fresh(m).seq for m in failures] == [m.seq for m in failures]
    assert {outcome for outcome, _ in rows(batch).values()} == {"done"}
    assert batches.get(batch.id).finished_at is not None


def _expired() -> Message:
    return a_failure(expires_in=timedelta(seconds=-1))


def _superseded() -> Message:
    return a_failure(booking=a_booking(BookingStatus.CANCELLED))


def _opted_out() -> Message:
    message = a_failure()
    with writing():
        db.session.add(OptOut(channel=message.channel, address=message.to, source="21610"))
    return message


def _resolved() -> Message:
    message = a_failure()
    resolve.resolve(message, by=THEO, token=message.token or "", note="Called")
    return message


def _delivered() -> Message:
    return a_message(status=MessageStatus.DELIVERED)


@pytest.mark.parametrize(
    ("make", "hurdle", "fate", "says"),
    [
        (_expired, "expired", "not_possible", "has expired"),
        (_superseded, "superseded", "not_possible", "no longer true"),
        (_opted_out, "opted_out", "not_possible", "asked for no messages by SMS"),
        (_resolved, "resolved", "outrun", "Theo Brandt has resolved it: Called."),
        (_delivered, "not_failed", "outrun", "is now “Delivered”"),
    ],
)
def test_what_cannot_be_sent_again_is_said_before_and_refused(make: Any, hurdle: str, fate: str, says: str) -> None:
    message, good = make(), a_failure()
    before = fresh(message).status
    batch = a_plan(message, good)

    seen = batch_view.preview(batch)
    batches.start(batch, by=ADA)
    work()

    assert (seen.able, seen.refused) == (1, [(hurdle, 1)])
    outcome, sentence = rows(batch)[message.id]
    assert outcome == fate and says in sentence
    assert (fresh(message).status, retried()) == (before, [good.id])


def test_one_that_somebody_sent_again_in_between_is_refused_with_who(post: Post) -> None:
    waiting, again = a_failure(), a_failure()
    batch, post.sms.answers = a_plan(waiting, again), [Permanent("30005")]
    for message in (again, waiting):
        retry.retry(message, by=THEO)
        delivery.drain(again.guest_id)

    batches.start(batch, by=ADA)
    work()

    assert rows(batch)[waiting.id][1].endswith("Theo Brandt sent it again just before you.")
    assert rows(batch)[again.id] == ("outrun", "Theo Brandt has sent this message again, and it failed again.")
    assert retried() == [again.id, waiting.id]


def test_of_1300_the_first_1000_are_taken_and_the_rest_is_counted() -> None:
    pattern = a_failure("30006")
    given = {c.name: getattr(pattern, "to" if c.name == "to_address" else c.name) for c in Message.__table__.columns}
    del given["id"]
    with writing():
        db.session.execute(insert(Message.__table__), [given | {"seq": 10 + n} for n in range(1299)])
    ids = list(db.session.scalars(select(Message.id).order_by(Message.id)))

    picked = selection.matching(RETRY, {"status": "failed", "channel": "sms", "cause": "30006"})

    assert ([row[0] for row in picked.rows], picked.left_out) == (ids[:1000], 300)
    assert batches.plan(RETRY, picked, by=ADA).left_out == 300  # type: ignore[union-attr]


def test_what_is_left_out_is_counted_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "MOST", 1)
    monkeypatch.setattr(selection, "COUNTED", 1)
    for _ in range(4):
        a_failure()

    assert selection.matching(RETRY, {}).left_out == 2


@pytest.mark.parametrize(
    ("query", "takes"),
    [({"channel": "email"}, 1), ({"cause": "30006"}, 2), ({"channel": "sms", "cause": "30006"}, 1),
     ({"q": "Zoe"}, 1), ({"event": "booking_confirmed"}, 3), ({"status": "delivered"}, 0)],
)  # fmt: skip
def test_it_takes_what_the_board_shows(query: dict[str, str], takes: int) -> None:
    a_failure("30006", booking=a_booking(BookingStatus.CONFIRMED, name="Zoe Brand"))
    a_failure("30006", channel=ChannelName.EMAIL)
    a_failure()
    _resolved()
    _delivered()

    assert len(selection.matching(RETRY, query).rows) == takes


def test_only_resolved_ones_are_reopened() -> None:
    closed, _ = _resolved(), a_failure()

    assert [row[0] for row in selection.matching(BatchKind.REOPEN, {}).rows] == [closed.id]


@pytest.mark.parametrize("query", [{"channel": "fax"}, {"status": "broken"}, {"event": "party", "channel": "sms"}])
def test_a_filter_that_is_not_understood_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="not understood"):
        selection.matching(RETRY, query)


def test_starting_twice_starts_it_once() -> None:
    batch = a_plan(a_failure())

    assert [batches.start(batch, by=by) for by in (ADA, THEO)] == [True, False]

    assert batches.get(batch.id).author == "Ada Moreau"
    assert db.session.scalar(select(func.count()).where(Audit.action == Action.MESSAGES_RETRIED)) == 1


def test_a_plan_that_nobody_started_is_never_done() -> None:
    message = a_failure()
    a_plan(message)

    assert batch_runner.go_on() == 0

    assert fresh(message).status is MessageStatus.FAILED


def test_the_duty_goes_on_after_a_crash_between_two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [a_failure() for _ in range(3)]
    batch = started(*failures)
    _crash_at(monkeypatch, failures[1])

    with pytest.raises(KeyboardInterrupt):
        work()

    assert [outcome for outcome, _ in rows(batch).values()] == ["done", "", ""]
    assert [fresh(m).status for m in failures] == [MessageStatus.WAITING, MessageStatus.FAILED, MessageStatus.FAILED]
    monkeypatch.undo()
    while batch_runner.go_on():
        pass
    assert retried() == [m.id for m in failures]
    assert batches.get(batch.id).finished_at is not None


def _crash_at(monkeypatch: pytest.MonkeyPatch, message: Message) -> None:
    """The process dies after the message was changed and before that is committed."""
    put_back, fatal = retry.put_back, message.id

    def dies(at: Message, by: Actor, **detail: Any) -> None:
        put_back(at, by, **detail)
        if at.id == fatal:
            raise KeyboardInterrupt

    monkeypatch.setattr(retry, "put_back", dies)


def test_an_error_of_ours_at_one_row_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [a_failure() for _ in range(3)]
    batch, wrong = started(*failures), failures[1].id
    put_back = retry.put_back
    monkeypatch.setattr(retry, "put_back", lambda at, by, **d: put_back(at, by, **d) if at.id != wrong else 1 / 0)

    work()

    assert [outcome for outcome, _ in rows(batch).values()] == ["done", "not_possible", "done"]
    assert fresh(failures[1]).status is MessageStatus.FAILED


def test_a_part_is_bounded_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [a_failure() for _ in range(3)]
    batch = started(*failures)

    batch_runner.go_on(0)

    seen = batch_view.progress(batches.get(batch.id))
    assert (seen.total, seen.done, seen.to_do, seen.is_over) == (3, 1, 2, False)
    for _ in range(3):
        batch_runner.go_on(0)
    assert batches.get(batch.id).finished_at is not None


def test_two_that_work_at_one_batch_do_each_row_once(app: Flask) -> None:
    failures = [a_failure() for _ in range(12)]
    batch = started(*failures)
    together = threading.Barrier(3)

    def together_with_others() -> None:
        with app.app_context():
            together.wait()
            batch_runner.go_on(60)

    threads = [threading.Thread(target=together_with_others) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    db.session.rollback()
    assert retried() == [m.id for m in failures]
    assert {outcome for outcome, _ in rows(batch).values()} == {"done"}


def test_several_failures_of_one_guest_go_out_in_their_order(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    failures = [a_failure(booking=booking, body=f"number {n}") for n in range(3)]

    started(*reversed(failures))
    while batch_runner.go_on(0):  # The lane is awake between any two rows.
        delivery.drain(booking.guest_id)
    delivery.drain(booking.guest_id)

    assert [outgoing.body for outgoing in post.sms.handed] == [f"number {n}" for n in range(3)]


def test_few_bells_are_rung_and_each_guest_once(bells: list[int]) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    batch = started(*[a_failure(booking=booking) for _ in range(2)], *[a_failure() for _ in range(12)])

    while batch_view.progress(batches.get(batch.id)).to_do:
        batch_runner.begin(batch.id)

    assert 0 < len(bells) <= batch_runner.RUNG * 2
    assert bells.count(booking.guest_id) == 1


def test_while_the_messages_move_the_page_goes_on_asking(post: Post) -> None:
    one, two = a_failure(), a_failure()
    batch, post.sms.answers = started(one, two), [Permanent("30005")]
    work()
    before = batch_view.progress(batches.get(batch.id))

    for message in (one, two):
        delivery.drain(message.guest_id)

    after = batch_view.progress(batches.get(batch.id))
    assert (before.became, before.is_over) == ({MessageStatus.WAITING: 2}, False)
    assert after.became == {MessageStatus.SENT: 1, MessageStatus.FAILED: 1}
    assert not after.is_over  # A receipt may still come.


def test_once_every_message_has_settled_the_page_asks_no_more(post: Post) -> None:
    mail, text = a_failure(channel=ChannelName.EMAIL), a_failure()
    batch, post.sms.answers = started(mail, text), [Permanent("30005")]
    work()

    for message in (mail, text):
        delivery.drain(message.guest_id)

    seen = batch_view.progress(batches.get(batch.id))
    assert (seen.became, seen.is_over) == ({MessageStatus.SENT: 1, MessageStatus.FAILED: 1}, True)


def test_resolving_many_is_over_with_its_last_row() -> None:
    failures = [a_failure(), a_failure()]
    batch = started(*failures, kind=BatchKind.RESOLVE)

    work()

    assert batch_view.progress(batches.get(batch.id)).is_over
    assert {fresh(m).resolved_by for m in failures} == {"Ada Moreau"}


def test_a_plan_that_nobody_started_is_forgotten_after_a_day() -> None:
    old, new, begun = a_plan(a_failure()), a_plan(a_failure()), started(a_failure())
    with writing():
        for batch in (old, begun):
            db.session.get_one(Batch, batch.id).at = clock.now() - timedelta(days=2)

    assert batches.forget_plans() == 1

    assert set(db.session.scalars(select(Batch.id))) == {new.id, begun.id}
    assert set(db.session.scalars(select(BatchRow.batch_id))) == {new.id, begun.id}


def test_the_preview_counts_parts_and_their_cost() -> None:
    a_mail = a_failure(channel=ChannelName.EMAIL)
    batch = a_plan(a_failure(segments=3), a_failure(segments=1), a_mail)

    seen = batch_view.preview(batch)

    assert (seen.able, seen.guests, seen.parts, seen.cost) == (3, 3, 4, "")


@pytest.mark.settings(sms_part_price=0.05, sms_price_currency="GBP")
def test_the_cost_is_said_where_the_price_of_a_part_is_known() -> None:
    assert batch_view.preview(a_plan(a_failure(segments=3), a_failure())).cost == "£0.20"

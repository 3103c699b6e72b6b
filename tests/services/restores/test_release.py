"""What may go out twice, and the two ways to go on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import a_booking, a_message, an_attempt
from tests.services.restores.conftest import Copy
from tests.support.scripted import Post
from webapp.channels.base import Sighting
from webapp.duties import ring
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import (
    Action,
    AttemptOutcome,
    Audit,
    BookingStatus,
    ChannelName,
    ChannelState,
    Message,
    MessageStatus,
    PauseKind,
)
from webapp.services import delivery
from webapp.services.audit import BELLHOP, Actor
from webapp.services.delivery import channel_gate, lookups
from webapp.services.restores import guard, release
from webapp.services.restores.release import Choice

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
Do, Copies, PutBack = Callable[[], None], Callable[[], Copy], Callable[[Copy], None]


@pytest.fixture
def hold(work: Do, copied: Copies, put_back: PutBack, restart: Do) -> Do:
    """Go on working for a while, and find the database as it is now put back."""

    def held() -> None:
        work()
        copy = copied()
        work()
        put_back(copy)
        restart()
        assert guard.is_held()

    return held


def fresh(message: Message) -> Message:
    return db.session.get_one(Message, message.id, populate_existing=True)


def test_what_waited_in_the_copy_is_counted_and_listed(hold: Do) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    first, mail = a_message(booking), a_message(booking, channel=ChannelName.EMAIL)
    a_message(status=MessageStatus.SENT)
    a_message(status=MessageStatus.FAILED, error_code="30003")
    a_message(due_in=timedelta(hours=1))  # A reminder for later: it was not due.
    hold()

    a_message()  # Colleagues go on confirming.
    seen = release.doubt()

    assert seen is not None and seen.total == 2
    assert seen.many == {ChannelName.SMS: 1, ChannelName.EMAIL: 1}
    assert [message.id for message in seen.messages] == [first.id, mail.id]


def test_closing_sends_none_of_it_and_everything_else(hold: Do, post: Post) -> None:
    doubtful = a_message()
    hold()
    newer = a_message()

    closed = release.go_on(Choice.CLOSE, by=BELLHOP)
    for message in (doubtful, newer):
        delivery.drain(message.guest_id)

    assert closed == 1
    assert (fresh(doubtful).status, doubtful.error_code) == (MessageStatus.FAILED, "may_have_arrived")
    assert [outgoing.message_id for outgoing in post.handed] == [newer.id]


def test_sending_sends_all_of_it(hold: Do, post: Post) -> None:
    doubtful = a_message()
    hold()

    assert release.go_on(Choice.SEND, by=BELLHOP) == 0
    delivery.drain(doubtful.guest_id)

    assert [outgoing.message_id for outgoing in post.handed] == [doubtful.id]


@pytest.mark.parametrize("choice", list(Choice))
def test_going_on_opens_what_was_held_and_nothing_else(hold: Do, choice: Choice) -> None:
    channel_gate.pause(ChannelName.EMAIL, why="The server moves", by=BELLHOP)
    hold()

    release.go_on(choice, by=BELLHOP)

    found = {row.name: row.pause_kind for row in db.session.scalars(select(ChannelState))}
    assert found == {ChannelName.SMS: None, ChannelName.WHATSAPP: None, ChannelName.EMAIL: PauseKind.BY_HAND}
    assert not guard.is_held() and release.doubt() is None


def test_going_on_is_not_undone_by_what_stands_beside(hold: Do, restart: Do, work: Do) -> None:
    hold()
    release.go_on(Choice.CLOSE, by=BELLHOP)

    for _ in range(3):
        restart()
        work()

    assert not guard.is_held()


def test_the_same_copy_put_back_again_is_noticed_again(
    work: Do, copied: Copies, put_back: PutBack, restart: Do
) -> None:
    work()
    copy = copied()
    for _ in range(3):
        work()
        put_back(copy)
        restart()
        assert guard.is_held()
        release.go_on(Choice.SEND, by=BELLHOP)


def test_the_newer_one_put_back_after_the_older_is_noticed_too(
    work: Do, copied: Copies, put_back: PutBack, restart: Do
) -> None:
    work()
    older = copied()
    for _ in range(5):
        work()
    newest = copied()
    put_back(older)
    restart()
    release.go_on(Choice.SEND, by=BELLHOP)

    put_back(newest)  # It does not know what went out from the older one since.
    restart()

    assert guard.is_held()


def test_who_comes_second_is_told_so(hold: Do) -> None:
    hold()
    release.go_on(Choice.SEND, by=BELLHOP)

    with pytest.raises(Conflict, match="already"):
        release.go_on(Choice.CLOSE, by=BELLHOP)


def test_a_form_that_is_posted_twice_acts_once(hold: Do) -> None:
    a_message()
    hold()
    ann = Actor("Ann", form_key="k1")

    assert [release.go_on(Choice.CLOSE, by=ann), release.go_on(Choice.CLOSE, by=ann)] == [1, 0]

    act = db.session.scalars(select(Audit).where(Audit.action == Action.OLDER_DATABASE_RELEASED)).one()
    assert (act.actor, act.detail) == ("Ann", {"choice": "close", "closed": 1})


def test_a_closed_message_that_the_provider_shows_is_sent_after_all(hold: Do, post: Post) -> None:
    message = a_message(status=MessageStatus.UNCERTAIN)
    an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=message.due_at)
    hold()
    release.go_on(Choice.CLOSE, by=BELLHOP)
    assert fresh(message).status is MessageStatus.FAILED

    post.sms.sightings = [Sighting("SM9", "sent")]
    lookups.look_up_due()

    assert fresh(message).status is MessageStatus.SENT


def test_what_is_asked_for_is_found_before_anybody_decides(hold: Do, post: Post) -> None:
    message = a_message(status=MessageStatus.UNCERTAIN)
    an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=message.due_at)
    hold()
    seen = release.doubt()
    assert seen is not None and (seen.total, seen.looked_up) == (1, 1)

    post.sms.sightings = [Sighting("SM9", "sent")]
    lookups.look_up_due()

    seen = release.doubt()
    assert seen is not None and seen.total == 0


def test_no_other_channel_stands_in_for_what_had_failed_before(hold: Do) -> None:
    failed = a_message(status=MessageStatus.FAILED, error_code="30003", falls_back=True)
    hold()

    release.go_on(Choice.CLOSE, by=BELLHOP)

    assert fresh(failed).falls_back is False


def test_a_worker_of_another_machine_goes_on_too(hold: Do, restart: Do, post: Post) -> None:
    doubtful = a_message()
    hold()
    release.go_on(Choice.SEND, by=BELLHOP)

    restart()  # It has its own memory, and a file from before.
    ring.run()
    delivery.drain(doubtful.guest_id)

    assert len(post.handed) == 1

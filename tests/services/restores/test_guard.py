"""An older database that is put back is noticed, and sends nothing."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.factories import a_message
from tests.services.restores.conftest import Copy
from tests.support.scripted import Post
from webapp.database import writing
from webapp.duties import ring
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, ChannelState, DatabaseMark, Message, PauseKind
from webapp.services import delivery
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate, known_epoch
from webapp.services.queue import acts as queue_acts
from webapp.services.restores import guard, marks
from webapp.services.restores.guard import Grow

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
Do, Copies, PutBack = Callable[[], None], Callable[[], Copy], Callable[[Copy], None]


def kinds() -> set[PauseKind | None]:
    return set(db.session.scalars(select(ChannelState.pause_kind).execution_options(populate_existing=True)))


def mark() -> DatabaseMark:
    found = guard.state()
    assert found is not None
    return found


@pytest.fixture
def older(work: Do, copied: Copies, put_back: PutBack, post: Post) -> Message:
    """A message that waits in the database, which is a copy from before it went out."""
    message = a_message()
    work()
    copy = copied()
    work()
    delivery.drain(message.guest_id)
    assert len(post.handed) == 1
    put_back(copy)
    return message


def test_a_worker_that_starts_on_an_older_database_sends_nothing(older: Message, restart: Do, post: Post) -> None:
    restart()

    delivery.drain(older.guest_id)
    ring.run()

    assert len(post.handed) == 1
    assert mark().is_held and kinds() == {PauseKind.OLDER_DATABASE}


def test_a_worker_that_runs_meanwhile_sends_nothing_either(older: Message, post: Post) -> None:
    delivery.drain(older.guest_id)  # It has not looked yet.
    assert len(post.handed) == 1 and not mark().is_held

    guard.look(Grow.WHEN_DUE)

    assert mark().is_held and guard.is_held()


def test_it_is_written_down_once_with_both_moments(older: Message, restart: Do) -> None:
    before = mark().grown_at
    for _ in range(3):
        restart()

    act = db.session.scalars(select(Audit).where(Audit.action == Action.OLDER_DATABASE_NOTICED)).one()
    assert act.detail["since"] == before.isoformat(timespec="seconds")
    assert mark().grown_at == before and mark().lost_at > before


def test_a_process_without_any_file_learns_of_it_from_the_row(older: Message, restart: Do) -> None:
    restart()
    marks.path().unlink()

    restart()

    assert guard.is_held()


def test_no_channel_is_opened_past_the_question(older: Message, restart: Do) -> None:
    with writing():
        db.session.execute(update(ChannelState).where(ChannelState.name == "sms").values(pause_kind=PauseKind.BY_HAND))
    restart()

    for name in ChannelName:
        with pytest.raises(Conflict, match="older copy"):
            channel_gate.resume(name, by=BELLHOP)
    with pytest.raises(Conflict, match="older copy"):
        queue_acts.resume_all(by=BELLHOP)
    assert kinds() == {PauseKind.BY_HAND, PauseKind.OLDER_DATABASE}


def test_a_channel_that_was_opened_by_an_act_underway_is_shut_again(older: Message, restart: Do) -> None:
    restart()
    with writing():
        db.session.execute(update(ChannelState).values(channel_gate.OPEN))

    guard.look()

    assert kinds() == {PauseKind.OLDER_DATABASE}


def test_an_answer_that_comes_late_opens_nothing(older: Message, restart: Do) -> None:
    restart()

    with writing():
        channel_gate.worked(ChannelName.SMS, is_probe=True)
        channel_gate.misconfigured(ChannelName.EMAIL, "The login is refused")
        channel_gate.probe_again(ChannelName.WHATSAPP)

    assert kinds() == {PauseKind.OLDER_DATABASE}


def test_a_file_that_cannot_be_read_says_nothing(work: Do, restart: Do) -> None:
    work()
    for text in ("", "{", "[]", '{"x": 1}', json.dumps({mark().name: {"epoch": "many"}}), "\x00\x01"):
        marks.path().write_text(text)
        restart()
        assert not mark().is_held


def test_a_folder_that_takes_no_file_stops_nothing(work: Do, post: Post) -> None:
    marks.path().mkdir()  # Root may write everywhere, but not in place of a folder.
    message = a_message()
    work()

    delivery.drain(message.guest_id)

    assert len(post.handed) == 1


def test_the_epoch_grows_every_ten_seconds_and_not_at_each_look(work: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    work()
    before = mark().epoch
    for _ in range(5):
        guard.look(Grow.WHEN_DUE)
    assert mark().epoch == before

    monkeypatch.setattr(known_epoch.KnownEpoch, "stands_for", lambda _: guard.GROWS_AFTER)
    guard.look()
    assert mark().epoch == before  # The web sends nothing, so it lets nothing grow.
    guard.look(Grow.WHEN_DUE)

    assert mark().epoch == before + 1


def test_a_worker_that_could_not_look_yet_sends_nothing(post: Post) -> None:
    message = a_message()
    known_epoch.of_app().trust_nothing()

    delivery.drain(message.guest_id)
    assert post.handed == []
    guard.look(Grow.NOW)
    delivery.drain(message.guest_id)

    assert len(post.handed) == 1


def test_a_machine_that_was_off_notices_that_the_others_went_on_from_a_copy(
    work: Do, copied: Copies, put_back: PutBack, restart: Do
) -> None:
    restart()
    copy = copied()
    work()
    its_own = marks.path().read_text()
    put_back(copy)
    marks.path().unlink()
    for _ in range(5):
        restart()  # The other machines have no mark, and go on past its epoch.
    assert not mark().is_held

    marks.path().write_text(its_own)
    restart()

    assert mark().is_held

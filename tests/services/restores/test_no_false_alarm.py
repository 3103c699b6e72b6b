"""What is no restore: nothing of this holds a message back."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import flask_migrate
import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, select, update

from tests.factories import a_message
from tests.services.restores.conftest import Copy
from tests.support.scripted import Post
from webapp import clock, create_app
from webapp.database import writing
from webapp.extensions import db
from webapp.models import THE_ONE, ChannelState, DatabaseMark, PauseKind
from webapp.services import delivery
from webapp.services.restores import guard, marks
from webapp.services.restores.guard import Grow
from webapp.settings import Settings

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
Do, Copies, PutBack = Callable[[], None], Callable[[], Copy], Callable[[Copy], None]


def kinds() -> set[PauseKind | None]:
    return set(db.session.scalars(select(ChannelState.pause_kind).execution_options(populate_existing=True)))


def mark() -> DatabaseMark:
    found = guard.state()
    assert found is not None
    return found


def test_a_new_installation_is_as_new_as_it_can_be(restart: Do, work: Do) -> None:
    restart()
    work()

    assert not mark().is_held and kinds() == {None}


def test_a_worker_that_was_killed_finds_nothing_amiss(work: Do, restart: Do) -> None:
    for _ in range(3):
        work()
        restart()

    assert not mark().is_held


def test_a_copy_that_is_as_new_as_the_last_mark_is_let_be(
    work: Do, copied: Copies, put_back: PutBack, restart: Do
) -> None:
    work()
    put_back(copied())

    restart()

    assert not mark().is_held


def test_a_database_that_was_emptied_on_purpose_is_a_new_one(work: Do, restart: Do) -> None:
    for _ in range(3):
        work()
    name = mark().name
    with writing():
        db.session.execute(delete(DatabaseMark))

    restart()

    assert mark().name != name and not mark().is_held


def test_a_worker_that_runs_while_the_database_is_emptied_goes_on(work: Do, post: Post) -> None:
    work()
    with writing():
        db.session.execute(delete(DatabaseMark))
    guard.look(Grow.WHEN_DUE)

    delivery.drain(a_message().guest_id)

    assert len(post.handed) == 1 and not mark().is_held


def test_migrations_down_and_up_again_are_no_restore(work: Do, restart: Do) -> None:
    for _ in range(3):
        work()
    db.session.remove()

    flask_migrate.downgrade(revision="0007")
    flask_migrate.upgrade()
    restart()

    assert not mark().is_held


def test_many_processes_that_work_at_once_are_no_restore(app: Flask, settings: Settings) -> None:
    others = [create_app(settings) for _ in range(2)]  # Each has a memory of its own, as a process has.

    def busy(one: Flask) -> bool:
        with one.app_context():
            grows = (Grow.IN_A_NEW_RUN, Grow.NOW, Grow.NEVER, Grow.NOW) * 5
            return any(guard.look(grow) for grow in grows)

    with ThreadPoolExecutor() as pool:
        held = list(pool.map(busy, [app, *others] * 2))

    assert not any(held) and not mark().is_held and mark().epoch > 10
    for one in others:
        with one.app_context():
            db.engine.dispose()


def test_a_data_folder_that_was_moved_or_lost_is_no_restore(work: Do, restart: Do) -> None:
    work()
    marks.path().unlink()

    restart()

    assert not mark().is_held and marks.path().is_file()


def test_another_database_in_the_same_folder_is_no_restore(work: Do, restart: Do) -> None:
    for _ in range(5):
        work()
    with writing():
        db.session.execute(update(DatabaseMark).values(name="another", epoch=1))

    restart()

    assert not mark().is_held
    assert len(json.loads(marks.path().read_text())) == 2


def test_a_machine_that_was_off_for_long_is_behind_and_no_trouble(work: Do, restart: Do) -> None:
    work()
    its_own = marks.path().read_text()
    for _ in range(5):
        work()
    marks.path().write_text(its_own)

    restart()

    assert not mark().is_held


def test_clocks_that_are_set_back_are_no_restore(work: Do, restart: Do) -> None:
    work()
    with time_machine.travel(clock.now() - timedelta(days=2), tick=True):
        restart()
        work()

    assert not mark().is_held and kinds() == {None}


def test_there_is_one_row(work: Do) -> None:
    work()
    work()

    assert db.session.scalars(select(DatabaseMark.id)).all() == [THE_ONE]

"""Who looks for what: workers for everything that they can see, the web for workers."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import select

from webapp import create_app, duties
from webapp.database import later, writing
from webapp.duties import alert, beside_web, watch_workers
from webapp.duties.base import Thread
from webapp.duties.beside_web import Watchman
from webapp.extensions import db
from webapp.models import Alert, DutyLease, WorkerRow
from webapp.services.housekeeping import leases
from webapp.settings import Settings


def causes() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Alert.cause)))


def a_dead_worker() -> None:
    with writing():
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16, seen_at=later(-600)))


def test_no_housekeeper_runs_what_the_web_must_do() -> None:
    assert {duty.thread for duty in duties.OF_WEB} == {Thread.WEB}
    assert all(duty.thread is not Thread.WEB for duty in duties.ALL)


@pytest.mark.usefixtures("app")
def test_the_pause_of_every_duty_is_known() -> None:
    assert alert.pauses().keys() == {duty.name for duty in (*duties.ALL, *duties.OF_WEB)}
    assert alert.pauses()["ring"] == 2 and alert.pauses()["prune"] == 600


@pytest.mark.usefixtures("app")
def test_the_web_notices_that_no_worker_is_alive_and_nothing_else() -> None:
    a_dead_worker()

    alert.run()
    assert "no_worker" not in causes()
    watch_workers.run()

    assert causes() == ["no_worker"]


@pytest.mark.both_databases
def test_of_two_web_processes_one_watches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(watch_workers.alerts.Watch, "look", lambda self, _: looked.append("looked"))
    names = iter(["web-1", "web-2"])
    monkeypatch.setattr(beside_web.heartbeats, "this_process", lambda: next(names))
    first, second = Watchman(app), Watchman(app)
    monkeypatch.setattr(beside_web.heartbeats, "this_process", lambda: "web-1")

    for _ in range(3):
        first.turn()
        second.turn()

    assert looked == ["looked"]
    assert db.session.scalars(select(DutyLease.holder).where(DutyLease.name == "watch_workers")).one() == "web-1"


@pytest.mark.usefixtures("app")
def test_a_lease_that_somebody_else_just_added_is_no_error() -> None:
    leases.ensure(["watch_workers"])
    leases.ensure(["watch_workers", "tell_alerts"])

    assert db.session.query(DutyLease).filter(DutyLease.name.in_(["watch_workers", "tell_alerts"])).count() == 2


def test_making_an_app_starts_no_watch(settings: Settings) -> None:
    create_app(settings)

    assert "watchman" not in {thread.name for thread in threading.enumerate()}


def test_a_turn_that_fails_ends_no_watch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside_web, "TICK_SECONDS", 0.01)
    watchman, turns = Watchman(app), []

    def turn() -> None:
        turns.append(time.monotonic())
        if len(turns) == 3:
            watchman.stop()
        raise OSError

    monkeypatch.setattr(watchman, "turn", turn)
    watchman.run()

    assert len(turns) == 3

"""Heartbeats, and the wish that a worker stops, which travels by them."""

import pytest
from flask import Flask
from sqlalchemy import select

from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, Audit, WorkerRow
from webapp.services.audit import Actor
from webapp.services.delivery.worker_slots import InHand
from webapp.services.housekeeping import heartbeats

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]
ROSA, MARTIN = Actor("Rosa Silva"), Actor("Martin Keller")


@pytest.fixture(autouse=True)
def worker(app: Flask) -> None:
    """One that has just started."""
    heartbeats.appear("w1", pool="threads", concurrency=16, version="1")


def test_a_beat_tells_a_worker_nothing_while_nobody_asked() -> None:
    assert heartbeats.beat("w1", InHand()) is False


def test_a_worker_reads_at_its_next_beat_that_it_shall_stop() -> None:
    heartbeats.ask_to_stop("w1", by=ROSA)

    assert heartbeats.beat("w1", InHand()) is True
    act = db.session.scalars(select(Audit).where(Audit.action == Action.WORKER_STOPPED)).one()
    assert (act.actor, act.detail) == ("Rosa Silva", {"worker": "w1"})


def test_the_second_to_ask_is_told_who_was_first() -> None:
    heartbeats.ask_to_stop("w1", by=ROSA)

    with pytest.raises(Conflict, match="Rosa Silva told this worker to stop"):
        heartbeats.ask_to_stop("w1", by=MARTIN)


def test_a_worker_that_has_stopped_cannot_be_asked() -> None:
    heartbeats.leave("w1")

    with pytest.raises(Conflict, match="has stopped already"):
        heartbeats.ask_to_stop("w1", by=ROSA)


def test_an_unknown_worker_is_not_found() -> None:
    with pytest.raises(NotFound):
        heartbeats.ask_to_stop("nobody", by=ROSA)


def test_a_worker_that_starts_again_under_its_name_was_not_asked() -> None:
    heartbeats.ask_to_stop("w1", by=ROSA)

    heartbeats.appear("w1", pool="threads", concurrency=16, version="1")

    row = db.session.get_one(WorkerRow, "w1")
    assert (row.stop_asked_at, row.stop_asked_by) == (None, "")

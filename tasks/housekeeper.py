"""The housekeeper: a bootstep beside each worker's pool that runs the duties, one thread for each kind.

The worker's timer would not do: a blocking query there stalls consuming. Leases in the database, in place of Celery's
beat, let another worker take over when one dies.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps
from flask import Flask

from webapp import duties
from webapp.duties.base import Thread
from webapp.duties.keeper import Keeper
from webapp.services.delivery import channel_gate, known_epoch
from webapp.services.delivery.worker_slots import in_hand
from webapp.services.housekeeping import heartbeats, leases, log_store
from webapp.services.restores import guard
from webapp.services.restores.guard import Grow

TICK_SECONDS = 0.25
JOIN_SECONDS = 3.0
log = structlog.get_logger(__name__)


class Housekeeper(bootsteps.StartStopStep):
    """Starts after the pool has forked, so that no database connection crosses a fork."""

    requires = {"celery.worker.components:Pool"}  # noqa: RUF012  # Celery's own way to say it.

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._told_to_stop = False

    def start(self, worker: Any) -> None:
        app: Flask = worker.app.flask_app
        name = in_hand.worker = worker.hostname
        in_hand.slots = worker.concurrency
        self._look_first(app)
        loops: dict[str, Callable[[], None]] = {"heartbeat": self._heartbeat(worker, name)}
        for kind in Thread:
            if mine := [duty for duty in duties.ALL if duty.thread is kind]:
                loops[kind] = Keeper(mine, name).turn
        for label, turn in loops.items():
            pause = heartbeats.BEAT_SECONDS if label == "heartbeat" else TICK_SECONDS
            name = f"housekeeper-{label}"
            thread = threading.Thread(target=self._loop, args=(app, turn, pause), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, worker: Any) -> None:
        in_hand.stop()  # Claims no more, and finishes what it has.
        self._stop.set()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
        with worker.app.flask_app.app_context():
            try:
                guard.look(Grow.NOW)
                leases.release(in_hand.worker)
                heartbeats.leave(in_hand.worker)
                log_store.flush()
            except Exception:
                log.exception("The worker could not say that it leaves; its leases end by themselves.")

    def _look_first(self, app: Flask) -> None:
        """Check that the database is not an older copy, before anything is taken off the queue."""
        with app.app_context():
            known_epoch.of_app().trust_nothing()
            try:
                guard.look(Grow.IN_A_NEW_RUN)
            except Exception:
                log.exception("The database could not be looked at; until it can be, nothing is sent.")

    def _heartbeat(self, worker: Any, name: str) -> Callable[[], None]:
        appeared = False

        def turn() -> None:
            nonlocal appeared
            if not appeared:
                pool = type(worker.pool).__module__.rpartition(".")[2]
                version = worker.app.flask_app.config["VERSION"]
                heartbeats.appear(name, pool=pool, concurrency=worker.concurrency, version=version)
                channel_gate.ensure_rows()
                channel_gate.probe_soon()
                leases.ensure([duty.name for duty in duties.ALL])
                appeared = True
            if heartbeats.beat(name, in_hand):
                self._stop_softly()
            guard.look(Grow.WHEN_DUE)
            log_store.flush()

        return turn

    def _stop_softly(self) -> None:
        """End as on SIGTERM, once, since an admin asked for it. Celery's handler works while Redis is away too."""
        if self._told_to_stop:
            return
        self._told_to_stop = True
        log.info("An admin told this worker to stop; it finishes what it is sending.")
        if os.name == "posix":
            os.kill(os.getpid(), signal.SIGTERM)  # To the process: its main thread must wake up for it.
        else:
            signal.raise_signal(signal.SIGTERM)  # Elsewhere os.kill would end it on the spot.

    def _loop(self, app: Flask, turn: Callable[[], None], pause: float) -> None:
        """Take turns until stopped, whatever fails."""
        while not self._stop.is_set():
            try:
                with app.app_context():
                    turn()
            except Exception:
                log.exception("A turn of the housekeeper failed.", thread=threading.current_thread().name)
            self._stop.wait(pause)

"""Redis, asked so that it can never hold anybody up, and why it is down, in words.

A question has a total deadline, beside the timeouts of its socket: those bound neither the look-up of
a name nor an answer that drips. After a failure nothing is asked for some seconds.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar, cast

from flask import current_app
from redis import Redis, exceptions

from webapp import clock
from webapp.errors import NotReady
from webapp.monitor.redis import info as figures
from webapp.monitor.view import BrokerFigures
from webapp.setting_values.redis_url import RedisAddress
from webapp.settings import current

T = TypeVar("T")
SOCKET_SECONDS = 0.25
TOTAL_SECONDS = 0.5
QUIET_SECONDS = 3.0
TOO_SLOW = "It does not answer in time."


class Down(Exception):
    """Redis did not answer; the text says why, fit for the screen."""


class Broker:
    """The one client of a process, made when it is first needed. Threads share it and ask one at a time."""

    def __init__(self, address: Callable[[], RedisAddress]) -> None:
        """`address` is asked anew after each failure: a broker that is started again may have another port."""
        self._address = address
        self._asking = threading.Lock()
        self._client: Redis | None = None
        self._quiet_until = 0.0
        self._problem = ""

    def ask(self, question: Callable[[Redis], T]) -> T:
        """Put a question to Redis.

        Raises:
            Down: it failed, or failed a moment ago, or another thread is waiting in vain already.
        """
        if clock.monotonic() < self._quiet_until:
            raise Down(self._problem)
        answer: Future[T] = Future()
        # A thread for each question, so that one that hangs can be left behind.
        asker = threading.Thread(target=self._put, args=(question, answer, self._asking), daemon=True)
        asker.start()
        try:
            return answer.result(TOTAL_SECONDS)
        except TimeoutError:
            answer.cancel()
            self._drop()
            self._asking = threading.Lock()  # The old one stays with the question that hangs.
            raise self._down(TOO_SLOW) from None
        except Exception as failure:
            raise self._down(explain(failure)) from failure

    def figures(self) -> BrokerFigures:
        """Lists, `unacked` and INFO by one pipeline.

        Raises:
            Down: as `ask` does.
        """
        return self.ask(figures.read)

    def _put(self, question: Callable[[Redis], T], answer: Future[T], turn: threading.Lock) -> None:
        with turn:
            if not answer.set_running_or_notify_cancel():
                return  # Whoever asked has given up.
            try:
                answer.set_result(self._twice(question))
            except BaseException as failure:  # noqa: BLE001 — the asking thread raises it.
                self._drop()
                answer.set_exception(failure)

    def _twice(self, question: Callable[[Redis], T]) -> T:
        """A connection of the pool may have been closed since its last use; one such failure proves nothing."""
        had_client = self._client is not None
        try:
            return question(self._connected())
        except exceptions.ConnectionError:
            if not had_client:
                raise
            self._drop()
            return question(self._connected())

    def _connected(self) -> Redis:
        if self._client is None:
            self._client = self._address().client(
                socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, decode_responses=True
            )
        return self._client

    def _drop(self) -> None:
        """Cut the client's connections, which also ends a question that hangs on one."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(exceptions.RedisError, OSError):
                client.connection_pool.disconnect()

    def _down(self, why: str) -> Down:
        self._problem, self._quiet_until = why, clock.monotonic() + QUIET_SECONDS
        return Down(why)


# The first that fits; the errors of redis-py are each other's children.
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (exceptions.AuthenticationError, "It refuses the user or the password of REDIS_URL."),
    (exceptions.NoPermissionError, "It does not let the user of REDIS_URL do this."),
    (exceptions.BusyLoadingError, "It has just started and is still reading its file."),
    (exceptions.OutOfMemoryError, figures.FULL),
    (exceptions.ReadOnlyError, figures.COPY),
    (exceptions.MasterDownError, "It is a copy that has lost its original."),
    (exceptions.InvalidResponse, "Something else than Redis answers there."),
    (ssl.SSLCertVerificationError, "Its certificate is not one that is trusted here, so nothing was said to it."),
    (ssl.SSLError, "It does not speak TLS as REDIS_URL asks for."),
    (exceptions.TimeoutError, TOO_SLOW),
    (ConnectionRefusedError, "It refuses the connection: it does not run, or listens elsewhere."),
    (socket.gaierror, "The name of its host cannot be found."),
    (exceptions.ConnectionError, "The connection to it broke."),
    (OSError, "The connection to it broke."),
)
LINKS = 6  # So far an error is followed to what caused it.


def explain(failure: BaseException) -> str:
    """Why Redis did not answer, as a sentence for an admin."""
    if isinstance(failure, NotReady):
        return failure.sentence  # REDIS_URL cannot be used.
    # What the system said is under what redis-py made of it.
    chain: list[BaseException] = [failure]
    while (under := chain[0].__cause__ or chain[0].__context__) and len(chain) < LINKS:
        chain.insert(0, under)
    fitting = (reason for kind, reason in REASONS if any(isinstance(link, kind) for link in chain))
    return next(fitting, f"It answered with an error: {str(failure)[:200]}.")


def of_app() -> Broker:
    """The broker of the app that is at work here."""
    settings = current()
    return cast("Broker", current_app.extensions.setdefault("bellhop_broker", Broker(lambda: settings.broker)))


def bells() -> int | None:
    """How many bells wait; None where Redis does not say."""
    try:
        return of_app().ask(figures.bells)
    except Down:
        return None

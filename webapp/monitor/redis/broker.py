"""Asks Redis without ever making anybody wait, and says in words why it is down.

Each question has a total deadline beside the socket's timeouts, which limit neither a name's look-up nor an answer that
drips. After a failure nothing is asked for some seconds.
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
from webapp.i18n import N_
from webapp.monitor.redis import info as figures
from webapp.monitor.view import BrokerFigures
from webapp.setting_values.redis_url import RedisAddress
from webapp.settings import current

T = TypeVar("T")
SOCKET_SECONDS = 0.25
TOTAL_SECONDS = 0.5
QUIET_SECONDS = 3.0
TOO_SLOW = N_("Redis does not answer in time.")


class Down(Exception):
    """Redis did not answer. The text says why, in a sentence for the screen."""


class Broker:
    """The one Redis client of a process. Its threads share it and ask one at a time."""

    def __init__(self, address: Callable[[], RedisAddress]) -> None:
        """`address` is asked again after each failure: a restarted Redis may have another port."""
        self._address = address
        self._asking = threading.Lock()
        self._client: Redis | None = None
        self._quiet_until = 0.0
        self._problem = ""

    def ask(self, question: Callable[[Redis], T]) -> T:
        """Put a question to Redis.

        Raises:
            Down: it failed now or a moment ago, or another thread waits in vain already.
        """
        if clock.monotonic() < self._quiet_until:
            raise Down(self._problem)
        answer: Future[T] = Future()
        # Each question gets a thread, so that a hanging one can be left behind.
        asker = threading.Thread(target=self._put, args=(question, answer, self._asking), daemon=True)
        asker.start()
        try:
            return answer.result(TOTAL_SECONDS)
        except TimeoutError:
            answer.cancel()
            self._drop()
            self._asking = threading.Lock()  # The old lock stays with the hanging question.
            raise self._down(TOO_SLOW) from None
        except Exception as error:
            raise self._down(explain(error)) from error

    def figures(self) -> BrokerFigures:
        """Returns the figures of Redis.

        Raises:
            Down: as in `ask`.
        """
        return self.ask(figures.read)

    def _put(self, question: Callable[[Redis], T], answer: Future[T], turn: threading.Lock) -> None:
        with turn:
            if not answer.set_running_or_notify_cancel():
                return  # The asking thread has given up.
            try:
                answer.set_result(self._twice(question))
            except BaseException as error:  # noqa: BLE001 — the asking thread raises it.
                self._drop()
                answer.set_exception(error)

    def _twice(self, question: Callable[[Redis], T]) -> T:
        """Ask again after one failure, since a pooled connection may have been closed since its last use."""
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
        """Cut the client's connections, which also ends a hanging question."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(exceptions.RedisError, OSError):
                client.connection_pool.disconnect()

    def _down(self, why: str) -> Down:
        self._problem, self._quiet_until = why, clock.monotonic() + QUIET_SECONDS
        return Down(why)


# The first entry that fits counts, since errors of redis-py derive from each other.
REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (exceptions.AuthenticationError, N_("Redis refuses the user or the password of REDIS_URL.")),
    (exceptions.NoPermissionError, N_("Redis does not let the user of REDIS_URL do this.")),
    (exceptions.BusyLoadingError, N_("Redis has just started and is still reading its file.")),
    (exceptions.OutOfMemoryError, figures.FULL),
    (exceptions.ReadOnlyError, figures.COPY),
    (exceptions.MasterDownError, N_("This Redis is a replica that has lost its primary.")),
    (exceptions.InvalidResponse, N_("Something other than Redis answers at this address.")),
    (
        ssl.SSLCertVerificationError,
        N_("The certificate of Redis is not trusted here, so nothing was sent."),
    ),
    (ssl.SSLError, N_("Redis does not speak TLS as REDIS_URL asks.")),
    (exceptions.TimeoutError, TOO_SLOW),
    (ConnectionRefusedError, N_("Redis refuses the connection: it does not run, or listens elsewhere.")),
    (socket.gaierror, N_("The host name in REDIS_URL cannot be found.")),
    (exceptions.ConnectionError, N_("The connection to Redis broke.")),
    (OSError, N_("The connection to Redis broke.")),
)
LINKS = 6  # How far an error is followed to its causes.


def explain(error: BaseException) -> str:
    """Returns why Redis did not answer, as a sentence for an admin."""
    if isinstance(error, NotReady):
        return error.sentence  # REDIS_URL cannot be used.
    # redis-py wraps the system's errors.
    chain: list[BaseException] = [error]
    while (under := chain[0].__cause__ or chain[0].__context__) and len(chain) < LINKS:
        chain.insert(0, under)
    fitting = (reason for kind, reason in REASONS if any(isinstance(link, kind) for link in chain))
    return next(fitting, f"Redis answered with an error: {str(error)[:200]}.")


def of_app() -> Broker:
    """Returns the broker of the current app."""
    settings = current()
    return cast("Broker", current_app.extensions.setdefault("bellhop_broker", Broker(lambda: settings.broker)))


def bells() -> int | None:
    """How many bells wait; None where Redis does not say."""
    try:
        return of_app().ask(figures.bells)
    except Down:
        return None

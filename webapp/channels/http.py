"""The HTTP client under the Twilio library. It knows whether a request went out, and ends at a total deadline."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPException
from logging import getLogger
from threading import local
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest, Request, RequestException, Session
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from webapp.channels.deadline import Deadline, code_of

# An idle connection is opened anew after so long: the other end may have hung up, and the outcome would be unknown for
# no reason. Common servers hang up after 5 s or more.
REST_SECONDS = 4.0


class NeverSent(Exception):
    """No byte of the request went out; `code` is one of our own."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class PerhapsTaken(Exception):
    """The request went out, and no whole answer came back."""


@dataclass
class Call:
    """The state of one call while it runs."""

    deadline: Deadline
    before_body: Callable[[], None]
    begun: bool = False  # A byte of the request may have gone out.
    refusal: BaseException | None = None  # What `before_body` raised.
    trouble: OSError | None = None  # Why no connection came about.
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


_call: ContextVar[Call] = ContextVar("call")


class _Watched(HTTPConnection):
    """A connection under the deadline of the running call. It tells the call when its request goes out."""

    _used_at = 0.0

    def _new_conn(self) -> Any:
        return _call.get().deadline.connect(self._dns_host, self.port or self.default_port, float(self.timeout or 1))

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:
            _call.get().trouble = error
            raise

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used_at < REST_SECONDS

    def request(self, *args: Any, **kwargs: Any) -> None:
        call = _call.get()
        if self.sock is None:
            self.connect()
        call.deadline.watch(self.sock)
        if not call.deadline.left:  # The watchdog may have been frozen with the process.
            raise TimeoutError("the deadline passed before the request went out")
        try:
            call.before_body()
        except BaseException as error:
            call.refusal = error
            raise
        call.begun = True
        super().request(*args, **kwargs)
        self._used_at = time.monotonic()


class _WatchedTls(_Watched, HTTPSConnection): ...


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


_POOLS = {"http": _Pool, "https": _TlsPool}


class _Adapter(HTTPAdapter):
    """Watched connections, direct or through a proxy, without retries."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class CarefulClient(HttpClient):
    """A client for the Twilio library. Each thread has connections of its own.

    `api_url` replaces scheme, host and port of each request. `timeout` bounds one socket operation, `call` the whole.
    """

    def __init__(self, timeout: float, api_url: str = "") -> None:
        super().__init__(getLogger("twilio.http_client"), False, timeout)
        self._patience = timeout
        self._api = urlsplit(api_url)
        self._threads = local()

    @contextmanager
    def call(self, seconds: float, before_body: Callable[[], None] = lambda: None) -> Iterator[Call]:
        """Run one call of the library inside this block; it ends after `seconds`."""
        with Deadline(seconds) as deadline:
            call = Call(deadline, before_body)
            mark = _call.set(call)
            try:
                yield call
            finally:
                _call.reset(mark)

    def request(self, method: str, uri: str, *, timeout: float | None = None, **sent: Any) -> Response:
        """Make one request; the library calls this. A redirect is never followed: a create must not go out twice.

        Raises:
            NeverSent: it did not go out.
            PerhapsTaken: it went out, and no whole answer came.
        """
        sent.pop("allow_redirects", None)
        call = _call.get()
        session = self._session()
        wanted = Request(method.upper(), self._elsewhere(uri), **sent)
        try:
            prepared, patience = session.prepare_request(wanted), timeout or self._patience
            around = self._surroundings(session, prepared)
            answer = session.send(prepared, allow_redirects=False, timeout=(patience, patience), **around)
        except (RequestException, HTTPError, HTTPException, OSError) as error:
            if call.refusal:
                raise call.refusal from None
            raise _judge(call, error) from error
        call.status, call.headers = answer.status_code, answer.headers
        return Response(answer.status_code, answer.text, answer.headers)

    def _surroundings(self, session: Session, prepared: PreparedRequest) -> Mapping[str, Any]:
        """Returns the environment's proxy and certificates. Reading them takes a tenth of a request, so once a host."""
        url = prepared.url or ""
        known: dict[str, Mapping[str, Any]] = self._threads.surroundings
        host = urlsplit(url).netloc
        if host not in known:
            known[host] = session.merge_environment_settings(url, {}, False, None, None)
        return known[host]

    def _session(self) -> Session:
        session: Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = Session()
            self._threads.surroundings = {}
            session.mount("https://", _Adapter(max_retries=0))
            session.mount("http://", _Adapter(max_retries=0))
        return session

    def _elsewhere(self, uri: str) -> str:
        if not self._api.netloc:
            return uri
        parts = urlsplit(uri)
        return urlunsplit((self._api.scheme, self._api.netloc, parts.path, parts.query, parts.fragment))


def _judge(call: Call, trouble: Exception) -> NeverSent | PerhapsTaken:
    # The exception's own text contains the address with the phone number.
    if not call.begun:
        late = call.deadline.passed
        code = "deadline" if late else code_of(call.trouble) if call.trouble else "unreachable"
        return NeverSent(code, str(call.trouble or type(trouble).__name__))
    if call.deadline.passed:
        return PerhapsTaken("The request went out, and its answer was not complete when the time was over.")
    return PerhapsTaken(f"The request went out, and no whole answer came back ({type(trouble).__name__}).")

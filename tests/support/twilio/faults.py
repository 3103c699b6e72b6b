"""What can go wrong at a provider's HTTP door, as values that a rule chooses."""

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one request is answered. Without arguments: as usual."""

    status: int = 0  # Answer with this HTTP status; 0 is what the request deserves.
    code: int = 0  # Twilio's error code in the answer.
    message: str = ""
    retry_after: float | None = None  # Seconds, as the header of that name.
    raw: bytes | None = None  # Answer with these bytes in place of JSON.
    delay: float = 0  # Seconds before the answer.
    drip: float = 0  # Seconds between the single bytes of the answer.
    cut: bool = False  # Close with RST in place of an answer.
    hang: bool = False  # Answer nothing until `release()`.
    taken: bool | None = None  # Whether the message is kept; by default if nothing but its answer goes wrong.
    hidden: bool = False  # Kept, but not shown in lists.

    @property
    def keeps(self) -> bool:
        """Whether the provider takes the message in spite of the fault."""
        return (self.status < 400 and not self.hang) if self.taken is None else self.taken

    def but(self, **changes: object) -> "Fault":
        """Return the same fault with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


def reject(code: int, status: int = 400, message: str = "") -> Fault:
    """Refuse with one of Twilio's codes."""
    return Fault(status=status, code=code, message=message)


def too_many(retry_after: float | None = 1) -> Fault:
    """Answer 429, "never processed and always safe to retry"."""
    return Fault(status=429, code=20429, message="Too Many Requests", retry_after=retry_after)


def broken(status: int = 503, code: int = 0, *, taken: bool = False) -> Fault:
    """Answer 5xx, perhaps after the message was taken."""
    return Fault(status=status, code=code or {500: 20500, 503: 20503}.get(status, 0), taken=taken)


def cut(*, taken: bool = True) -> Fault:
    """Cut the line in place of an answer, by default after the message was taken."""
    return Fault(cut=True, taken=taken)


def hang(*, taken: bool = False) -> Fault:
    """Be a black hole until released; then answer if the message was taken, else cut."""
    return Fault(hang=True, taken=taken)


def slow(seconds: float) -> Fault:
    """Take the message at once and answer late."""
    return Fault(delay=seconds)


def drip(seconds: float) -> Fault:
    """Take the message and send the answer byte by byte, this many seconds apart."""
    return Fault(drip=seconds)


def garbled() -> Fault:
    """Take the message and answer 201 with JSON that cannot be read."""
    return Fault(status=201, raw=b'{"sid": "SM')


class Addressed(Protocol):
    """A request for a new message."""

    @property
    def to(self) -> str: ...

    @property
    def phone(self) -> str: ...


A = TypeVar("A", bound=Addressed)


class Rules(Generic[A]):
    """The rules of a fake provider. All may be called at any time, from any thread."""

    def __init__(self) -> None:
        self._rules_lock = threading.RLock()
        self._rules: list[Callable[[A], Fault | None]] = []
        self._look_faults: list[Fault] = []
        self._released = threading.Event()

    def rule(self, rule: Callable[[A], Fault | None]) -> Callable[[A], Fault | None]:
        """Add a rule: it sees each arrival and answers a fault or None. The first that answers decides."""
        with self._rules_lock:
            self._rules.append(rule)
        return rule

    def fail_next(self, fault: Fault, *, to: str | None = None, times: float = 1) -> None:
        """Answer the next `times` arrivals (to this number, in SMS or WhatsApp) with a fault."""
        left = [times]

        def rule(arrival: A) -> Fault | None:
            if left[0] <= 0 or (to is not None and to not in (arrival.to, arrival.phone)):
                return None
            left[0] -= 1
            return fault

        self.rule(rule)

    def fail_always(self, fault: Fault, *, to: str | None = None) -> None:
        """Answer all arrivals (to this number) with a fault, until `heal`."""
        self.fail_next(fault, to=to, times=float("inf"))

    def fail_looks(self, fault: Fault, *, times: int = 1) -> None:
        """Answer the next GETs with a fault: a look-up that itself fails."""
        with self._rules_lock:
            self._look_faults += [fault] * times

    def heal(self) -> None:
        """Forget all rules and let hanging requests go on."""
        with self._rules_lock:
            self._rules.clear()
            self._look_faults.clear()
        self.release()

    def release(self) -> None:
        """Let the requests that hang now go on."""
        with self._rules_lock:
            self._released.set()
            self._released = threading.Event()

    def fault_for(self, arrival: A) -> tuple[Fault, threading.Event]:
        """Choose an arrival's fault, and the event that would release it."""
        with self._rules_lock:
            faults = (rule(arrival) for rule in self._rules)
            return next((fault for fault in faults if fault), Fault()), self._released

    def fault_for_look(self) -> tuple[Fault, threading.Event]:
        """Choose a GET's fault, and the event that would release it."""
        with self._rules_lock:
            return (self._look_faults.pop(0) if self._look_faults else Fault()), self._released

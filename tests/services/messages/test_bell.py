"""No fault of the broker, of whatever class, makes an error of an act that is committed."""

import socket
import ssl
from collections.abc import Callable

import billiard.exceptions
import celery.exceptions
import kombu.exceptions
import pytest
import redis.exceptions

from tests import factories
from webapp.extensions import db
from webapp.models import BookingStatus
from webapp.services.messages import bell


def _family(root: type[Exception]) -> list[type[Exception]]:
    return [root, *(kind for child in root.__subclasses__() for kind in _family(child))]


FAULTS: list[Exception] = [
    *(kind("1 host:6379") for kind in _family(redis.exceptions.RedisError)),
    kombu.exceptions.OperationalError("x"), kombu.exceptions.LimitExceeded("x"), kombu.exceptions.EncodeError("x"),
    kombu.exceptions.ContentDisallowed("x"), kombu.exceptions.SerializationError("x"), kombu.exceptions.KombuError("x"),
    celery.exceptions.CeleryError("x"), celery.exceptions.ImproperlyConfigured("x"),
    celery.exceptions.SecurityError("x"), celery.exceptions.OperationalError("x"),
    billiard.exceptions.TimeLimitExceeded("x"),
    OSError(24, "too many files"), ConnectionRefusedError("x"), BrokenPipeError("x"), TimeoutError("x"),
    socket.gaierror(-2, "no such name"), ssl.SSLError(1, "x"), ssl.SSLCertVerificationError(1, "x"),
    ssl.SSLEOFError(8, "x"),
    ValueError("Port could not be cast"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"),
    UnicodeEncodeError("idna", "x", 0, 1, "label too long"), KeyError("x"), TypeError("x"), AttributeError("x"),
    IndexError("x"), RuntimeError("x"), MemoryError("x"), RecursionError("x"), AssertionError("x"), ImportError("x"),
    NotImplementedError("x"), ZeroDivisionError("x"),
]  # fmt: skip


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let the next ring raise this."""

    def fail(fault: Exception) -> None:
        def send_task(*_: object, **__: object) -> None:
            raise fault

        monkeypatch.setattr(bell.celery, "send_task", send_task)

    return fail


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_ring_that_fails_is_not_rung_and_never_raises(failing: Callable[[Exception], None], fault: Exception) -> None:
    failing(fault)

    assert bell.ring(1, 2, 3) == 0
    assert bell.breaker.is_open()


@pytest.mark.settings(undo_seconds=0)
@pytest.mark.parametrize("fault", [ValueError("x"), KeyError("x"), ssl.SSLError(1, "x"), RuntimeError("x")], ids=repr)
def test_a_click_is_answered_and_its_row_is_there(
    failing: Callable[[Exception], None], front_desk: object, fault: Exception
) -> None:
    booking = factories.a_booking()
    failing(fault)

    answer = front_desk.act(f"/bookings/{booking.reference}/confirmation", version=booking.version)  # type: ignore[attr-defined]

    assert answer.status_code < 400, answer.text
    assert bell.breaker.is_open()  # It was rung, and failed.
    db.session.rollback()
    assert booking.status is BookingStatus.CONFIRMED

"""The deadline itself, on bare sockets."""

import socket
import ssl
import time

import pytest

from webapp.channels.deadline import Deadline, code_of


def test_a_reader_wakes_when_the_time_is_over():
    near, far = socket.socketpair()
    begun = time.monotonic()

    with near, far, Deadline(0.2) as deadline:
        deadline.watch(near)
        assert near.recv(1) == b""

    assert deadline.passed
    assert time.monotonic() - begun < 1


def test_what_ends_in_time_is_left_alone():
    near, far = socket.socketpair()

    with near, far:
        with Deadline(0.1) as deadline:
            deadline.watch(near)
        time.sleep(0.2)
        far.sendall(b"x")
        assert near.recv(1) == b"x"

    assert not deadline.passed


def test_more_time_can_be_given():
    near, far = socket.socketpair()
    begun = time.monotonic()

    with near, far, Deadline(0.1) as deadline:
        deadline.watch(near)
        deadline.give(0.5)
        near.recv(1)

    assert 0.4 < time.monotonic() - begun < 1


def test_an_earlier_end_is_seen_although_the_watchdog_sleeps_for_a_later_one():
    near, far = socket.socketpair()
    begun = time.monotonic()

    with near, far, Deadline(30), Deadline(0.1) as deadline:
        deadline.watch(near)
        near.recv(1)

    assert time.monotonic() - begun < 1


def test_a_socket_that_comes_too_late_is_cut_at_once():
    near, far = socket.socketpair()

    with near, far, Deadline(0.05) as deadline:
        time.sleep(0.15)
        deadline.watch(near)
        assert near.recv(1) == b""


def test_no_address_is_tried_when_no_time_is_left():
    with Deadline(0.01) as deadline:
        time.sleep(0.05)
        with pytest.raises(TimeoutError):
            deadline.connect("127.0.0.1", 9, 1)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (socket.gaierror(-2, "x"), "dns"),
        (ssl.SSLCertVerificationError(1, "x"), "certificate"),
        (ssl.SSLError(1, "x"), "tls"),
        (ConnectionRefusedError(), "refused"),
        (ConnectionResetError(), "cut_early"),
        (TimeoutError(), "connect_timeout"),
        (OSError(101, "no route"), "unreachable"),
    ],
)
def test_each_trouble_has_a_code(trouble, code):
    assert code_of(trouble) == code

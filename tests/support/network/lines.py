"""What servers do to a line: wait while its client is there, or cut it."""

import select
import socket
import struct
import threading
import time
from contextlib import suppress


def reset_on_close(line: socket.socket) -> None:
    """Let the next close send RST in place of a farewell."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_on_close(line: socket.socket) -> bool:
    """Whether `reset_on_close` was asked for."""
    if line.fileno() < 0:
        return False
    return struct.unpack("ii", line.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == (1, 0)


def shut(line: socket.socket) -> None:
    """End a line that another thread may be reading: the reader sees its end."""
    with suppress(OSError):  # It is closed already.
        line.shutdown(socket.SHUT_RDWR)


def hung_up(
    line: socket.socket, *, seconds: float = float("inf"), until: threading.Event, stopping: threading.Event
) -> bool:
    """Wait for a time or an event; True, at once, where the client hangs up or the server stops."""
    deadline = time.monotonic() + seconds
    while not stopping.is_set():
        left = deadline - time.monotonic()
        if until.is_set() or left <= 0:
            return False
        pause = min(left, 0.05)
        if _has_input(line, pause):
            if _at_end(line):
                return True
            until.wait(pause)  # The client speaks on without an answer; it is still there.
    return True


def _has_input(line: socket.socket, within: float) -> bool:
    try:
        watch = select.poll()  # Unlike select(), it knows lines above number 1023.
        watch.register(line, select.POLLIN)
        return bool(watch.poll(within * 1000))
    except (OSError, ValueError):
        return True


def _at_end(line: socket.socket) -> bool:
    try:
        return line.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True

"""A mail server that misbehaves on the wire, which no well-made server library would do."""

import socket
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Literal, Self

from tests.support.mail.mail_log import MailArrival, MailLog
from tests.support.network.lines import hung_up, reset_on_close, shut

Behaviour = Literal[
    "well",  # As it should be.
    "busy",  # 421 in place of a greeting.
    "silent",  # Takes the connection and says nothing.
    "drip",  # Sends each reply byte by byte, `pause` seconds apart.
    "drop_in_data",  # Cuts the line after the first line of the body.
    "drop_after_dot",  # Cuts the line after the final dot; the mail is lost.
    "keep_after_dot",  # Cuts the line after the final dot; the mail is kept.
    "stall_after_dot",  # Keeps the mail and says nothing until released.
    "drop_before_quit",  # Says 250 after the final dot and cuts the line.
]


class WireSmtp(MailLog):
    """One behaviour per connection, in this order; the last one stays."""

    host = "127.0.0.1"

    def __init__(self, *behaviours: Behaviour, pause: float = 0.05) -> None:
        super().__init__()
        self.behaviours: list[Behaviour] = list(behaviours) or ["well"]
        self.pause = pause
        self.connections = 0
        self._released = threading.Event()
        self._closed = threading.Event()
        self._lines: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((self.host, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that point an app here."""
        return {"mail_server": self.host, "mail_port": self.port, "mail_default_sender": "desk@hotel.example"}

    def behave(self, *behaviours: Behaviour) -> None:
        """Change what the next connections meet."""
        self.behaviours = list(behaviours)

    def release(self) -> None:
        """Let what stalls go on."""
        self._released.set()

    def __enter__(self) -> Self:
        self._spawn(self._listen)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening and cut all lines."""
        self._closed.set()
        self._released.set()
        for line in [self._listener, *self._lines]:
            shut(line)
        for thread in self._threads:
            thread.join(timeout=5)
        self._listener.close()

    def _spawn(self, work: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._lines.append(line)
            self.connections += 1
            behaviour = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
            self._spawn(self._serve, line, behaviour)

    def _serve(self, line: socket.socket, behaviour: Behaviour) -> None:
        talk = _Talk(line, behaviour, self)
        try:
            talk.run()
        except OSError:
            pass  # The client hung up, or we are closing.
        finally:
            talk.close()

    def stall(self, line: socket.socket) -> bool:
        """Say nothing until released; whether the client is still there."""
        return not hung_up(line, until=self._released, stopping=self._closed)


class _Talk:
    """The dialogue on one line."""

    def __init__(self, line: socket.socket, behaviour: Behaviour, server: WireSmtp) -> None:
        self.line, self.behaviour, self.server = line, behaviour, server
        self.file = line.makefile("rb")
        self.arrival: MailArrival | None = None

    def run(self) -> None:
        """Greet, then answer each command."""
        if self.behaviour == "busy":
            return self.say("421 4.3.2 Too busy, try later")
        if self.behaviour == "silent":
            self.server.stall(self.line)
            return None
        self.say("220 wire.example ESMTP")
        for command in self._commands():
            if not self.answer(command):
                return None
        return None

    def answer(self, command: str) -> bool:
        """Answer one command; False ends the dialogue."""
        verb = command[:4].upper()
        if verb == "MAIL":
            self.arrival = self.server.begin(time.monotonic(), _address(command), command.split()[2:])
        if verb == "RCPT" and self.arrival:
            self.arrival.tried.append(_address(command))
            self.arrival.to.append(_address(command))
        if verb == "DATA":
            return self.take_body()
        if verb == "QUIT":
            self.say("221 2.0.0 Bye")
            return False
        self.say("250 2.0.0 OK" if verb in ("EHLO", "HELO", "MAIL", "RCPT", "RSET", "NOOP") else "502 5.5.2 What?")
        return True

    def take_body(self) -> bool:
        """Read the body and do what the behaviour says."""
        arrival = self.arrival
        if arrival is None:
            self.say("503 5.5.1 MAIL first")
            return True
        self.say("354 Go ahead")
        for text in self.file:
            if text == b".\r\n":
                arrival.whole = True
                break
            arrival.content += text.removeprefix(b".")
            if self.behaviour == "drop_in_data":
                return False
        if not arrival.whole or self.behaviour == "drop_after_dot":
            return False
        arrival.kept = True
        if self.behaviour == "keep_after_dot":
            return False
        if self.behaviour == "stall_after_dot" and not self.server.stall(self.line):
            return False
        self.finish(f"250 2.0.0 Ok: queued as {arrival.number:08X}")
        return self.behaviour != "drop_before_quit"

    def finish(self, reply: str) -> None:
        """Send the final reply of a transaction."""
        if self.arrival:
            self.arrival.reply, self.arrival.ended = reply, time.monotonic()
        self.say(reply)
        self.arrival = None

    def say(self, reply: str) -> None:
        """Send one reply."""
        data = f"{reply}\r\n".encode()
        for part in (bytes([byte]) for byte in data) if self.behaviour == "drip" else (data,):
            self.line.sendall(part)
            if self.behaviour == "drip":
                time.sleep(self.server.pause)

    def close(self) -> None:
        """End; a cut goes without farewell (RST), so that the client cannot take it for a reply."""
        if self.arrival and self.arrival.ended is None:
            self.arrival.ended = time.monotonic()
        if self.behaviour.startswith(("drop_in", "drop_after", "keep_after")):
            reset_on_close(self.line)
        self.file.close()
        self.line.close()

    def _commands(self) -> Iterator[str]:
        while line := self.file.readline():
            yield line.decode("utf-8", "replace").strip()


def _address(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]

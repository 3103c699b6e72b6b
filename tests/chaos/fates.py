"""What a storm's providers do to each message, drawn by its text and the seed."""

import random
import socket
import threading
from collections.abc import Callable

from tests.support.mail.wire_smtp import Behaviour, WireSmtp, _Talk
from tests.support.twilio import faults
from tests.support.twilio.twilio_store import Arrival


class Fates:
    """What happens to each message on its way, by its text and the seed: the same in every run of that seed."""

    def __init__(self, seed: int) -> None:
        self._seed, self._lock = seed, threading.Lock()
        self._left: dict[str, list[str]] = {}
        self.refused = self.cut = 0

    def next(self, message: str) -> str:
        """What happens to the message's next hand-over: `busy`, `cut` after it was taken, or nothing."""
        with self._lock:
            left = self._left.setdefault(message, self._drawn(message))
            fate = left.pop(0) if left else ""
            self.refused += fate == "busy"
            self.cut += fate == "cut"
            return fate

    def _drawn(self, message: str) -> list[str]:
        dice = random.Random(f"{self._seed}/{message}")
        draw = dice.random()
        if draw < 0.10:
            return ["busy"] * dice.choice([1, 2])
        return ["cut"] if draw < 0.15 else []


def a_storms_fault(fates: Fates) -> Callable[[Arrival], faults.Fault]:
    """Twilio's rule: each answer takes a moment, some are 503, some are cut off."""
    chosen = {"busy": faults.broken(503), "cut": faults.cut(taken=True)}

    def rule(arrival: Arrival) -> faults.Fault:
        text = arrival.body or f"{arrival.content_sid} {arrival.form.get('ContentVariables')}"
        return chosen.get(fates.next(f"{arrival.to} {text}"), faults.slow(0.02))

    return rule


class StormMail(WireSmtp):
    """A mail server that refuses some mails after their final dot, and cuts the line after taking some."""

    def __init__(self, fates: Fates) -> None:
        super().__init__("well")
        self.fates = fates

    def _serve(self, line: socket.socket, behaviour: Behaviour) -> None:
        talk = _StormTalk(line, behaviour, self)
        try:
            talk.run()
        except OSError:
            pass  # The client hung up, or we did.
        finally:
            talk.close()


class _StormTalk(_Talk):
    server: StormMail

    def finish(self, reply: str) -> None:
        """Answer the final dot as the mail's fate has it."""
        arrival = self.arrival
        assert arrival is not None
        fate = self.server.fates.next(f"{arrival.to} {arrival.text}")
        if fate == "cut":
            self.behaviour = "keep_after_dot"
            raise ConnectionResetError
        arrival.kept = fate != "busy"
        super().finish(reply if arrival.kept else "451 4.3.2 Busy, try later")

"""The slots of a worker process: slots per channel, hand-overs under way, and whether it is stopping.

The threads of a process share one object.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from webapp import clock
from webapp.models import ChannelName

CROWD = 100
MOST_PARKED = 1_000  # Lanes that may wait here for a slot; the bells of more are dropped, and rung again later.


@dataclass
class InHand:
    """Counts hand-overs; a slow channel may hold at most three quarters of the slots."""

    slots: int = 16
    worker: str = "local"
    done: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: dict[str, tuple[ChannelName, float]] = field(default_factory=dict)
    _taken: dict[ChannelName, int] = field(default_factory=dict)
    # Lanes whose bell came while their channel had no slot, in the order in which they came.
    _parked: dict[ChannelName, dict[int, None]] = field(default_factory=dict)
    _lines: dict[ChannelName, threading.Lock] = field(default_factory=dict)

    @property
    def most_per_channel(self) -> int:
        return max(1, self.slots * 3 // 4)

    def stop(self) -> None:
        """Claim no more."""
        self._stopping.set()

    def reset(self) -> None:
        """Begin anew: nothing in hand, and not stopping."""
        self._stopping.clear()
        with self._lock:
            self._begun.clear()
            self._taken.clear()
            self._parked.clear()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def full(self) -> list[ChannelName]:
        """Returns the channels that may take no further slot here."""
        with self._lock:
            return [channel for channel in self._taken if not self._has_room(channel)]

    def _has_room(self, channel: ChannelName) -> bool:
        return self._taken.get(channel, 0) < self.most_per_channel

    def park(self, guest_id: int, channel: ChannelName) -> None:
        """Keep a lane until its channel has a slot: whoever frees one serves it next.

        Without it the other threads would use up all bells of a crowd in vain, and the slots would stay empty until
        the housekeeper rings again.
        """
        with self._lock:
            lanes = self._parked.setdefault(channel, {})
            if len(lanes) < MOST_PARKED:
                lanes[guest_id] = None

    def is_parked(self, guest_id: int) -> bool:
        """Whether the lane waits here already, for a channel that has no slot still."""
        with self._lock:
            return any(guest_id in lanes and not self._has_room(channel) for channel, lanes in self._parked.items())

    def parked(self) -> set[int]:
        """Returns the lanes that wait here for a channel that has no slot."""
        with self._lock:
            waiting = [lanes for channel, lanes in self._parked.items() if not self._has_room(channel)]
            return {guest_id for lanes in waiting for guest_id in lanes}

    def crowded(self) -> list[ChannelName]:
        """Returns the channels without a slot for which a crowd of lanes waits here."""
        with self._lock:
            return [c for c, lanes in self._parked.items() if len(lanes) >= CROWD and not self._has_room(c)]

    def unpark(self) -> int | None:
        """Returns the lane that has waited longest for a channel that has a slot again, and lets it go."""
        with self._lock:
            for channel, lanes in self._parked.items():
                if lanes and self._has_room(channel):
                    guest_id = next(iter(lanes))
                    del lanes[guest_id]
                    return guest_id
        return None

    @contextmanager
    def slot(self, channel: ChannelName) -> Iterator[bool]:
        """Hold one of the channel's slots; yields whether there was one."""
        with self._lock:
            got = self._has_room(channel)
            if got:
                self._taken[channel] = self._taken.get(channel, 0) + 1
        try:
            yield got
        finally:
            if got:
                with self._lock:
                    self._taken[channel] -= 1

    @contextmanager
    def turn(self, channel: ChannelName) -> Iterator[None]:
        """Wait in line for a sender's next moment: one thread at a time asks the database."""
        with self._lock:
            line = self._lines.setdefault(channel, threading.Lock())
        with line:
            yield

    def rest(self, seconds: float) -> None:
        """Wait, unless the process is told to stop."""
        self._stopping.wait(seconds)

    @contextmanager
    def hand_over(self, token: str, channel: ChannelName) -> Iterator[None]:
        """Count one hand-over while it lasts."""
        with self._lock:
            self._begun[token] = (channel, clock.monotonic())
        try:
            yield
        finally:
            with self._lock:
                del self._begun[token]
                self.done += 1

    def active(self) -> int:
        with self._lock:
            return len(self._begun)

    def longest_call(self) -> float:
        """Returns the seconds of the oldest hand-over under way; 0 if there is none."""
        with self._lock:
            return max((clock.monotonic() - begun for _, begun in self._begun.values()), default=0.0)


in_hand = InHand()

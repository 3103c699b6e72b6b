"""Sums of hourly tallies, and the shares that they give. Pure. A share of nothing is None, never 0."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.models import ChannelName, Event
from webapp.services.figures.rollup_sql import BOUNDS

# The phone confirms what came by these; an e-mail ends as taken by its server.
WITH_RECEIPTS = tuple(name for name in ChannelName if name is not ChannelName.EMAIL)
_ADDED = ("made", "open", "sent", "delivered", "failed", "skipped", "retried", "in_time", "segments")


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What became of messages, taken together; the columns of HourTally."""

    made: int = 0
    open: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    skipped: int = 0
    retried: int = 0
    in_time: int = 0
    segments: int = 0
    waits: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    confirmable: int = 0  # Sent or failed on a channel whose receipts say what arrived.

    @property
    def due(self) -> int:
        """What guests should have been told: all that fell due and was not withheld on purpose."""
        return self.made - self.skipped

    @property
    def ended(self) -> int:
        """What was taken by a provider or failed."""
        return self.sent + self.failed

    @property
    def told_share(self) -> float | None:
        """Told within 10 s; what failed or still waits was not."""
        return _share(self.in_time, self.due)

    @property
    def delivered_share(self) -> float | None:
        """Confirmed by the phone, of what a phone can confirm."""
        return _share(self.delivered, self.confirmable)

    @property
    def failed_share(self) -> float | None:
        """Failed, of what has ended."""
        return _share(self.failed, self.ended)

    @property
    def retried_share(self) -> float | None:
        """Took more than one try."""
        return _share(self.retried, self.due)

    @property
    def p95(self) -> float | None:
        """Seconds within which 95 of 100 were taken, of those that were; infinite beyond the last bound."""
        return percentile(self.waits, 0.95)


def total(rows: Iterable[Any]) -> Sums | None:
    """Add up what guests wait for; None where there are no tallies at all, which is no 0: nobody has counted.

    Tests are left out: they only say that the hour was counted.
    """
    known = list(rows)
    if not known:
        return None
    kept = [row for row in known if row.event is not Event.TEST]
    sums = {name: sum(getattr(row, name) for row in kept) for name in _ADDED}
    waits = tuple(sum(row.waits[place] for row in kept) for place in range(len(BOUNDS) + 1))
    confirmable = sum(row.sent + row.failed for row in kept if row.channel in WITH_RECEIPTS)
    return Sums(**sums, waits=waits, confirmable=confirmable)


def percentile(waits: Sequence[int], share: float) -> float | None:
    """The wait that this share of messages did not exceed, as if each bucket were filled evenly."""
    rank, seen, lower = share * sum(waits), 0, 0
    if not rank:
        return None
    for upper, many in zip(BOUNDS, waits, strict=False):
        if many and seen + many >= rank:
            return lower + (upper - lower) * (rank - seen) / many
        seen, lower = seen + many, upper
    return math.inf


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

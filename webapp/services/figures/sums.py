"""Sums of hourly tallies, and shares of them. Reads no database. A share of no messages is None, never 0."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.models import Event
from webapp.services.figures.rollup_sql import BOUNDS, SUMS


@dataclass(frozen=True)
class Sums:
    """What became of some messages."""

    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(SUMS, 0))  # By column of HourTally.
    waits: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    confirmable: int = 0  # Sent or failed on a channel whose receipts say what arrived.

    @property
    def due(self) -> int:
        """The messages that fell due and were not withheld on purpose."""
        return self.counts["made"] - self.counts["skipped"]

    @property
    def ended(self) -> int:
        """The messages that were sent or failed."""
        return self.counts["sent"] + self.counts["failed"]

    @property
    def told_share(self) -> float | None:
        """Sent within 10 s. Failed and waiting messages were not."""
        return _share(self.counts["in_time"], self.due)

    @property
    def delivered_share(self) -> float | None:
        """Confirmed by the phone, of those that a phone can confirm."""
        return _share(self.counts["delivered"], self.confirmable)

    @property
    def failed_share(self) -> float | None:
        """Failed, of those that were sent or failed."""
        return _share(self.counts["failed"], self.ended)

    @property
    def retried_share(self) -> float | None:
        """Needed more than one attempt."""
        return _share(self.counts["retried"], self.due)

    @property
    def p95(self) -> float | None:
        """Seconds within which 95 of 100 sent messages were sent; infinite beyond the last bound."""
        return percentile(self.waits, 0.95)


def total(rows: Iterable[Any]) -> Sums | None:
    """Add up tallies without test messages. Returns None for no tallies: not counted yet, which is not 0."""
    known = list(rows)
    if not known:
        return None
    kept = [row for row in known if row.event is not Event.TEST]
    counts = {name: sum(getattr(row, name) for row in kept) for name in SUMS}
    waits = tuple(sum(row.waits[place] for row in kept) for place in range(len(BOUNDS) + 1))
    confirmable = sum(row.sent + row.failed for row in kept if row.channel.has_receipts)
    return Sums(counts, waits, confirmable)


def percentile(waits: Sequence[int], share: float) -> float | None:
    """Returns the wait that this share of messages did not exceed, as if each bucket were filled evenly."""
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

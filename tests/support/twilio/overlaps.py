"""Checks on logs of arrivals: one at a time per guest, and in order per lane.

An arrival is anything with `started` and `ended`, both in seconds of the machine's monotonic clock;
`ended` is None while it is still open.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import pairwise
from typing import Any, Protocol, TypeVar


class Interval(Protocol):
    """What has a start and perhaps an end."""

    @property
    def started(self) -> float: ...

    @property
    def ended(self) -> float | None: ...


I = TypeVar("I", bound=Interval)  # noqa: E741 - the usual short name of a type variable


def overlapping(arrivals: Iterable[I], guest_of: Callable[[I], Hashable]) -> list[tuple[I, I]]:
    """List the pairs of hand-overs that were open for one guest at the same time."""
    pairs: list[tuple[I, I]] = []
    for own in _by(arrivals, guest_of).values():
        running: list[I] = []
        for arrival in own:
            running = [other for other in running if _end(other) > arrival.started]
            pairs += [(other, arrival) for other in running]
            running.append(arrival)
    return pairs


def most_open(arrivals: Iterable[Interval]) -> int:
    """Count the most hand-overs that were open at one moment."""
    arrivals = list(arrivals)
    edges = sorted([(a.started, 1) for a in arrivals] + [(_end(a), -1) for a in arrivals])
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most


def out_of_order(
    arrivals: Iterable[I], lane_of: Callable[[I], Hashable], place_of: Callable[[I], Any]
) -> list[tuple[I, I]]:
    """List the pairs of one lane where the later arrival has the earlier place; a retry has the same place."""
    return [
        (one, two)
        for own in _by(arrivals, lane_of).values()
        for one, two in pairwise(own)
        if place_of(two) < place_of(one)
    ]


def assert_one_at_a_time(arrivals: Iterable[I], guest_of: Callable[[I], Hashable]) -> None:
    """Fail where two hand-overs were open for one guest."""
    pairs = overlapping(arrivals, guest_of)
    assert not pairs, f"{len(pairs)} pairs of hand-overs were open at once for one guest; the first: {pairs[0]}"


def assert_in_order(arrivals: Iterable[I], lane_of: Callable[[I], Hashable], place_of: Callable[[I], Any]) -> None:
    """Fail where a lane's hand-overs did not come in the order of their places."""
    pairs = out_of_order(arrivals, lane_of, place_of)
    assert not pairs, f"{len(pairs)} hand-overs overtook another of their lane; the first: {pairs[0]}"


def _by(arrivals: Iterable[I], key: Callable[[I], Hashable]) -> dict[Hashable, list[I]]:
    groups: dict[Hashable, list[I]] = defaultdict(list)
    for arrival in sorted(arrivals, key=lambda a: a.started):
        groups[key(arrival)].append(arrival)
    return groups


def _end(arrival: Interval) -> float:
    return math.inf if arrival.ended is None else arrival.ended

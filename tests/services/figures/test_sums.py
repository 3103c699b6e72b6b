"""Shares and percentiles of summed tallies: a share of nothing is none, and unknown is no 0."""

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from webapp.models import ChannelName, Event, HourTally
from webapp.services.figures.sums import Sums, percentile, total


def a_tally(channel: ChannelName = ChannelName.SMS, event: Event = Event.BOOKING_CONFIRMED, **given: Any) -> HourTally:
    """A tally; what is not said is 0."""
    names = ("made", "open", "sent", "delivered", "failed", "skipped", "retried", "in_time", "segments")
    facts = dict.fromkeys(names, 0) | {"waits": [0] * 10, "hour": datetime(2026, 11, 24, tzinfo=UTC)} | given
    return HourTally(channel=channel, event=event, **facts)


def test_shares_are_of_what_they_are_about() -> None:
    rows = [
        a_tally(made=10, sent=6, delivered=3, failed=2, open=1, skipped=1, in_time=5, retried=3),
        a_tally(ChannelName.EMAIL, made=10, sent=8, failed=2, in_time=8),
    ]

    sums = total(rows)

    assert sums is not None
    assert sums.told_share == 13 / 19
    assert sums.delivered_share == 3 / 8  # E-mail has no receipts.
    assert sums.failed_share == 4 / 18
    assert sums.retried_share == 3 / 19


def test_of_nothing_there_is_no_share() -> None:
    sums = total([a_tally()])

    assert sums is not None
    shares = (sums.told_share, sums.delivered_share, sums.failed_share, sums.retried_share, sums.p95)
    assert shares == (None,) * 5


def test_what_nobody_counted_is_unknown() -> None:
    assert total([]) is None


def test_tests_only_say_that_the_hour_was_counted() -> None:
    assert total([a_tally(event=Event.TEST, made=5, sent=5, waits=[5] + [0] * 9)]) == Sums()


@pytest.mark.parametrize(
    ("waits", "p95"),
    [
        ([100, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0.95),  # Within a second, evenly.
        ([90, 10, 0, 0, 0, 0, 0, 0, 0, 0], 1.5),  # Half of the second bucket, from 1 to 2.
        ([0, 0, 0, 0, 40, 0, 0, 0, 0, 0], 29.0),  # From 10 to 30.
        ([95, 0, 0, 0, 0, 0, 0, 0, 0, 5], 1.0),
        ([94, 0, 0, 0, 0, 0, 0, 0, 0, 6], math.inf),  # Beyond an hour nobody knows how far.
        ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1.95),
        ([0] * 10, None),
    ],
)
def test_the_percentile_is_found_within_its_bucket(waits: list[int], p95: float | None) -> None:
    found = percentile(waits, 0.95)

    assert found == (p95 if p95 is None else pytest.approx(p95))


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99])
def test_a_percentile_lies_as_near_the_truth_as_its_bucket_is_wide(share: float) -> None:
    """Against the waits themselves: 1,000 of them, spread over a minute."""
    truth = [60 * (number + 0.5) / 1000 for number in range(1000)]
    bounds = [0, 1, 2, 5, 10, 30, 60, 300, 900, 3600, math.inf]
    waits = [sum(low < wait <= high for wait in truth) for low, high in pairwise(bounds)]

    found = percentile(waits, share)

    assert found == pytest.approx(truth[round(share * 1000) - 1], abs=0.1)

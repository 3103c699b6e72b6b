"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(
    condition: Callable[[], T], *, within: float, saying: str, ignoring: tuple[type[BaseException], ...] = ()
) -> T:
    """Ask again and again until `condition` answers something true, and return that answer.

    `saying` is the sentence that should have come true. An exception named in `ignoring` counts as "not yet".

    Raises:
        AssertionError: it did not come true in time; the last answer (or exception) is in the text.
    """
    deadline, pause = time.monotonic() + within, 0.005
    while True:
        last: object
        try:
            if answer := condition():
                return answer
            last = answer
        except ignoring as not_yet:
            last = not_yet
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {within:g} s: {saying} (last: {last!r})")
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 1.5, 0.05)

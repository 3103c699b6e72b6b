"""However many ask, one reads."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from webapp.monitor.shared import Shared


def test_many_threads_cause_one_read() -> None:
    numbers = itertools.count()
    shared = Shared(lambda: next(numbers), seconds=60)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: shared.get(), range(200)))

    assert set(answers) == {0}


def test_an_old_value_is_read_anew() -> None:
    numbers = itertools.count()
    shared = Shared(lambda: next(numbers), seconds=0)

    assert [shared.get(), shared.get()] == [0, 1]


def test_while_one_reads_the_others_get_the_value_before() -> None:
    release, reading, numbers = threading.Event(), threading.Event(), itertools.count()
    shared = Shared(lambda: _read(numbers, reading, release), seconds=0)
    release.set()
    shared.get()
    release.clear()
    reading.clear()

    slow = threading.Thread(target=shared.get)
    slow.start()
    reading.wait(5)

    assert shared.get() == 0
    release.set()
    slow.join(5)


def test_a_read_that_fails_is_tried_by_the_next() -> None:
    answers = iter([RuntimeError("no"), 7])
    shared = Shared(lambda: _raise_or_return(next(answers)))

    with pytest.raises(RuntimeError):
        shared.get()

    assert shared.get() == 7


def test_forgetting_reads_anew() -> None:
    numbers = itertools.count()
    shared = Shared(lambda: next(numbers), seconds=60)
    shared.get()

    shared.forget()

    assert shared.get() == 1


def _read(numbers: "itertools.count[int]", reading: threading.Event, release: threading.Event) -> int:
    reading.set()
    assert release.wait(5)
    return next(numbers)


def _raise_or_return(answer: object) -> object:
    if isinstance(answer, Exception):
        raise answer
    return answer

"""Everything that can be away, times everything that can be asked: each answer in time, in words, and true.

One desk on PostgreSQL serves all faults but the full disk, which needs a disk of its own. Every cell is asked at the
moment of the fault and again while it lasts, all at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.outages.cells import Cell, ask_all, cells
from tests.outages.desk import Desk
from tests.outages.expected import ALL_WELL, DATABASE_FULL, READINESS, Expected
from tests.outages.faults import FAULTS, Fault
from tests.support.servers import Postgres
from tests.support.waiting import until

Note = Callable[[str, Expected, list[Cell]], None]
PATIENCE, ENOUGH = 60, 24


def all_say(desk: Desk, status: int) -> bool:
    """Whether each web process says so of its readiness: asked often and at once, both are among those who answer."""
    with ThreadPoolExecutor(ENOUGH) as threads:
        said = {answer.status for answer in threads.map(lambda _: desk.ask("GET", "/readyz"), range(ENOUGH))}
    return said == {status}


def untrue(desk: Desk, asked: list[Cell]) -> list[str]:
    """The acts whose answer does not fit what became of their booking."""
    kept = [cell for cell in asked if cell.booking and "act" in cell.kind]
    done = {cell.name: desk.status_of(cell.booking) == "confirmed" for cell in kept}
    said = {cell.name: any(a.status in (200, 303) for a in cell.answers) for cell in kept}
    return [f"{name}: answered {said[name]}, done {done[name]}" for name in done if done[name] != said[name]]


def test_nothing_is_away(desk: Desk, note: Note) -> None:
    asked = cells(desk)

    ask_all(asked)

    assert ALL_WELL.shortfalls(asked) == []
    assert untrue(desk, asked) == []
    note("nothing", ALL_WELL, asked)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_whatever_is_away_every_answer_comes_in_time_and_in_words(
    desk: Desk, postgres: Postgres, fault: Fault, note: Note
) -> None:
    asked = cells(desk)
    with fault.make(desk, postgres):
        is_noticed(desk, fault.expected)
        ask_all(asked)
        ask_all(asked)

    assert fault.expected.shortfalls(asked) == []
    until(lambda: all_say(desk, 200), within=PATIENCE, saying="the desk is well again")
    assert untrue(desk, asked) == []
    note(fault.what, fault.expected, asked)


def is_noticed(desk: Desk, expected: Expected) -> None:
    """A database that takes no writes is noticed before anybody is refused."""
    if "page, signed in" not in expected.refused and set(READINESS) <= set(expected.refused):
        until(lambda: all_say(desk, 503), within=PATIENCE, saying="it is noticed")


def test_a_full_disk_lets_read_and_says_so(full_desk: Desk, fill: Callable[[], None], note: Note) -> None:
    asked = cells(full_desk)
    fill()
    is_noticed(full_desk, DATABASE_FULL)

    ask_all(asked)
    ask_all(asked)

    assert DATABASE_FULL.shortfalls(asked) == []
    assert untrue(full_desk, asked) == []
    note("the disk of the database is full", DATABASE_FULL, asked)

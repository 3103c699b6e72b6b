"""Waiting and comparing say what went wrong."""

from dataclasses import dataclass

import pytest

from tests.support.twilio.overlaps import assert_in_order, assert_one_at_a_time, most_open, out_of_order, overlapping
from tests.support.waiting import until


@dataclass(frozen=True)
class Visit:
    guest: str
    place: int
    started: float
    ended: float | None


def guest(visit: Visit) -> str:
    return visit.guest


def place(visit: Visit) -> int:
    return visit.place


def test_until_returns_the_answer_that_it_waited_for() -> None:
    answers = iter([0, 0, 7])

    assert until(lambda: next(answers), within=2, saying="an answer came") == 7


def test_until_says_what_did_not_come_true_and_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.02 s: three mails came \(last: \[\]\)"):
        until(list, within=0.02, saying="three mails came")


def test_until_ignores_the_exceptions_that_it_was_told_of() -> None:
    refusals = [ConnectionError("refused")]

    def ask() -> int:
        if refusals:
            raise refusals.pop()
        return 1

    assert until(ask, within=2, saying="it answers", ignoring=(ConnectionError,)) == 1


def test_visits_of_one_guest_that_overlap_are_found() -> None:
    first, second, other = Visit("a", 1, 0, 2), Visit("a", 2, 1, 3), Visit("b", 1, 0, 9)

    assert overlapping([second, other, first], guest) == [(first, second)]
    with pytest.raises(AssertionError, match="1 pairs"):
        assert_one_at_a_time([first, second], guest)


def test_a_long_visit_overlaps_all_that_it_spans() -> None:
    long, one, two = Visit("a", 1, 0, 9), Visit("a", 2, 1, 2), Visit("a", 3, 3, 4)

    assert overlapping([long, one, two], guest) == [(long, one), (long, two)]


def test_a_visit_that_is_still_open_overlaps_the_next() -> None:
    assert len(overlapping([Visit("a", 1, 0, None), Visit("a", 2, 5, 6)], guest)) == 1


def test_visits_one_after_the_other_are_well() -> None:
    visits = [Visit("a", 1, 0, 1), Visit("a", 2, 1, 2), Visit("b", 1, 0.5, 1.5)]

    assert_one_at_a_time(visits, guest)
    assert_in_order(visits, guest, place)
    assert most_open(visits) == 2


def test_a_retry_keeps_its_place_and_an_overtaker_is_found() -> None:
    well = [Visit("a", 1, 0, 1), Visit("a", 1, 2, 3), Visit("a", 2, 4, 5)]
    late = Visit("a", 1, 6, 7)

    assert out_of_order(well, guest, place) == []
    assert out_of_order([*well, late], guest, place) == [(well[2], late)]
    with pytest.raises(AssertionError, match="overtook"):
        assert_in_order([*well, late], guest, place)

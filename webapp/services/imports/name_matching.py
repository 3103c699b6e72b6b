"""Finds the open bookings whose guest a line of a statement names, with other case, accents and order than ours."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from webapp import clock
from webapp.extensions import db
from webapp.models import EXPECTED, Booking, SearchTerm
from webapp.models.bookings.search_term import words

LOOK_BACK = timedelta(days=30)  # Guests of older bookings are not guessed.
FEWEST = 2  # Words of a name: one alone is the name of many.
_AT_ONCE = 5_000


def find(texts: Sequence[str]) -> list[list[int]]:
    """Returns the ids of the bookings whose guest's whole name stands in each text."""
    said = [_words(text) for text in texts]
    by_word: defaultdict[str, set[int]] = defaultdict(set)
    names = _names({word for of_text in said for word in of_text})
    for booking_id, name in names.items():
        for word in name:
            by_word[word].add(booking_id)
    return [sorted(_named(of_text, by_word, names)) for of_text in said]


def _named(said: set[str], by_word: dict[str, set[int]], names: dict[int, set[str]]) -> set[int]:
    possible = {booking_id for word in said & by_word.keys() for booking_id in by_word[word]}
    return {booking_id for booking_id in possible if names[booking_id] <= said}


def _names(asked: set[str]) -> dict[int, set[str]]:
    """Returns the words of the guest's name of each open booking that has one of these words."""
    found, every = dict[int, set[str]](), sorted(asked)
    is_open = (Booking.status.in_(EXPECTED), Booking.starts_at >= clock.now() - LOOK_BACK)
    for start in range(0, len(every), _AT_ONCE):
        named = select(SearchTerm.booking_id).where(SearchTerm.term.in_(every[start : start + _AT_ONCE]))
        rows = db.session.execute(select(Booking.id, Booking.name).where(Booking.id.in_(named), *is_open))
        found |= {booking_id: _words(name) for booking_id, name in rows}
    return {booking_id: name for booking_id, name in found.items() if len(name) >= FEWEST}


def _words(text: str) -> set[str]:
    return set(words(re.sub(r"[^\w\s]", " ", text)))

"""Pages of a list by keyset: rows that come or go shift nothing, and page 400 costs what page 1 does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Row = TypeVar("Row")
Place = TypeVar("Place")
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Keyset:
    """The order of a list: by columns, the last of which is unique."""

    columns: tuple[InstrumentedAttribute[Any], ...]
    falls: bool = False

    def cut(self, query: Q, most: int, start: Any = None, *, back: bool = False) -> Q:
        """Returns the first rows of a query, or those behind `start`: a value, or a tuple of one for each column.

        `back` reverses the order.
        """
        falls = self.falls != back
        if start is not None:
            here = tuple_(*self.columns)
            values = start if isinstance(start, tuple) else (start,)
            there = tuple_(*values, types=[column.type for column in self.columns])
            query = query.where(here < there if falls else here > there)
        return query.order_by(*(column.desc() if falls else column.asc() for column in self.columns)).limit(most)


@dataclass(frozen=True)
class Page(Generic[Row, Place]):
    """One page, and the places from which its neighbours go on; None where there is no such page."""

    rows: Sequence[Row]
    previous: Place | None = None
    next: Place | None = None


def page(
    find: Callable[[Place | None, bool, int], Sequence[Row]],
    place: Callable[[Row], Place],
    size: int,
    *,
    after: Place | None,
    before: Place | None,
) -> Page[Row, Place]:
    """Returns the page after a place, or before it, or the first. `find(start, back, most)` reads the rows."""
    if before is not None:
        rows = find(before, True, size + 1)
        if len(rows) >= size:
            shown = rows[:size][::-1]
            return Page(shown, place(shown[0]) if len(rows) > size else None, place(shown[-1]))
        after = None  # Too few rows are left before it: show the first page.
    rows = find(after, False, size + 1)
    shown = rows[:size]
    is_first = after is None or not shown
    return Page(shown, None if is_first else place(shown[0]), place(shown[-1]) if len(rows) > size else None)

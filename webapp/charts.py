"""Charts as geometry: numbers in, lines for an SVG out. `templates/macros/chart.html` draws them.

A chart is readable without colour: each line has its own dash pattern and name, and a table below has all numbers. An
unknown point (None) is a gap, never a 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from webapp.i18n import gettext

WIDTH, HEIGHT = 600.0, 120.0
Point = float | int | None


@dataclass(frozen=True)
class Series:
    """One line: its name, and a value for each moment (None: unknown)."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Line:
    """A drawn series. `dash` is the number of its dash pattern, `pieces` are polylines between the gaps."""

    label: str
    dash: int
    pieces: tuple[str, ...]
    last: Point

    @staticmethod
    def is_dot(piece: str) -> bool:
        """Returns whether a piece is one point between two gaps."""
        return len(set(piece.split())) == 1


@dataclass(frozen=True)
class Chart:
    """What the macro needs. `marks` are texts under the axis, `rows` the table: a moment and its values."""

    title: str
    unit: str
    top: float
    lines: tuple[Line, ...]
    marks: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Point, ...]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether no point is known."""
        return not any(line.pieces for line in self.lines)

    @property
    def summary(self) -> str:
        """The chart in one sentence, for readers who do not see it."""
        unit = f" {self.unit}" if self.unit else ""
        last = "; ".join(
            f"{line.label} {gettext('unknown') if line.last is None else f'{line.last:g}{unit}'}" for line in self.lines
        )
        start, end = self.marks[0], self.marks[-1]
        return gettext(
            "%(title)s, from %(start)s to %(end)s. Last: %(last)s.", title=self.title, start=start, end=end, last=last
        )


def chart(title: str, moments: Sequence[str], series: Iterable[Series], *, unit: str = "", marks: int = 4) -> Chart:
    """Lay out lines over the same moments. Each series has one point for each moment."""
    series = tuple(series)
    top = _round_up(max((point for one in series for point in one.points if point is not None), default=0.0))
    lines = tuple(_line(one, dash, top) for dash, one in enumerate(series))
    rows = tuple((moment, tuple(one.points[n] for one in series)) for n, moment in enumerate(moments))
    return Chart(title, unit, top, lines, _marks(moments, marks), rows)


def _line(series: Series, dash: int, top: float) -> Line:
    step = WIDTH / max(len(series.points) - 1, 1)
    pieces: list[list[str]] = [[]]
    for number, point in enumerate(series.points):
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{number * step:.1f},{HEIGHT - float(point) * HEIGHT / top:.1f}")
    # A point between two gaps becomes a dot: a line from the point to itself.
    drawn = tuple(" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece)
    return Line(series.label, dash, drawn, next((p for p in reversed(series.points) if p is not None), None))


def _round_up(value: float) -> float:
    """Returns the next of 1, 2, 5 times a power of ten, and at least 1, so that a quiet day has a flat line."""
    if value <= 1:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _marks(moments: Sequence[str], many: int) -> tuple[str, ...]:
    if not moments:
        return ("", "")
    last = len(moments) - 1
    return tuple(moments[round(n * last / (many - 1))] for n in range(many))

"""Charts as geometry: numbers in, lines for an SVG out. Pure; `templates/macros/chart.html` draws them.

A chart is read without colour: each line has a dash of its own and its name, and all numbers stand in a table below.
A point that is unknown (None) is a gap, never a 0.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 600.0, 120.0
Point = float | int | None


@dataclass(frozen=True)
class Series:
    """One line: its name, a value for each moment (None: unknown), and how a value is said in the table."""

    label: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Line:
    """A series as drawn: `dash` is its place among the dash patterns, `pieces` are polylines between the gaps."""

    label: str
    dash: int
    pieces: tuple[str, ...]
    last: Point

    @staticmethod
    def is_dot(piece: str) -> bool:
        """Whether a piece is one point between two gaps."""
        return len(set(piece.split())) == 1


@dataclass(frozen=True)
class Chart:
    """All that the macro needs. `marks` are words under the axis, `rows` the table: a moment and its values."""

    title: str
    unit: str
    top: float
    lines: tuple[Line, ...]
    marks: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Point, ...]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known."""
        return not any(line.pieces for line in self.lines)

    @property
    def summary(self) -> str:
        """The chart in one sentence, for those who do not see it."""
        unit = f" {self.unit}" if self.unit else ""
        said = "; ".join(
            f"{line.label} {'unknown' if line.last is None else f'{line.last:g}{unit}'}" for line in self.lines
        )
        return f"{self.title}, from {self.marks[0]} to {self.marks[-1]}. Last: {said}."


def chart(title: str, moments: Sequence[str], series: Iterable[Series], *, unit: str = "", marks: int = 4) -> Chart:
    """Lay out lines over the same moments; each series has as many points as there are moments."""
    kept = tuple(series)
    top = _round_up(max((p for one in kept for p in one.points if p is not None), default=0.0))
    lines = tuple(_line(one, dash, top) for dash, one in enumerate(kept))
    rows = tuple((moment, tuple(one.points[n] for one in kept)) for n, moment in enumerate(moments))
    return Chart(title, unit, top, lines, _marks(moments, marks), rows)


def _line(series: Series, dash: int, top: float) -> Line:
    step = WIDTH / max(len(series.points) - 1, 1)
    pieces: list[list[str]] = [[]]
    for number, point in enumerate(series.points):
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{number * step:.1f},{HEIGHT - float(point) * HEIGHT / top:.1f}")
    # A point between two gaps is drawn as a dot: a line to itself.
    drawn = tuple(" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece)
    return Line(series.label, dash, drawn, next((p for p in reversed(series.points) if p is not None), None))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten; at least 1, so that a quiet day lies on the floor."""
    if value <= 1:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _marks(moments: Sequence[str], many: int) -> tuple[str, ...]:
    if not moments:
        return ("", "")
    last = len(moments) - 1
    return tuple(moments[round(n * last / (many - 1))] for n in range(many))

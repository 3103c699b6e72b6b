"""Percentiles, and tables for a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed; NaN of none."""
    if not values:
        return float("nan")
    return sorted(values)[max(0, -(-len(values) * round(share * 100) // 100) - 1)]


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def ratio(ours: float, theirs: float) -> str:
    """How many times `theirs` ours is."""
    return f"{ours / theirs:.2f} ×" if theirs else "-"


@dataclass
class Table:
    """Rows of text under a heading: the first column to the left, figures to the right."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row."""
        self.rows.append([str(cell) for cell in cells])

    def show(self) -> None:
        """Print it, as Markdown reads it too."""
        widths = [max(map(len, column)) for column in zip_longest(self.columns, *self.rows, fillvalue="")]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        print(f"\n{self.title}\n")
        for row in (self.columns, rule, *self.rows):
            cells = [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
            print(f"| {' | '.join(cells)} |", flush=True)

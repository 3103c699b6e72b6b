"""What a run of the matrix was answered, for docs/reliability.md: the part between two marks is the run's own."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from tests.outages.cells import Cell
from tests.outages.expected import Expected
from webapp.settings import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- the fault matrix, written by its run -->", "<!-- until here the fault matrix -->"
COLUMNS = {
    "page": ("page", "page that is not there"),
    "poll": ("poll",),
    "act": ("act", "act without script", "act without its token", "sign-in"),
    "API": ("API, reading", "API, act"),
    "webhook": ("webhook",),
    "readiness": ("readiness",),
    "health, assets": ("health", "asset"),
}


class Record:
    """A plugin that keeps what each fault was answered, and writes the page in the end."""

    KEY: pytest.StashKey["Record"] = pytest.StashKey()

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: list[str] = []

    def note(self, what: str, expected: Expected, cells: Iterable[Cell]) -> None:
        """Keep one fault's row: statuses of the signed in / of nobody, and the slowest answer of each kind."""
        found: dict[str, dict[bool, set[int]]] = defaultdict(lambda: defaultdict(set))
        slowest: dict[str, float] = defaultdict(float)
        for cell in cells:
            column = next(name for name, kinds in COLUMNS.items() if cell.kind in kinds)
            found[column][cell.who == "nobody"] |= {answer.status for answer in cell.answers}
            slowest[column] = max(slowest[column], *(answer.seconds for answer in cell.answers))
        told = [
            f"{_codes(found[name][False])} / {_codes(found[name][True])}, {slowest[name]:.1f} s" for name in COLUMNS
        ]
        words = f"“{expected.words}”" if expected.words else "as usual"
        self.rows.append(f"| {what} | {words} | {expected.seconds:g} s | {' | '.join(told)} |")

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the page, if all went well and it was asked for."""
        if self.config.option.record and exitstatus == pytest.ExitCode.OK and self.rows:
            before, _, rest = PAGE.read_text().partition(BEGIN)
            PAGE.write_text(f"{before}{BEGIN}\n\n{self._text()}\n\n{END}{rest.partition(END)[2]}")

    def _text(self) -> str:
        head = f"| away | words of each 503 | bound | {' | '.join(COLUMNS)} |"
        when = f"Run on {datetime.now(UTC):%Y-%m-%d}; statuses of the signed in / of nobody, and the slowest answer."
        return "\n".join([when, "", head, "|---" * (len(COLUMNS) + 3) + "|", *self.rows])


def _codes(codes: set[int]) -> str:
    return " ".join(map(str, sorted(codes))) or "–"

"""What a run of the chaos tests proved, for docs/reliability.md: the part between two marks is the run's own.

A test says by `@pytest.mark.proves(fault, held)` what it breaks and what held all the same. A test of
`test_findings.py` is its own sentence.
"""

import os
import platform
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webapp.settings import ROOT

PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- what follows is written by `make chaos` -->", "<!-- until here -->"
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Row:
    """One test, on one database or on both."""

    test: str
    fault: str
    held: str
    databases: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)


class Record:
    """A plugin that watches one session and writes the page in the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: dict[str, Row] = {}
        self.findings: list[str] = []
        self.passed = 0
        self.begun = time.monotonic()
        self._row_of: dict[str, Row] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is going to be proved, in the order of files and of the tests in them."""
        for item in sorted(session.items, key=lambda item: (item.path.name == "test_findings.py", item.path.name)):
            mark = item.get_closest_marker("proves")
            name = f"tests/chaos/{item.path.name}::{item.name.partition('[')[0]}"
            if mark is not None:
                row = self.rows.setdefault(name, Row(name, *mark.args))
                self._row_of[item.nodeid] = row
                row.databases += [words for key, words in DATABASES.items() if key in item.name.partition("[")[2]]
            elif item.path.name == "test_findings.py" and name not in self.findings:
                self.findings.append(name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed, with the figures that a test told."""
        if report.when != "call":
            return
        self.passed += report.passed
        row = self._row_of.get(report.nodeid)
        if row is not None:
            row.figures += [str(value) for key, value in report.user_properties if key == "figures"]

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the page, if all went well."""
        if exitstatus == pytest.ExitCode.OK and self.rows:
            before, _, rest = PAGE.read_text().partition(BEGIN)
            PAGE.write_text(f"{before}{BEGIN}\n\n{self.text()}\n{END}{rest.partition(END)[2]}")

    def text(self) -> str:
        """The run's own part of the page."""
        return "\n".join([*self._how(), "", *self._table(), "", *self._figures(), "", *self._found()])

    def _how(self) -> Iterable[str]:
        how, option = (
            ("the long way", " --long") if self.config.option.long else ("the short way, as in `make test`", "")
        )
        minutes = (time.monotonic() - self.begun) / 60
        yield f"The last recorded run, {how}: **{self.passed} tests passed** in {minutes:.0f} minutes on"
        yield f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {os.cpu_count()} processors,"
        yield f"`pytest tests/chaos{option} --seed={self.config.option.seed}`."

    def _table(self) -> Iterable[str]:
        yield "| what was broken | what held | on | test |"
        yield "|---|---|---|---|"
        for row in self.rows.values():
            on = ", ".join(sorted(set(row.databases), key=list(DATABASES.values()).index)) or "SQLite"
            yield f"| {row.fault} | {row.held} | {on} | {link(row.test)} |"

    def _figures(self) -> Iterable[str]:
        yield "What the two runs of chance were like:"
        yield ""
        for row in self.rows.values():
            yield from (f"- {figures}." for figures in row.figures)

    def _found(self) -> Iterable[str]:
        yield "Interleavings that once lost, doubled or belied a message, each pinned on both databases:"
        yield ""
        for name in self.findings:
            words = name.partition("::test_")[2].replace("_", " ")
            yield f"- {words[0].upper()}{words[1:]}."


def link(test: str) -> str:
    """A test's name as the page has it: in short, and to be found."""
    path, _, name = test.partition("::")
    return f"`{Path(path).name}::{name}`"


def named(text: str) -> list[str]:
    """The tests that a page names, as `file.py::name`."""
    return re.findall(r"`(test_\w+\.py::test_\w+)`", text)

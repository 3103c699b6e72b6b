"""Logs in the journal carry how grave they are, so that journalctl -p finds them."""

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from webapp import logs, settings
from webapp.settings import Settings


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[io.StringIO]:
    """Standard output as if it were the journal."""
    written, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr(sys, "stdout", written)
    monkeypatch.setattr(logs, "stdout_is_journal", lambda: True)
    logs.set_up(settings.model_copy(update={"log_level": "DEBUG"}))
    yield written
    root.handlers, root.level = handlers, level
    logs.Lines.to_journal = False


def test_each_line_begins_with_its_priority(journal: io.StringIO) -> None:
    log = structlog.get_logger("webapp.journal")
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(log, level)("A line.", id=1)
    logging.getLogger("elsewhere").warning("Two\nlines")

    lines = journal.getvalue().splitlines()
    assert [line[:3] for line in lines] == ["<7>", "<6>", "<4>", "<3>", "<2>", "<4>"]
    assert json.loads(lines[2][3:])["event"] == "A line."


def test_a_traceback_has_it_on_every_line(journal: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logging.getLogger().handlers[0]
    monkeypatch.setattr(handler.formatter, "processors", [lambda *_: "one\ntwo\nthree"])

    logging.getLogger("elsewhere").error("x")

    assert journal.getvalue() == "<3>one\n<3>two\n<3>three\n"


def test_only_the_journal_itself_gets_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A shell started by a unit hands the variable on, whatever its own output goes to."""
    found = os.fstat(1)
    monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
    assert settings.stdout_is_journal()

    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    assert not settings.stdout_is_journal()
    monkeypatch.delenv("JOURNAL_STREAM")
    assert not settings.stdout_is_journal()

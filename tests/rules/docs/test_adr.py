"""Decisions are short, in order, and honest: a newcomer reads all of them in half an hour."""

import re
from pathlib import Path

import pytest

from webapp.settings import ROOT

FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
LONGEST = 40


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_its_three_parts_on_a_page(path: Path) -> None:
    """Context, decision, consequences: what is longer is documentation, and belongs where it is kept up to date."""
    lines = path.read_text().splitlines()

    assert [line for line in lines if line.startswith("## ")] == ["## Context", "## Decision", "## Consequences"]
    assert len(lines) <= LONGEST


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_what_a_record_names_exists(path: Path) -> None:
    """A decision that points at a file which is gone is not known to hold any more."""
    named = re.findall(r"`((?:webapp|tasks|deploy|docs|static|tests)/[^`\s]+)`", path.read_text())

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_records_are_numbered_and_listed() -> None:
    """A number is how people quote a decision; the list is how they find it."""
    index = (FOLDER / "README.md").read_text()
    titles = [path.read_text().splitlines()[0].removeprefix("# ") for path in RECORDS]

    assert [int(path.stem[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
    assert re.findall(r"^- \[(.+)\]\((.+)\)$", index, re.MULTILINE) == list(
        zip(titles, [path.name for path in RECORDS], strict=True)
    )

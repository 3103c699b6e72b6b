"""A reader can follow every reference: what is named is in the repository, or a link leads to it."""

import re
from pathlib import Path

import pytest

from tests.rules.source import ROOT, listed, searched

FOLDERS = ("webapp", "tasks", "tests", "docs", "templates", "deploy", "static/css", "static/js")
KINDS = (".py", ".md", ".html", ".txt", ".css", ".js", ".yaml", ".conf", ".toml")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def texts() -> list[Path]:
    """Returns our own text files."""
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]
    return [path for path in (*below, *PAGES, *ROOT.glob("*.py")) if path.is_file() and path != Path(__file__)]


def test_no_document_is_named_that_is_not_in_the_repository() -> None:
    """A reader who looks for it finds nothing, and learns that comments here cannot be trusted."""
    elsewhere = r"\bDESIGN(\.md)?( §|\b)|delivery_facts|\bSTYLE\.md|\bresearch/\w+\.md"

    assert listed(searched(iter(texts()), elsewhere)) == []


def test_no_guide_is_named_without_a_link() -> None:
    """Which guide? Who came later has never seen it."""
    assert listed(searched(iter(texts()), r"(?i)\bthe guide('s)?\b(?! to\b)")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    """The screenshots too."""
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []

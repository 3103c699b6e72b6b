"""How pages are built: under a strict Content-Security-Policy, and from parts that can be read one by one."""

from pathlib import Path

import pytest

from tests.rules.source import TEMPLATES, Found, listed, pages, searched

PAGES = [path for path in pages() if "{% extends" in path.read_text()]
LONGEST_PAGE = 40


def test_no_style_and_no_script_stand_in_the_markup() -> None:
    """The policy blocks them, so they would work in no browser; and a hole for one is a hole for an attacker's."""
    forbidden = r"\sstyle\s*=|<style|<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=|hx-on|javascript:|\bjs:"

    assert listed(searched(pages(), forbidden)) == []


@pytest.mark.parametrize("path", list(pages("_*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_fragment_names_its_needs_first(path: Path) -> None:
    """It is included from many places; what it needs would otherwise be learned from its errors."""
    first = path.read_text().partition("\n")[0]

    assert first.startswith("{# ")
    assert "Needs:" in first


def test_a_page_is_a_table_of_contents() -> None:
    """A page of at most 40 lines shows what is on it; the parts are where they can be swapped one by one."""
    long = [
        Found(path, lines, "lines") for path in PAGES if (lines := len(path.read_text().splitlines())) > LONGEST_PAGE
    ]

    assert len(PAGES) > 5
    assert listed(iter(long)) == []


def test_every_template_says_what_it_is() -> None:
    """The first line of a file is the cheapest documentation there is."""
    assert [str(path) for path in pages() if not path.read_text().startswith("{# ")] == []


def test_nothing_is_marked_as_safe() -> None:
    """A guest's name is shown on these pages: what is marked as safe runs in a clerk's browser."""
    assert listed(searched(pages(), r"\|\s*safe\b|autoescape\s+false")) == []


@pytest.mark.parametrize("kind", ["css", "js"])
def test_every_style_and_script_is_in_order(kind: str) -> None:
    """Pages get the files named in ORDER, joined; one that is not named there is never loaded."""
    folder = TEMPLATES.parent / "static" / kind
    ordered = (folder / "ORDER").read_text().split()

    assert sorted(Path(name).name for name in ordered) == sorted({Path(name).name for name in ordered})
    assert {path.name for path in folder.glob(f"*.{kind}")} <= set(ordered)
    assert [name for name in ordered if not (folder / name).is_file()] == []

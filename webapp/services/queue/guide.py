"""The setup guide's lines with their answers, read from docs/operations.md: one text for the repository and the page.

Of that page the sections are taken that somebody needs while it runs. Its Markdown is of four kinds: tables of two
columns, and in them code, emphasis and links.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from webapp.settings import ROOT

PAGE = ROOT / "docs" / "operations.md"
SECTIONS = ("Verification", "Monitoring", "Troubleshooting", "Monitoring checklist")
HEAD = "| the guide says |"
_PIECE = re.compile(r"`(?P<code>[^`]+)`|\*(?P<strong>[^*]+)\*|\[(?P<link>[^\]]+)\]\([^)]*\)|(?P<text>[^`*\[]+|.)")
_LINE = re.compile(r"^\|(.+)\|(.+)\|$")


@dataclass(frozen=True)
class Piece:
    """Some words: text, code, strong, or the address of a page here."""

    kind: str
    words: str


@dataclass(frozen=True)
class Answer:
    """One line of the guide and what is there instead; without a question the guide has nothing like it."""

    asked: tuple[Piece, ...]
    here: tuple[Piece, ...]


@dataclass(frozen=True)
class Section:
    """A part of the guide."""

    title: str
    answers: tuple[Answer, ...]


def sections(is_page: Callable[[str], bool]) -> list[Section]:
    """The sections, in the guide's order; `is_page` knows which of the addresses named are pages to go to."""
    parts = re.split(r"^## ", _text(), flags=re.MULTILINE)
    by_title = {part.partition("\n")[0].strip(): part for part in parts[1:]}
    return [Section(title, tuple(_answers(by_title[title], is_page))) for title in SECTIONS if title in by_title]


@cache
def _text() -> str:
    return PAGE.read_text() if PAGE.is_file() else ""


def _answers(part: str, is_page: Callable[[str], bool]) -> Iterator[Answer]:
    """The lines of the tables that begin with what the guide says; others have another subject."""
    is_ours = False
    for line in part.splitlines():
        found = _LINE.match(line)
        if not found or line.startswith(HEAD):
            is_ours = line.startswith(HEAD)
        elif is_ours and not line.startswith("|---"):
            asked, here = (tuple(_pieces(cell.strip(), is_page)) for cell in found.groups())
            yield Answer(() if asked == (Piece("text", "–"),) else asked, here)


def _pieces(cell: str, is_page: Callable[[str], bool]) -> Iterator[Piece]:
    for found in _PIECE.finditer(cell):
        kind, words = next((kind, words) for kind, words in found.groupdict().items() if words is not None)
        if kind == "code" and words.startswith("/") and is_page(words):
            kind = "page"
        yield Piece("text" if kind == "link" else kind, words)

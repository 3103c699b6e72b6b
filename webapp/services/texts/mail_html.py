"""The HTML of an e-mail whose text an admin wrote: the plain text, escaped, in the layout of the built-in ones."""

import re
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, Template

from webapp.settings import ROOT

# As the built-in texts set out their facts: indented, a word, a colon, and two spaces or more.
ROW = re.compile(r"\s{2,}([^:\n]{1,30}):\s{2,}(\S.*)")
GAP = re.compile(r"\n\s*\n\s*\n+")


@dataclass(frozen=True)
class Block:
    """A paragraph's lines, or the rows of a table."""

    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


def without_gaps(text: str) -> str:
    """The same with at most one empty line between two paragraphs: a reason that was not given leaves more."""
    return GAP.sub("\n\n", text)


def blocks(text: str) -> list[Block]:
    """A plain text's paragraphs and tables, in order."""
    parts = (part.strip("\n") for part in re.split(r"\n\s*\n", text))
    return [_block(part.splitlines()) for part in parts if part.strip()]


def _block(lines: list[str]) -> Block:
    rows = [ROW.fullmatch(line) for line in lines]
    if all(rows):
        return Block(rows=tuple((row[1], row[2].rstrip()) for row in rows if row))
    return Block(lines=tuple(line.strip() for line in lines))


def html(text: str, *, title: str, language: str) -> str:
    """The whole document."""
    return _layout().render(blocks=blocks(text), title=title, language=language)


@lru_cache(maxsize=1)
def _layout() -> Template:
    loader = FileSystemLoader(ROOT / "templates" / "mail")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("edited.html")

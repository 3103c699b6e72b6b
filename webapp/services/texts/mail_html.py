"""The HTML of an e-mail to a guest: its plain text, escaped, in the one layout that all of them share."""

import re
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, Template

from webapp import money
from webapp.settings import ROOT, current

# The built-in texts write a fact as indent, word, colon, and two spaces or more.
ROW = re.compile(r"\s{2,}([^:\n]{1,30}):\s{2,}(\S.*)")
GAP = re.compile(r"\n\s*\n\s*\n+")


@dataclass(frozen=True)
class Block:
    """The lines of a paragraph, or the rows of a table."""

    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


def without_gaps(text: str) -> str:
    """Returns the text with at most one empty line between two paragraphs: a reason that was not given leaves more."""
    return GAP.sub("\n\n", text)


def blocks(text: str) -> list[Block]:
    """Returns a plain text's paragraphs and tables, in order."""
    parts = (part.strip("\n") for part in re.split(r"\n\s*\n", text))
    return [_block(part.splitlines()) for part in parts if part.strip()]


def _block(lines: list[str]) -> Block:
    rows = [ROW.fullmatch(line) for line in lines]
    if all(rows):
        return Block(rows=tuple((row[1], row[2].rstrip()) for row in rows if row))
    return Block(lines=tuple(line.strip() for line in lines))


def html(text: str, *, title: str, language: str) -> str:
    """Returns the whole document, with the business's name and colour on top."""
    return _layout().render(
        blocks=blocks(text),
        title=title,
        language=language,
        direction=money.locale_of(language).text_direction,
        business=current().business_name,
        colour=current().business_colour,
    )


@lru_cache(maxsize=1)
def _layout() -> Template:
    loader = FileSystemLoader(ROOT / "templates" / "texts")
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True).get_template("layout.html")

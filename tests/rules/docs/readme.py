"""The README's blocks of commands, for the rules here and for the tests that run them."""

import re
from typing import NamedTuple

from webapp.settings import ROOT

TEXT = (ROOT / "README.md").read_text()


class Block(NamedTuple):
    """One fenced block: its mark, as in ```sh setup, and the commands."""

    mark: str
    commands: str


def blocks() -> list[Block]:
    """Every block of shell commands, in order; `second-terminal` and `api…` belong into one shell, in this order."""
    found = re.findall(r"^```(?:sh|console|bash)[ \t]*(\S*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return [Block(mark, commands) for mark, commands in found]

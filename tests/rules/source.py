"""Reading the house's own files, for the rules."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from webapp.settings import ROOT

WEBAPP, TASKS, TEMPLATES = ROOT / "webapp", ROOT / "tasks", ROOT / "templates"


class Found(NamedTuple):
    """Something in a file; reads as `webapp/cli.py:12: what`."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.what}"


def listed(found: Iterator[Found]) -> list[str]:
    """Findings as a failing test shows them."""
    return sorted(str(one) for one in found)


def modules(*folders: Path) -> Iterator[Path]:
    """The Python files below folders; migrations have Alembic's shape, not ours."""
    for folder in folders or (WEBAPP, TASKS):
        yield from (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def nodes(*folders: Path) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of every module below folders."""
    for path in modules(*folders):
        for node in ast.walk(ast.parse(path.read_text())):
            yield path, node


def imports(*folders: Path) -> Iterator[Found]:
    """Everything imported, with its dotted name; those inside functions too."""
    for path, node in nodes(*folders):
        if isinstance(node, ast.Import):
            yield from (Found(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Found(path, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def pages(pattern: str = "*.html") -> Iterator[Path]:
    """The templates that staff see; the texts for guests have rules of their own."""
    return (path for path in sorted(TEMPLATES.rglob(pattern)) if "texts" not in path.relative_to(TEMPLATES).parts)


def searched(paths: Iterator[Path], pattern: str) -> Iterator[Found]:
    """Where a pattern stands in files."""
    for path in paths:
        text = path.read_text()
        for match in re.finditer(pattern, text):
            yield Found(path, text.count("\n", 0, match.start()) + 1, match.group().strip())

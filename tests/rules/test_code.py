"""Small rules of the Python code, each because its breach was, or would be, a fault that no other test sees."""

import ast
from collections.abc import Iterator
from enum import StrEnum

import pytest

from tests.rules.source import ROOT, WEBAPP, Found, listed, modules, nodes, pages, searched
from webapp.models import AttemptOutcome, BookingStatus, MessageStatus, PauseKind, PaymentState, PaymentStatus

STATUSES: tuple[type[StrEnum], ...] = (
    MessageStatus, BookingStatus, PaymentState, PaymentStatus, AttemptOutcome, PauseKind,
)  # fmt: skip
WORDS = {member.value for kind in STATUSES for member in kind}


def calls(name: str) -> Iterator[Found]:
    """Where something of this name is called, as a function or a method."""
    for path, node in nodes():
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name:
                yield Found(path, node.lineno, ast.unparse(node.func))


def test_only_a_write_block_commits() -> None:
    """On SQLite a write must begin IMMEDIATE, and a worker must never see half an act: `writing()` does both."""
    assert [str(found.path.relative_to(ROOT)) for found in calls("commit")] == ["webapp/database/__init__.py"]


def test_nothing_prints() -> None:
    """Logs are JSON in production: a printed line breaks what reads them, and may carry a guest's number."""
    assert listed(calls("print")) == []


@pytest.mark.parametrize("room", ["routes", "api"])
def test_a_route_asks_a_service_and_not_the_database(room: str) -> None:
    """A query in a route is a rule that page, API and command cannot share."""
    assert listed(searched(modules(WEBAPP / room), r"\b(select|update|delete)\(|\bdb\.session\b[^\n]*")) == []


def test_only_settings_reads_the_environment() -> None:
    """One file reads and validates it; a setting read elsewhere is in no list and is never checked."""
    reads = searched(modules(), r"os\.environ|getenv\(")

    assert listed(found for found in reads if found.path.name != "settings.py") == []


def _bare(node: ast.Compare) -> set[str]:
    """The status words that a comparison with something's status spells out."""
    sides = [node.left, *node.comparators]
    if not any(
        getattr(side, "attr", getattr(side, "id", "")).endswith(("status", "outcome", "kind")) for side in sides
    ):
        return set()
    spelled = [part for side in sides for part in ast.walk(side) if isinstance(part, ast.Constant)]
    return {part.value for part in spelled if isinstance(part.value, str)} & WORDS


def test_code_compares_no_status_with_bare_words() -> None:
    """A misspelled word compares unequal for ever, and a new status is missed where a list of words stands."""
    bare = (
        Found(path, node.lineno, ast.unparse(node))
        for path, node in nodes(WEBAPP)
        if isinstance(node, ast.Compare) and "models" not in path.parts and _bare(node)
    )

    assert listed(bare) == []


def test_templates_compare_no_status_with_bare_words() -> None:
    """The same, where not even a type checker looks: a page asks a predicate of the row, or loops over the enum."""
    words = "|".join(sorted(WORDS))
    bare = searched(pages(), rf"\bstatus\s*(==|!=|in|not in)\s*[\[(]?\s*[\"']({words})[\"'][^%}}]*")

    assert listed(bare) == []


def test_everything_public_says_why_it_is_there() -> None:
    """A module without a first line is read in full by everybody who only wanted to know whether to read it."""
    silent = (
        path for path in modules() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    )

    assert [str(path.relative_to(WEBAPP.parent)) for path in silent] == []


def test_a_file_named_in_a_comment_exists() -> None:
    """A comment that sends its reader to a file which is not there is worse than none."""
    named = searched(
        modules(), r"\b(webapp|tasks|tests|deploy|docs|templates|static)/[\w/.-]+\.(py|md|html|txt|conf)\b"
    )

    assert listed(found for found in named if not (ROOT / found.what).exists()) == []

"""What kind of channel it is stands in its traits: code that asks for a channel's name would leave out the next one."""

import ast
from functools import cache
from pathlib import Path

from tests.rules.source import WEBAPP, Found, listed, nodes, pages, searched
from webapp.models import ChannelName

MAY_NAME_ONE = (WEBAPP / "channels", WEBAPP / "models")
BY_NAME = ("words.py",)  # Holds each channel's word by its name, and nothing that depends on it.
NAMED = {"sms", "whatsapp"}  # "email" is a field of forms too: only its comparisons are looked for.
COLUMN = "address_field"  # Its value is the name of a booking's column, which a channel has too.


@cache
def elsewhere() -> list[tuple[Path, ast.AST]]:
    """Every node outside the rooms that know channels by name."""
    return [(path, node) for path, node in nodes() if not set(MAY_NAME_ONE) & set(path.parents)]


def at(path: Path, node: ast.AST) -> Found:
    """A node as a failing test shows it."""
    return Found(path, getattr(node, "lineno", 0), ast.unparse(node))


def test_no_code_names_a_channel() -> None:
    """`ChannelName.EMAIL` asks which channel it is; `channel.has_receipts` says why it matters."""
    members = {name for name, value in vars(ChannelName).items() if isinstance(value, ChannelName)}
    wrong = (
        at(path, node)
        for path, node in elsewhere()
        if isinstance(node, ast.Attribute) and node.attr in members and ast.unparse(node.value).endswith("ChannelName")
    )

    assert members and elsewhere() and listed(wrong) == []


def test_no_code_spells_a_channel() -> None:
    """The same for its name as a text."""
    wrong = (
        at(path, node)
        for path, node in elsewhere()
        if isinstance(node, ast.Constant) and node.value in NAMED and path.name not in BY_NAME
    )

    assert listed(wrong) == []


def about_a_channel(node: ast.AST) -> bool:
    """Whether a text in here is the name of a channel: it is compared, or settings are asked for its provider."""
    asked = ("provider", "deadline", "missing_for", "reaches_people")
    if isinstance(node, ast.Compare):
        return not (isinstance(node.left, ast.Attribute) and node.left.attr == COLUMN)
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in asked


def test_no_code_compares_with_email() -> None:
    """E-mail's name is a form's field too, but a channel where it is compared."""
    wrong = (
        at(path, node)
        for path, node in elsewhere()
        if about_a_channel(node)
        if any(isinstance(part, ast.Constant) and part.value == "email" for part in ast.walk(node))
    )

    assert listed(wrong) == []


def test_no_page_names_a_channel() -> None:
    """A page that asks for a name shows the next channel wrongly."""
    spelled = searched(pages(), r"[\"'](sms|whatsapp)[\"']")
    compared = searched(pages(), rf"(?<!{COLUMN} )(==|!=|\bin\b|\bis\b) *[\[(]?[\"']email[\"']")

    assert listed(iter((*spelled, *compared))) == []

"""Every sentence of the pages goes through the catalogue, or some of the staff read another language than theirs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2 import nodes as jinja

from tests.rules.source import ROOT, TEMPLATES, WEBAPP, Found, listed, nodes, pages
from webapp import errors

FOR_ADMINS_BY_MAIL = "mail"
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
TRANSLATES = {"_", "gettext", "ngettext"}
SAYS = {"flash"}
SENTENCES = {"toast", "title"}
ERRORS = {
    kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BellhopError)
}
ERRORS -= {"NotReady", "BellhopError"}  # Commands say the one; nobody raises the other.
# What a program says that speaks no page's language.
NO_PAGES = ("api", "cli.py", "doctor", "channels", "settings.py", "setting_values", "startup.py")
_ATTRIBUTE = re.compile(r'\s(?:aria-label|title|placeholder|alt)="([^"]*[^\W\d_]{2}[^"]*)"')
_NOT_READ = re.compile(r"<(script|style|svg|code|kbd)\b.*?</\1>", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][a-z]+(?:[ ,.:…].*)?")
_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
_ENTITY = re.compile(r"&#?\w+;")


def templates() -> list[Path]:
    return [path for path in pages() if FOR_ADMINS_BY_MAIL not in path.parts]


def bare_text(source: str) -> Iterator[str]:
    """The words that stand in the markup itself, and in attributes that are read out."""
    markup, in_trans = "", False
    tokens = iter(ENVIRONMENT.lex(source))
    for _, kind, value in tokens:
        if kind in ("block_begin", "variable_begin"):
            inside: list[str] = []
            for _, part, word in tokens:
                if part in ("block_end", "variable_end"):
                    break
                if part != "whitespace":
                    inside.append(word)
            if inside[:1] == ["trans"]:
                in_trans = True
            elif inside[:1] == ["endtrans"]:
                in_trans = False
            markup += " "
        elif kind == "data" and not in_trans:
            markup += value
    yield from _ATTRIBUTE.findall(markup)
    text = re.sub(r"<[^<>]*>", "\n", _NOT_READ.sub(" ", markup))
    yield from (line.strip() for line in _ENTITY.sub("", text).splitlines() if re.search(r"[^\W\d_]{2}", line))


def bare_strings(source: str) -> Iterator[tuple[int, str]]:
    """The strings in expressions that read like a sentence and are not given to the catalogue."""
    tree = ENVIRONMENT.parse(source)
    translated = {
        id(part)
        for call in tree.find_all(jinja.Call)
        if isinstance(call.node, jinja.Name) and call.node.name in TRANSLATES
        for part in call.find_all(jinja.Const)
    }
    compared = {id(part) for test in tree.find_all(jinja.Compare) for part in test.find_all(jinja.Const)}
    for const in tree.find_all(jinja.Const):
        text = const.value
        if not isinstance(text, str) or id(const) in translated | compared:
            continue
        if _SENTENCE.fullmatch(text) or (_WORDS.search(text) and not _is_class(text)):
            yield const.lineno, text


CLASSES = set(re.findall(r"\.([a-z][\w-]*)", "".join(p.read_text() for p in (ROOT / "static" / "css").glob("*.css"))))


def _is_class(text: str) -> bool:
    return all(word in CLASSES or "-" in word for word in text.split())


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_says_nothing_past_the_catalogue(path: Path) -> None:
    """A sentence that stands in the markup stays English for everybody."""
    source = path.read_text()

    assert list(bare_text(source)) == []
    assert list(bare_strings(source)) == []


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression is a sentence as it stands, or is put together from pieces."""
    if isinstance(node, ast.BinOp | ast.IfExp):
        return any(_is_plain(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


def _said(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in SAYS | ERRORS:
        yield from call.args[:1]
    if name in ERRORS:
        yield from (k.value for k in call.keywords if k.arg == "sentence")
        for fields in (k.value for k in call.keywords if k.arg == "fields"):
            if isinstance(fields, ast.Dict):
                yield from fields.values
    yield from (k.value for k in call.keywords if k.arg in SENTENCES)


def test_python_says_nothing_past_the_catalogue() -> None:
    """Sentences of errors, toasts and flashes are read on pages."""
    found = (
        Found(path, said.lineno, ast.unparse(said)[:60])
        for path, node in nodes(WEBAPP)
        if path.relative_to(WEBAPP).parts[0] not in NO_PAGES and isinstance(node, ast.Call)
        for said in _said(node)
        if _is_plain(said)
    )

    assert listed(found) == []

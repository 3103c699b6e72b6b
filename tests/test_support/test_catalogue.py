"""What `make check` says of the catalogues."""

import ast

from babel.messages import Catalog

from tests.rules.source import WEBAPP, Found, listed, nodes
from tests.support import catalogue


def complaints(sentence: str | tuple[str, str], said: str | tuple[str, ...]) -> list[str]:
    catalog = Catalog(locale="de")
    catalog.add(sentence, said)
    return [line for message in catalog if message.id for line in catalogue.faults(message, catalog)]


def test_a_whole_translation_is_fine() -> None:
    assert complaints("Saved as %(name)s.", "Als %(name)s gespeichert.") == []
    assert complaints(("%(num)s message", "%(num)s messages"), ("eine Nachricht", "%(num)s Nachrichten")) == []


def test_a_missing_one_is_named() -> None:
    assert complaints("Saved.", "") == ["no translation"]
    assert complaints(("%(num)s message", "%(num)s messages"), ("eine Nachricht", "")) == ["no translation"]


def test_a_placeholder_is_neither_lost_nor_invented() -> None:
    assert complaints("Saved as %(name)s.", "Gespeichert.") == ["a placeholder is missing"]
    assert "other is not in the sentence" in complaints("Saved as %(name)s.", "%(name)s, %(other)s")


def test_every_language_of_the_pages_is_complete() -> None:
    """An installation must not need a tool to speak: the compiled catalogues are what the code and the words make."""
    assert [line for language in catalogue.LANGUAGES for line in catalogue.problems(language)] == []
    assert [path.name for path, content in catalogue.files().items() if path.read_bytes() != content] == []


def test_no_sentence_is_missed() -> None:
    """The extraction does not look into an f-string, nor into the arguments of another such call."""
    known = {
        one
        for message in catalogue.extracted()
        for one in ([message.id] if isinstance(message.id, str) else message.id)
    }
    said = (
        Found(path, call.lineno, one.value)
        for path, call in nodes(WEBAPP)
        if isinstance(call, ast.Call)
        for name in [getattr(call.func, "attr", getattr(call.func, "id", ""))]
        if name in catalogue.KEYWORDS
        for one in call.args[: 2 if name == "ngettext" else 1]
        if isinstance(one, ast.Constant) and one.value
    )

    assert listed(found for found in said if found.what not in known) == []
